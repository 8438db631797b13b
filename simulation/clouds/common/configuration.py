"""A provider's own configuration."""

from __future__ import annotations

import os
from collections.abc import Callable

from ...provider.errors import ProviderError
from ...provider.values import Object, text


def region_from(setting: str, *variables: str, missing: str) -> Callable[[Object], str]:
    """The region that a provider works in: of its configuration, else of the environment.

    Args:
        setting: Name in the configuration.
        *variables: Environment variables, the first that is set wins.
        missing: What the provider says where there is none, as a ProviderError.
    """

    def region_of(configuration: Object) -> str:
        region = text(configuration, setting) or next(filter(None, map(os.environ.get, variables)), "")
        if not region:
            raise ProviderError(missing)
        return region

    return region_of
