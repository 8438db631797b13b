"""Failures that pass by themselves are tried again; all others end the command."""

from __future__ import annotations

from pathlib import Path

import pytest

from cli import engine as engine_module
from cli.engine import Engine
from cli.retries import CONNECTION_LOST, ROLE_ACTS_LATE, Attempts
from cli.terminal import Finished

# As AKS answers while a role that was granted a moment ago does not act yet: terraform-provider-azurerm issue 24064
# and https://learn.microsoft.com/troubleshoot/azure/azure-kubernetes/create-upgrade-delete.
MISSING_ROLE = (
    'error: Code="CustomKubeletIdentityMissingPermissionError" Message="The cluster using user-assigned managed '
    "identity must be granted 'Managed Identity Operator' role to assign kubelet identity.\""
)


def run_with(monkeypatch: pytest.MonkeyPatch, *tails: str) -> tuple[int, list[float]]:
    """Exit status and waits of a command whose attempts print these; the one after the last succeeds."""
    left, waits = list(tails), list[float]()

    def run_live(*_arguments: object) -> Finished:
        return Finished(code=1, tail=left.pop(0)) if left else Finished(code=0, tail="")

    monkeypatch.setattr(engine_module, "run_live", run_live)
    monkeypatch.setattr(engine_module.time, "sleep", waits.append)
    engine = Engine(Path("/"), "azure", lambda: None, lambda: None, {})
    return engine._with_retries(["up"]), waits  # pyright: ignore[reportPrivateUsage]  # what every command goes through


def test_b13_a_role_that_does_not_act_yet_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    assert run_with(monkeypatch, MISSING_ROLE, MISSING_ROLE) == (0, [15, 30])


def test_b13_a_role_that_is_really_missing_ends_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    code, waits = run_with(monkeypatch, *[MISSING_ROLE] * 10)
    assert code == 1
    assert waits == list(ROLE_ACTS_LATE.waits)
    assert 5 * 60 <= sum(waits) <= 10 * 60, "Azure says up to ten minutes"


def test_a_lost_connection_is_tried_twice_more(monkeypatch: pytest.MonkeyPatch) -> None:
    assert run_with(monkeypatch, *["connection refused"] * 10) == (1, list(CONNECTION_LOST.waits))


def test_each_kind_of_failure_has_attempts_of_its_own() -> None:
    attempts = Attempts()
    assert [attempts.after(text) for text in ("i/o timeout", MISSING_ROLE, "i/o timeout", "i/o timeout")] == [
        (CONNECTION_LOST, 2),
        (ROLE_ACTS_LATE, 15),
        (CONNECTION_LOST, 4),
        None,
    ]


def test_any_other_failure_ends_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    assert run_with(monkeypatch, 'error: Code="QuotaExceeded"') == (1, [])
