"""Set-up of every test: no cloud or cluster of the developer's is ever reachable by accident."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

pytest_plugins = ("tests.environment", "tests.leftovers")
PROJECT = Path(__file__).resolve().parent.parent
_FOREIGN = ("KUBECONFIG", "CRD_DIR", "AWS_", "GOOGLE_", "AZURE_", "ARM_", "PULUMI_ACCESS_TOKEN", "HF_TOKEN")

# An f-string over an Output is the commonest bug of a Pulumi program; this makes it raise.
os.environ["PULUMI_ERROR_OUTPUT_STRING"] = "1"
CREDENTIALS = {name: os.environ.pop(name) for name in list(os.environ) if name.startswith(_FOREIGN)}
"""What the developer has, for tests/live_accounts alone."""
# A test run started in the background ignores SIGINT, and so would every program that a test interrupts.
signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="rewrite the golden files from what is computed")


@pytest.fixture(scope="session")
def project() -> Path:
    """Root of the checkout."""
    return PROJECT
