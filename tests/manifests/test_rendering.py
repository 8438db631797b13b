"""Rendering writes what it says and nowhere else."""

from __future__ import annotations

from pathlib import Path

import pytest

from cli.rendering import render_objects, render_stack
from cli.stack import load_stack
from components.contracts.errors import StrataError
from stacks.recording import Registered
from stacks.yaml_file import Value

GOLDEN = Path(__file__).resolve().parents[1] / "golden" / "dev"


def made(name: str, namespace: str = "models", kind: str = "ConfigMap") -> Registered:
    inputs: dict[str, Value] = {"apiVersion": "v1", "kind": kind, "metadata": {"name": name, "namespace": namespace}}
    return Registered("kubernetes:core/v1:ConfigMap", name, inputs, "provider")


@pytest.mark.parametrize("name", ["../../escaped", "UPPER", "a\nb", "a/b", "\u202ea", "", ".", "..", "a" * 3 + "\0"])
def test_names_that_are_no_names_are_refused(name: str) -> None:
    with pytest.raises(StrataError):
        render_objects([made(name)])


def test_two_objects_never_share_a_file() -> None:
    with pytest.raises(StrataError, match="second object"):
        render_objects([made("one"), made("one")])


def test_names_that_look_alike_once_joined_stay_apart() -> None:
    assert len(render_objects([made("b-c", namespace="a"), made("c", namespace="a-b")])) == 2


def test_foreign_files_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text("keep")
    with pytest.raises(StrataError, match="not rendered"):
        render_stack(load_stack("dev"), tmp_path)
    assert (tmp_path / "mine.yaml").read_text() == "keep"


def test_a_link_in_the_directory_is_replaced_and_not_followed(tmp_path: Path) -> None:
    outside, out = tmp_path / "outside.yaml", tmp_path / "out"
    outside.write_text("keep")
    render_stack(load_stack("dev"), out)
    link = out / "service..models..qwen2-7b.yaml"
    link.unlink()
    link.symlink_to(outside)
    render_stack(load_stack("dev"), out)
    assert outside.read_text() == "keep"
    assert not link.is_symlink()


def test_an_index_cannot_name_files_elsewhere(tmp_path: Path) -> None:
    victim, out = tmp_path / "victim.yaml", tmp_path / "out"
    victim.write_text("keep")
    render_stack(load_stack("dev"), out)
    (out / ".rendered").write_text("../victim.yaml\n" + (out / ".rendered").read_text())
    render_stack(load_stack("dev"), out)
    assert victim.read_text() == "keep"


def test_secrets_are_withheld(rendered: Path) -> None:
    text = "".join(path.read_text() for path in rendered.glob("*.yaml"))
    assert "withheld" in text
    assert "hf_development_placeholder" not in text


def test_the_dev_stack_renders_as_committed(rendered: Path, request: pytest.FixtureRequest) -> None:
    fresh = {path.name: path.read_text() for path in rendered.glob("*.yaml")}
    if request.config.getoption("--update-golden"):
        for path in GOLDEN.glob("*.yaml"):
            path.unlink()
        for name, text in fresh.items():
            (GOLDEN / name).write_text(text)
    golden = {path.name: path.read_text() for path in GOLDEN.glob("*.yaml")}
    assert fresh == golden, "look at the difference, then run `make golden`"
