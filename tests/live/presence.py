"""What tests of live nodes do where something that they need is missing."""

from __future__ import annotations

import os
from typing import NoReturn

import pytest


def missing(reason: str) -> NoReturn:
    """Skip with the reason; fail in CI and with ``LIVE_REQUIRED``, where nothing may be missing."""
    if os.environ.get("CI") or os.environ.get("LIVE_REQUIRED"):
        pytest.fail(reason)
    pytest.skip(reason)
