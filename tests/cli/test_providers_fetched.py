"""Which providers the engine may fetch by itself."""

from __future__ import annotations

import pytest

from cli.stack import load_stack

FETCHING = "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION"


def test_a_stack_without_a_cloud_fetches_no_provider_of_a_cloud(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(FETCHING, raising=False)
    assert load_stack("dev").variables[FETCHING] == "true"


def test_a_program_with_providers_of_its_own_may_have_them_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(FETCHING, "false")
    assert load_stack("dev").variables[FETCHING] == "false"


def test_a_stack_in_a_real_account_has_its_provider_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(FETCHING, raising=False)
    monkeypatch.setenv("SIMULATED", "0")
    assert FETCHING not in load_stack("aws").variables
