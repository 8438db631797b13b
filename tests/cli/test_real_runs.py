"""What the command line says of stacks on real clouds that are not up; no credentials, nothing is made."""

from __future__ import annotations

import argparse
import os
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from cli import commands
from cli.__main__ import main
from cli.console import step
from cli.stack import LoadedStack, load_stack
from components.contracts.errors import StrataError
from stacks.definitions import Definitions
from stacks.guards import mark_backend
from stacks.mode import Mode, make_command


@pytest.fixture(autouse=True)
def real(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A real run on an empty backend of its own."""
    monkeypatch.setenv("SIMULATED", "0")
    monkeypatch.setenv("PULUMI_BACKEND_URL", f"file://{tmp_path}")
    return tmp_path


def test_a_command_that_is_recommended_in_a_real_run_is_about_the_real_stack() -> None:
    assert make_command("down", "acme/strata/aws", Mode.REAL) == "make down STACK=aws SIMULATED=0"
    assert make_command("down", "aws", Mode.SIMULATED) == "make down STACK=aws"
    assert make_command("up", "dev", Mode.NO_CLOUD) == "make up STACK=dev"


@pytest.mark.parametrize("stack", ["aws", "aws-foundation", "onprem", "hybrid"])
def test_a_stack_that_is_not_up_has_no_status(stack: str, real: Path) -> None:
    with pytest.raises(StrataError) as caught:
        commands.status(argparse.Namespace(stack=stack))
    assert f"stack {stack}: is not up" in str(caught.value)
    assert f"make up STACK={stack} SIMULATED=0" in str(caught.value)
    assert list(real.iterdir()) == []


def test_real_prerequisites_are_brought_up_by_a_real_run() -> None:
    with pytest.raises(StrataError) as caught:
        commands.status(argparse.Namespace(stack="aws-serving"))
    assert "make up STACK=aws-foundation SIMULATED=0" in str(caught.value)
    assert "make up STACK=aws-platform SIMULATED=0" in str(caught.value)


def test_stopping_what_runs_elsewhere_is_said_to_do_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert commands.stop(argparse.Namespace(stack="aws")) == 0
    assert "nothing was stopped" in capsys.readouterr().out


def test_taking_a_simulated_stack_down_names_the_real_one(
    real: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    simulated = {"STRATA_SIMULATED_CLOUD": str(real), "PULUMI_BACKEND_URL": f"file://{real}"}
    mark_backend(simulated["PULUMI_BACKEND_URL"])
    stack = replace(load_stack("aws"), mode=Mode.SIMULATED, variables={**os.environ, **simulated})

    def load(_name: str, _definitions: Definitions) -> LoadedStack:
        return stack

    monkeypatch.setattr(commands, "load_stack", load)
    assert commands.down(argparse.Namespace(stack="aws")) == 0
    said = capsys.readouterr().out
    assert "there is no simulated stack aws" in said
    assert "a real stack of that name was not touched: make down STACK=aws SIMULATED=0" in said


def test_a_step_that_failed_gets_no_check_mark(capsys: pytest.CaptureFixture[str]) -> None:
    with step("pulumi up") as run:
        run.code = 255
    with step("cluster"):
        pass
    failed, done = (line for line in capsys.readouterr().out.splitlines() if " s" in line)
    assert "✗ failed after" in failed
    assert "✓" in done


def test_a_folder_that_cannot_be_written_is_no_traceback(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", ["strata", "render", "dev", "/proc/nowhere"])
    assert main() == 1
    assert "/proc/nowhere: No such file or directory" in capsys.readouterr().err


def test_a_program_that_is_not_installed_is_no_traceback(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setattr(sys, "argv", ["strata", "check", "aws-serving"])
    assert main() == 1
    said = capsys.readouterr().err
    assert "pulumi: No such file or directory" in said
    assert "make toolchain" in said
