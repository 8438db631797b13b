"""The entry of the catalog Job as the Job runs it: beside the program, as a user who is not root."""

from __future__ import annotations

import json
import os
import runpy
import sys
import tempfile
import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from components.storage import checked_fetch, fetch_program
from components.workloads.security import RUN_AS
from tests.registration import registered

from .volumes import declare_catalog

ROOT = pytest.mark.skipif(os.getuid() != 0, reason="only root can make folders of root and run as somebody else")
MODEL = {"model": "org/name", "revision": "f" * 40, "path": "org--name/rev"}


@pytest.fixture
def job() -> Iterator[Path]:
    """Folders of the Job: its programs, readable by everybody, and a catalog."""
    # Not pytest's own folder, which is closed to others.
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        (folder / "log").touch()
        (folder / "catalog").mkdir(mode=0o755)
        (folder / "programs").mkdir(mode=0o755)
        data = registered(lambda: declare_catalog(None)).only("ConfigMap").at("data")
        assert isinstance(data, dict)
        for file, content in {**data, "models.json": json.dumps([MODEL])}.items():
            (folder / "programs" / file).write_text(str(content))
        yield folder


@dataclass(frozen=True)
class Done:
    """What became of the Job's container."""

    code: int
    log: str


def run(job: Path) -> Done:
    """Run what the container runs, as its user; the hub cannot be reached."""
    # A child that becomes the user: another user may not be allowed to start this Python.
    child = os.fork()
    if child == 0:
        _become_the_container(job)
    _, status = os.waitpid(child, 0)
    return Done(os.waitstatus_to_exitcode(status), (job / "log").read_text())


def _become_the_container(job: Path) -> None:
    code: object = 70
    try:
        sys.stdout = sys.stderr = (job / "log").open("w", buffering=1)
        os.environ.update(
            HUB_URL="http://127.0.0.1:9",
            CATALOG_DIR=str(job / "catalog"),
            MODELS_FILE=str(job / "programs" / "models.json"),
            LONGEST_WAIT="0",
        )
        # Connecting loads a codec, from where the user may not read.
        "localhost".encode("idna")
        os.setgroups([RUN_AS])
        os.setgid(RUN_AS)
        os.setuid(RUN_AS)
        runpy.run_path(str(job / "programs" / "fetch_program.py"), run_name="__main__")
    except SystemExit as end:
        code = end.code
    except BaseException:  # noqa: BLE001 - a child must not go on with the tests
        traceback.print_exc()
    finally:
        os._exit(code if isinstance(code, int) else 71)


def test_the_programs_of_the_job_are_those_of_this_project() -> None:
    data = registered(lambda: declare_catalog(None)).only("ConfigMap").at("data")
    assert isinstance(data, dict)
    assert data["fetch_program.py"] == Path(checked_fetch.__file__).read_text()
    assert data["downloads.py"] == Path(fetch_program.__file__).read_text()


@ROOT
def test_fsx_a_folder_of_root_is_refused_with_cause_and_fix_before_the_hub_is_asked(job: Path) -> None:
    done = run(job)
    assert done.code == 1
    assert done.log.startswith(f"{job / 'catalog'}: Permission denied"), done.log
    for said in (
        f"user {RUN_AS}",
        "belongs to user 0, group 0, mode drwxr-xr-x",
        "fsGroup",
        f"chown {RUN_AS}:{RUN_AS}",
    ):
        assert said in done.log
    assert "Connection refused" not in done.log


@ROOT
@pytest.mark.parametrize("prepare", ["owner", "group", "complete"])
def test_fsx_a_folder_that_can_be_written_or_needs_not_be_is_left_to_the_program(job: Path, prepare: str) -> None:
    catalog = job / "catalog"
    match prepare:
        case "owner":
            os.chown(catalog, RUN_AS, RUN_AS)
        case "group":
            os.chown(catalog, 0, RUN_AS)
            catalog.chmod(0o2775)
        case _:
            (catalog / MODEL["path"]).mkdir(parents=True)
            (catalog / MODEL["path"] / ".complete").touch()
    done = run(job)
    assert "Permission denied" not in done.log, done.log
    if prepare == "complete":
        assert (done.code, "complete already" in done.log) == (0, True)
    else:
        assert (done.code, "Connection refused" in done.log) == (1, True), done.log
        assert not list(catalog.iterdir()), "the check leaves nothing behind"
