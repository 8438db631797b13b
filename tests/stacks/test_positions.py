"""Every problem with a stack's file names the line, whoever found it."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from components.contracts.errors import StrataError
from stacks.mode import Mode
from stacks.reading import read_stack
from stacks.stack import OtherStacks
from stacks.yaml_file import read_yaml
from tests.stack_files import replace_text

TOKEN = f"hf_{'aB3' * 11}"


def problems(project: Path, folder: Path, stack: str, old: str, new: str) -> list[str]:
    """What reading and checking the changed stack refuses, as users see it."""
    replace_text(project, folder, stack, old, new)
    others = OtherStacks(mode=Mode.NO_CLOUD, outputs=lambda _stack: None, file=lambda _stack: None, prefer_files=True)
    with pytest.raises(StrataError) as caught:  # noqa: PT012 - either of the two may refuse
        file = read_stack(folder, stack)
        with file.positions.adding():
            file.stack.check(others)
    return [str(problem) for problem in caught.value.problems]


def line_of(folder: Path, stack: str, text: str) -> int:
    lines = (folder / f"Pulumi.{stack}.yaml").read_text().splitlines()
    return next(number for number, line in enumerate(lines, 1) if text in line)


FOUND_BY = {
    "a type": ("dev", "count: 2", "count: two", "node_pools[0].count"),
    "a rule of the cloud": ("aws", "us-east-2c", "us-west-2a", "target.network.zones[2]"),
    "the planner": ("dev", "Qwen/Qwen2-7B-Instruct", "openai/gpt-4o", "models[0].model"),
    "a rule about customize": (
        "dev",
        "replicas: 2",
        "replicas: 2\n      customize: {environment: {LD_PRELOAD: x}}",
        "models[0].customize.environment.LD_PRELOAD",
    ),
    "a catalog, for a pool by its name": (
        "azure",
        "Standard_NC24ads_A100_v4",
        "Standard_ND96isr_MI300X_v5",
        "node_pools[1].instance_type",
    ),
}


@pytest.mark.parametrize("finder", FOUND_BY)
def test_the_line_is_named_whoever_finds_the_problem(finder: str, project: Path, tmp_path: Path) -> None:
    stack, old, new, field = FOUND_BY[finder]
    first = problems(project, tmp_path, stack, old, new)[0]
    line = line_of(tmp_path, stack, new.splitlines()[-1])
    assert first.startswith(f"{field} (Pulumi.{stack}.yaml:{line}): ")


def test_a_missing_setting_names_where_the_settings_begin(project: Path, tmp_path: Path) -> None:
    text = (project / "Pulumi.dev.yaml").read_text()
    models = text[text.index("  strata:models:") : text.index("  strata:secrets:")]
    found = problems(project, tmp_path, "dev", models, "")
    assert found[0].startswith(f"models (Pulumi.dev.yaml:{line_of(tmp_path, 'dev', 'config:')}): is missing")


@pytest.mark.parametrize("written", ["stratta:models", "models"])
def test_a_setting_under_another_namespace_is_told_its_own(written: str, project: Path, tmp_path: Path) -> None:
    (found,) = problems(project, tmp_path, "dev", "  strata:models:", f"  {written}:")
    assert found.startswith(f"{written} (Pulumi.dev.yaml:{line_of(tmp_path, 'dev', f'  {written}:')}): has ")
    assert "fix: write strata:models" in found


SECRETS = {
    "the token in place of the key's name": (
        "hugging_face_token: huggingFaceToken",
        f"hugging_face_token: {TOKEN}",
        "secrets.hugging_face_token",
    ),
    "a setting's name": (
        "hugging_face_token: huggingFaceToken",
        "hugging_face_token: target",
        "secrets.hugging_face_token",
    ),
    "a path": ("hugging_face_token: huggingFaceToken", "hugging_face_token: ~/.token", "secrets.hugging_face_token"),
    "an encrypted part of a setting": ("    name: dev\n", "    name: {secure: AAAA}\n", "target.name"),
    "a number in place of encrypted text": (
        "    secure: v1:zwjYuCMLY9J/fl3V:uJjc868QShVyVr+ipfQlxyDSiN78u8svw/W1IXFhpYb8uirg+3O0wWzg",
        "    secure: 5",
        "strata:huggingFaceToken",
    ),
    "a token as a model": ("model: Qwen/Qwen2-7B-Instruct", f"model: {TOKEN}", "models[0].model"),
    "a token as a key": ("replicas: 2", f"{TOKEN}: 2", "models[0].[hidden: looks like a secret]"),
}


@pytest.mark.parametrize("mistake", SECRETS)
def test_one_mistake_with_a_secret_gives_one_problem_without_it(mistake: str, project: Path, tmp_path: Path) -> None:
    old, new, field = SECRETS[mistake]
    (found,) = problems(project, tmp_path, "dev", old, new)
    assert found.startswith(f"{field} (Pulumi.dev.yaml:")
    assert TOKEN not in found


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("a: &x 1\nb: *x\n", "Pulumi.x.yaml:2:4: uses an alias"),
        ("a: &x {b: 1}\nc:\n  <<: {d: 1}\n", "Pulumi.x.yaml:3:3: merges another mapping"),
        (f"a: {'[' * 2500}", "is nested too deeply"),
        ("a: !!python/tuple [1]\n", "Pulumi.x.yaml:1:4: carries the tag"),
        ('a: !!int "4"\n', "Pulumi.x.yaml:1:4: carries the tag"),
        ("a: !!str 4\n", "Pulumi.x.yaml:1:4: carries the tag"),
        ("#\n" * 600_000, "has more than 1,000,000 bytes"),
    ],
)
def test_what_readers_disagree_on_or_choke_on_is_refused_at_once(text: str, cause: str, tmp_path: Path) -> None:
    (tmp_path / "Pulumi.x.yaml").write_text(text)
    with pytest.raises(StrataError, match=re.escape(cause)):
        read_yaml(tmp_path / "Pulumi.x.yaml")


@pytest.mark.parametrize(
    "written", ["0x1f", "0o17", "0b11", "010", "089", "1_000", "+5", ".5", "5.", "12_3e1", "-0x1", ".inf", ".NaN"]
)
def test_a_number_that_the_engine_reads_otherwise_is_refused_at_its_setting(written: str, tmp_path: Path) -> None:
    (tmp_path / "Pulumi.x.yaml").write_text(f"config:\n  strata:pools:\n    - name: {written}\n")
    with pytest.raises(StrataError, match=re.escape("pools[0].name (Pulumi.x.yaml:3): ")):
        read_yaml(tmp_path / "Pulumi.x.yaml")


@pytest.mark.parametrize("written", ["2026-01-01", "2026-1-1 10:00:00", "2026-01-01T00:00:00Z"])
def test_a_time_that_the_engine_writes_in_its_own_form_is_refused(written: str, tmp_path: Path) -> None:
    (tmp_path / "Pulumi.x.yaml").write_text(f"config: {{strata:a: {written}}}\n")
    with pytest.raises(StrataError, match="read as another number, or as a time"):
        read_yaml(tmp_path / "Pulumi.x.yaml")


def test_other_scalars_are_what_the_engine_reads(tmp_path: Path) -> None:
    path = tmp_path / "Pulumi.x.yaml"
    path.write_text('a: [yes, "010", 1:30, 10.40.0.1, 1.2.3, True, NULL, 64Gi, 1e3, -4, 0, ~, 5GB/s, p5, f2826a00]\n')
    assert read_yaml(path).value == {
        "a": ["yes", "010", "1:30", "10.40.0.1", "1.2.3", True, None, "64Gi", 1000.0, -4, 0, None, "5GB/s", "p5"]
        + ["f2826a00"]
    }


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "Pulumi.x.yaml")
    with pytest.raises(StrataError, match="is not a regular file"):
        read_yaml(tmp_path / "Pulumi.x.yaml")
