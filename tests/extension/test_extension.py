"""A project adds an environment and a layer, one file each, and changes nothing of Strata for it."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Generator
from pathlib import Path

import pytest

from cli.dependents import dependencies, require_no_dependents
from components.contracts.errors import StrataError
from stacks.checks import check_all
from stacks.definitions import OURS, define
from stacks.mode import Mode
from stacks.reading import read_stack
from tests.extension.program import ALL_ENVIRONMENTS, ALL_LAYERS
from tests.sandbox import Sandbox, sandbox

MAIN = """from pathlib import Path

from tests.extension.program import declare

declare(Path(__file__).resolve().parent)
"""
TOY = """config:
  strata:target: { kind: toy, name: toys, shelf: upper shelf }
  strata:node_pools:
    - { name: h100, kind: gpu, instance_type: p5.48xlarge, count: 1 }
    - { name: cpu, kind: cpu, instance_type: m7i.8xlarge, count: 1 }
  strata:notes: { greeting: hello }
  strata:models:
    - name: qwen2-7b
      model: Qwen/Qwen2-7B-Instruct
      revision: f2826a00ceef68f0f2b946d945ecc0477ce4450c
      replicas: 1
encryptionsalt: v1:/sqpr6mnepI=:v1:j2h5ZDzeZEwBG4T6:pePQfSlCoRvhqDfB9aSb8+SXWp2XXw==
"""
EXTENDED = define(ALL_ENVIRONMENTS, ALL_LAYERS)


def problems_of(folder: Path, old: str, new: str) -> str:
    (folder / "Pulumi.toy.yaml").write_text(TOY.replace(old, new))
    with pytest.raises(Exception) as caught:  # noqa: PT011 - the text is compared below
        check_all(folder, read_stack(folder, "toy", EXTENDED).settings, EXTENDED)
    return str(caught.value)


def test_settings_that_are_composed_are_those_that_are_written_out() -> None:
    composed = define([*OURS.environments], [*ALL_LAYERS])
    for scope, ours in OURS.scopes.items():
        theirs = composed.scopes[scope].settings.model_fields
        assert set(ours.settings.model_fields) <= set(theirs)
        assert set(theirs) - set(ours.settings.model_fields) <= {"notes"}


def test_both_are_checked_like_ours(tmp_path: Path) -> None:
    assert "p5e.48xlarge is not among the toys" in problems_of(tmp_path, "p5.48xlarge", "p5e.48xlarge")
    assert "notes.greeting: is empty" in problems_of(tmp_path, "hello", "''")
    assert "with one of local, existing, eks, gke, aks, kubeadm, toy" in problems_of(tmp_path, "kind: toy", "kind: toi")
    assert "target.shelf" in problems_of(tmp_path, ", shelf: upper shelf", "")
    assert "did you mean 'notes'?" in problems_of(tmp_path, "strata:notes", "strata:notse")


def test_a_layer_has_a_scope_of_its_own(tmp_path: Path) -> None:
    text = "config:\n  strata:scope: notes\n  strata:foundation: toy\n  strata:platform: toy\n  strata:notes: {a: b}\n"
    (tmp_path / "Pulumi.notes.yaml").write_text(text)
    needs = read_stack(tmp_path, "notes", EXTENDED).stack.needs
    assert [(need.field, need.stack) for need in needs] == [("foundation", "toy"), ("platform", "toy")]


def test_a_stack_of_the_layer_keeps_the_stack_below_it(tmp_path: Path) -> None:
    text = "config:\n  strata:scope: notes\n  strata:foundation: toy\n  strata:platform: toy\n  strata:notes: {a: b}\n"
    (tmp_path / "Pulumi.notes.yaml").write_text(text)
    (tmp_path / "Pulumi.toy.yaml").write_text(TOY)
    with pytest.raises(StrataError, match="notes builds on it and must be removed first"):
        require_no_dependents(dependencies(tmp_path, EXTENDED), "toy", Mode.NO_CLOUD, lambda name: name == "notes")


def test_our_own_program_knows_neither(tmp_path: Path) -> None:
    (tmp_path / "Pulumi.toy.yaml").write_text(TOY)
    with pytest.raises(Exception, match="kind 'toy' is not known"):
        read_stack(tmp_path, "toy")


@pytest.fixture(scope="module")
def box(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Generator[Sandbox, None, None]:
    """A project whose ``__main__`` passes the longer lists."""
    with sandbox(project, tmp_path_factory.mktemp("extension"), "dev") as copy:
        shutil.copytree(
            project / "tests" / "extension", copy.folder / "tests" / "extension", ignore=shutil.ignore_patterns("__py*")
        )
        (copy.folder / "tests" / "__init__.py").touch()
        (copy.folder / "__main__.py").write_text(MAIN)
        (copy.folder / "Pulumi.toy.yaml").write_text(TOY)
        yield copy.beside("toy")


def ran(box: Sandbox, command: str) -> subprocess.CompletedProcess[str]:
    python = str(box.folder / ".venv/bin/python")
    done = box.run([python, "-m", "tests.extension.program", command, "toy"])
    assert done.returncode == 0, done.stdout + done.stderr
    return done


@pytest.mark.engine
@pytest.mark.slow
def test_check_preview_and_up_take_the_longer_lists(box: Sandbox) -> None:
    assert "Pulumi.toy.yaml is valid: 1 models on 1 GPUs" in ran(box, "check").stdout
    assert "qwen2-7b" in ran(box, "plan").stdout.lower()
    assert "notes" in ran(box, "preview").stdout
    said = ran(box, "up").stdout
    assert "qwen2-7b" in said
    kubeconfig = box.folder / ".strata" / "control-planes" / "toys" / "kubeconfig"
    shown = box.run(
        ["kubectl", f"--kubeconfig={kubeconfig}", "get", "configmap", "notes", "-n", "models", "-o", "jsonpath={.data}"]
    )
    assert shown.stdout == '{"greeting":"hello"}'
    outputs = box.run(["pulumi", "stack", "output", "--json", "-s", "toy"]).stdout
    assert '"notes.example.com"' in outputs
    assert "toys" in ran(box, "status").stdout or "qwen2-7b" in ran(box, "status").stdout
    ran(box, "down")
