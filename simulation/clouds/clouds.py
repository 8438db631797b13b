"""Which simulated cloud takes the place of which provider: one row for each environment that the engine provisions.

A plugin process serves one cloud, so the tables of a cloud are imported only when it is loaded.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..provider.tables import Cloud


def _aws() -> Cloud:
    from .aws.cloud import AWS  # noqa: PLC0415

    return AWS


def _gcp() -> Cloud:
    from .gcp.cloud import GCP  # noqa: PLC0415

    return GCP


def _azure() -> Cloud:
    from .azure.cloud import AZURE  # noqa: PLC0415

    return AZURE


def _command() -> Cloud:
    from .command.cloud import COMMAND  # noqa: PLC0415

    return COMMAND


@dataclass(frozen=True, kw_only=True)
class Twin:
    """The simulated counterpart of an environment.

    Attributes:
        environment: ``target.kind`` of the stacks that use it.
        package: Pulumi package whose provider it takes the place of.
        load: Imports its tables.
    """

    environment: str
    package: str
    load: Callable[[], Cloud]


TWINS = (
    Twin(environment="eks", package="aws", load=_aws),
    Twin(environment="gke", package="gcp", load=_gcp),
    Twin(environment="aks", package="azure-native", load=_azure),
    Twin(environment="kubeadm", package="command", load=_command),
)

_LOADERS = {twin.package: twin.load for twin in TWINS}

PACKAGES = tuple(_LOADERS)
"""Pulumi packages that are simulated."""


def cloud_of(package: str) -> Cloud:
    """The simulated cloud of a Pulumi package.

    Raises:
        KeyError: when it is not simulated.
    """
    return _LOADERS[package]()
