"""What `down` says of a stack that never was."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest

from cli.commands import down
from cli.engine import Engine
from components.contracts.errors import StrataError


def _engine(folder: Path, error: str, code: int) -> Engine:
    """An engine whose `pulumi` fails in these words, on a backend that is no folder."""
    program = folder / "pulumi"
    program.write_text(f"#!/bin/sh\necho '{error}' >&2\nexit {code}\n")
    program.chmod(0o755)
    environment = {"PATH": f"{folder}:/usr/bin:/bin", "PULUMI_BACKEND_URL": "s3://states"}
    return Engine(folder, "onprem", lambda: None, lambda: None, environment)


def test_a_real_stack_that_does_not_exist_is_not_said_to_be_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SIMULATED", "0")
    monkeypatch.setenv("PULUMI_BACKEND_URL", f"file://{tmp_path}")
    assert down(argparse.Namespace(stack="onprem")) == 0
    said = capsys.readouterr().out
    assert "there is no stack onprem; nothing was changed" in said
    assert "is gone" not in said
    assert list(tmp_path.iterdir()) == []


def test_a_stack_that_is_not_there_is_told_from_a_backend_that_does_not_answer(tmp_path: Path) -> None:
    assert not _engine(tmp_path, "error: no stack named onprem found", 6).exists()
    with pytest.raises(StrataError, match="no EC2 IMDS role found"):
        _engine(tmp_path, "error: read meta.yaml: no EC2 IMDS role found", 1).exists()
