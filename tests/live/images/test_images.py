"""Images are the same each time, hold what their parts say, and are declared with what they truly are."""

from __future__ import annotations

import json
import os
import tarfile
from pathlib import Path

import pytest

from components.contracts.errors import StrataError
from components.contracts.versions import PYTHON
from simulation.live.images import ROWS, image_set, page, row_of
from simulation.live.images.archive import Start, write_archive
from simulation.live.images.layers import Member, folder_members, write_layer

_PROJECT = Path(__file__).parents[3]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "root"
    (root / "lib").mkdir(parents=True)
    (root / "lib" / "a.py").write_text("a = 1\n")
    (root / "lib" / "b.py").symlink_to("a.py")
    (root / "doc").mkdir()
    (root / "doc" / "read.me").write_text("…")
    os.utime(root / "lib" / "a.py", (1_600_000_000, 1_600_000_000))
    return root


def _members(path: Path) -> dict[str, tarfile.TarInfo]:
    with tarfile.open(path) as archive:
        return {member.name: member for member in archive.getmembers()}


def test_a_file_keeps_its_time_so_that_compiled_code_beside_it_is_taken(folder: Path, tmp_path: Path) -> None:
    write_layer(folder_members(folder, "/opt/x"), tmp_path / "layer")
    found = _members(tmp_path / "layer")
    assert found["opt/x/lib/a.py"].mtime == 1_600_000_000
    assert found["opt/x/lib/b.py"].linkname == "a.py"
    assert {member.uid for member in found.values()} == {0}


def test_folders_above_a_file_can_be_entered_by_any_user(tmp_path: Path) -> None:
    write_layer({"opt/strata/x": Member(content=b"x")}, tmp_path / "layer")
    assert _members(tmp_path / "layer")["opt/strata"].mode == 0o755


def test_what_nothing_reads_is_left_out(folder: Path) -> None:
    assert "doc/read.me" not in folder_members(folder, "/", ("doc/*",))


def test_an_image_is_the_same_each_time_and_names_its_layers(folder: Path, tmp_path: Path) -> None:
    start = Start(entrypoint=("/x",), user="65535:65535", environment={"LANG": "C.UTF-8"})
    layers = [folder_members(folder, "/"), {"x": Member(content=b"program")}]
    for target in (tmp_path / "one.tar", tmp_path / "two.tar"):
        write_archive("registry.example/x:1", layers, start, "amd64", target)
    assert (tmp_path / "one.tar").read_bytes() == (tmp_path / "two.tar").read_bytes()
    with tarfile.open(tmp_path / "one.tar") as archive:
        manifest = json.load(_file(archive, "manifest.json"))[0]
        config = json.load(_file(archive, manifest["Config"]))
        assert manifest["RepoTags"] == ["registry.example/x:1"]
        assert [f"{digest.removeprefix('sha256:')}/layer.tar" for digest in config["rootfs"]["diff_ids"]] == manifest[
            "Layers"
        ]
    assert config["config"]["Entrypoint"] == ["/x"]
    assert "LANG=C.UTF-8" in config["config"]["Env"]


def _file(archive: tarfile.TarFile, name: str):  # noqa: ANN202 - whatever json.load takes
    found = archive.extractfile(name)
    assert found is not None
    return found


def test_an_image_is_found_by_the_name_of_a_mirror_too() -> None:
    assert row_of(PYTHON.reference("registry.example/mirror")).image == PYTHON


def test_a_digest_and_an_unknown_image_are_refused_at_once() -> None:
    with pytest.raises(StrataError) as refused:
        image_set([f"{PYTHON.reference()}@sha256:{'0' * 64}", "quay.io/nobody/nothing:1"])
    assert [problem.field.partition("@")[0] for problem in refused.value.problems] == [
        f"image {PYTHON.reference()}",
        "image quay.io/nobody/nothing:1",
    ]


def test_an_image_of_a_program_is_kept_and_made_anew_only_with_another_program(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STRATA_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr("simulation.live.images.build._STATE", tmp_path)
    program = tmp_path / "bin" / "pause"
    program.parent.mkdir()
    program.write_bytes(b"one")
    program.chmod(0o755)
    first = image_set(["registry.k8s.io/pause:3.10.1"])
    written = first[0].tar.stat().st_mtime_ns
    assert image_set(["registry.k8s.io/pause:3.10.1"]) == first
    assert first[0].tar.stat().st_mtime_ns == written
    program.write_bytes(b"two")
    assert image_set(["registry.k8s.io/pause:3.10.1"])[0].tar != first[0].tar


def test_every_image_says_how_it_differs_and_no_name_is_there_twice() -> None:
    names = [row.name for row in ROWS]
    assert len(names) == len(set(names))
    assert all(row.remark for row in ROWS)


def test_the_page_of_images_is_up_to_date() -> None:
    written = (_PROJECT / "docs" / "live-images.md").read_text()
    assert written == page.text(), "python -m simulation.live.images.page docs/live-images.md"
