"""Simulated accounts, empty but for what every account holds."""

from __future__ import annotations

from pathlib import Path

import pytest

from .aws_account import AwsAccount


@pytest.fixture
def aws(tmp_path: Path) -> AwsAccount:
    return AwsAccount(tmp_path)
