"""Old spellings are read for one release, named, and rewritten without losing a comment."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml

from components.contracts.errors import StrataError
from stacks.migrate import migrate
from stacks.reading import parse, read_stack
from stacks.renames import RENAMES, renames_for
from stacks.spellings import flow_text, old_spellings, translated
from stacks.yaml_file import Value, read_yaml
from tests.stack_files import put, replace_text

# The project's stack of each kind of target, a mapping that holds the setting, and its value in the old spelling.
STORAGE: Mapping[tuple[str, str], dict[str, Value]] = {
    ("eks", "capacity_gib"): {"kind": "lustre", "zone": "us-east-2b", "throughput": 250, "capacity_gib": 4800},
    ("gke", "capacity_gib"): {"kind": "filestore", "capacity_gib": 2560},
    ("aks", "capacity_gib"): {"kind": "files", "capacity_gib": 4096},
    ("aks", "capacity_tib"): {"kind": "lustre", "zone": "eastus2-1", "throughput": 250, "capacity_tib": 16},
}
OTHERS: Mapping[tuple[str, str], tuple[tuple[str, ...], Value]] = {
    ("aks", "gpu_gib"): (("target", "os_disk"), {"gpu_gib": 600}),
    ("aks", "cpu_gib"): (("target", "os_disk"), {"cpu_gib": 200}),
    ("eks", "support"): (("target", "support"), "EXTENDED"),
    ("aks", "support"): (("target", "support"), "AKSLongTermSupport"),
}
STACKS = {"eks": "aws", "gke": "gcp", "aks": "azure"}
CASES = [
    (kind, place, value)
    for (kind, _), (place, value) in (
        *OTHERS.items(),
        *(((kind, key), (("target", "shared_storage"), stored)) for (kind, key), stored in STORAGE.items()),
    )
]


def settings_of(project: Path, stack: str) -> dict[str, Value]:
    file = read_yaml(project / f"Pulumi.{stack}.yaml").value
    assert isinstance(file, dict)
    assert isinstance(file["config"], dict)
    return {key.removeprefix("strata:"): value for key, value in file["config"].items()}


def test_there_is_a_case_for_every_rename() -> None:
    assert {rename.old[-1] for rename in RENAMES} == {key for _, key in STORAGE.keys() | OTHERS.keys()}


@pytest.mark.parametrize(("kind", "place", "value"), CASES)
def test_an_old_spelling_means_what_the_new_one_does(
    kind: str, place: tuple[str, ...], value: Value, project: Path
) -> None:
    values = settings_of(project, STACKS[kind])
    put(values, place, value)
    (found,) = old_spellings(values, RENAMES)
    assert found.note("file:1").count(flow_text(found.value)) == 1
    changed = translated(values, RENAMES)
    assert list(old_spellings(changed, RENAMES)) == []
    encrypted = frozenset({"huggingFaceToken"})
    assert parse(values, encrypted) == parse(changed, encrypted)


@pytest.mark.parametrize(("kind", "place", "value"), CASES)
def test_a_file_is_rewritten_and_means_the_same(
    kind: str, place: tuple[str, ...], value: Value, project: Path, tmp_path: Path
) -> None:
    stack = STACKS[kind]
    for path in project.glob("Pulumi*.yaml"):
        shutil.copy(path, tmp_path)
    file = read_yaml(tmp_path / f"Pulumi.{stack}.yaml").value
    assert isinstance(file, dict)
    put(file, ("config", f"strata:{place[0]}", *place[1:]), value)
    path = tmp_path / f"Pulumi.{stack}.yaml"
    path.write_text(yaml.safe_dump(file))
    before = read_stack(tmp_path, stack)
    assert len(before.notes) == 1
    assert f"Pulumi.{stack}.yaml:" in before.notes[0]
    assert len(migrate(tmp_path, stack)) == 1
    after = read_stack(tmp_path, stack)
    assert (after.settings, after.notes) == (before.settings, [])
    assert migrate(tmp_path, stack) == (), "there is nothing left to do"


def test_comments_order_and_quotes_stay(project: Path, tmp_path: Path) -> None:
    old = "capacity_gib: 4096   # paid for whole"
    replace_text(project, tmp_path, "azure", "capacity: 4Ti", old)
    before = (tmp_path / "Pulumi.azure.yaml").read_text()
    migrate(tmp_path, "azure")
    after = (tmp_path / "Pulumi.azure.yaml").read_text()
    assert after == before.replace(old, "capacity: 4096Gi   # paid for whole")


def test_line_ends_stay(project: Path, tmp_path: Path) -> None:
    replace_text(project, tmp_path, "azure", "capacity: 4Ti", "capacity_gib: 4096")
    path = tmp_path / "Pulumi.azure.yaml"
    before = path.read_bytes().replace(b"\n", b"\r\n")
    path.write_bytes(before)
    migrate(tmp_path, "azure")
    assert path.read_bytes() == before.replace(b"capacity_gib: 4096", b"capacity: 4096Gi")


def test_both_spellings_at_once_are_refused_and_the_file_stays(project: Path, tmp_path: Path) -> None:
    replace_text(project, tmp_path, "azure", "capacity: 4Ti", "capacity: 4Ti\n      capacity_gib: 4096")
    before = (tmp_path / "Pulumi.azure.yaml").read_text()
    with pytest.raises(StrataError) as caught:
        migrate(tmp_path, "azure")
    (problem,) = caught.value.problems
    assert problem.field.startswith("target.shared_storage.capacity_gib (Pulumi.azure.yaml:")
    assert (tmp_path / "Pulumi.azure.yaml").read_text() == before


def test_a_wrong_value_in_the_old_spelling_is_refused_at_its_line(project: Path, tmp_path: Path) -> None:
    replace_text(project, tmp_path, "azure", "capacity: 4Ti", "capacity_gib: 3")
    with pytest.raises(StrataError, match=r"capacity \(Pulumi.azure.yaml:37\): 3Gi is not between 100Gi and 100Ti"):
        read_stack(tmp_path, "azure")


def test_settings_of_environments_that_a_program_adds_are_their_own_affair() -> None:
    values: dict[str, Value] = {"target": {"kind": "ours", "support": "EXTENDED"}}
    assert list(old_spellings(values, renames_for(values))) == []


def test_one_rename_never_needs_another() -> None:
    paths = [path for rename in RENAMES for path in {rename.old, rename.new}]
    within = [(one, other) for one in paths for other in paths if one != other and one == other[: len(one)]]
    assert within == [], "which of them comes first would decide what a file means"


def test_a_file_behind_a_link_stays_there(project: Path, tmp_path: Path) -> None:
    replace_text(project, tmp_path, "azure", "capacity: 4Ti", "capacity_gib: 4096")
    link, file = tmp_path / "Pulumi.azure.yaml", tmp_path / "shared.yaml"
    link.rename(file)
    link.symlink_to(file)
    before = file.read_bytes()
    migrate(tmp_path, "azure")
    assert link.is_symlink()
    assert file.read_bytes() == before.replace(b"capacity_gib: 4096", b"capacity: 4096Gi")
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []
