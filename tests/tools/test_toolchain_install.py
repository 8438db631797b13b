"""The whole installer, run as a user runs it, against a fake tool."""

from __future__ import annotations

import signal
import time
from pathlib import Path

from tests.tools.fake_project import FakeProject, is_running


def test_a_missing_tool_is_built_and_linked(project: FakeProject) -> None:
    status, output = project.install()

    assert status == 0, output
    assert project.link.resolve() == project.installed
    assert "built fake in" in output
    assert "(1 of 1, 0:00:0" in output, "each finished build says how far the whole is"
    assert (project.root / ".strata" / "env").exists()


def test_the_second_run_does_nothing_and_says_nothing(project: FakeProject) -> None:
    project.install()
    before = (project.root / ".strata" / "toolchain.json").stat().st_mtime_ns

    started = time.monotonic()
    status, output = project.install()

    assert (status, output) == (0, "")
    assert time.monotonic() - started < 5.0, "the second run is to take no time"
    assert len(project.builds) == 1
    assert (project.root / ".strata" / "toolchain.json").stat().st_mtime_ns == before


def test_a_deleted_link_is_made_again_without_a_build(project: FakeProject) -> None:
    project.install()
    project.link.unlink()

    assert project.install()[0] == 0
    assert project.link.exists()
    assert len(project.builds) == 1, "a tool in the cache is never built twice"


def test_a_changed_pin_is_built_again(project: FakeProject) -> None:
    project.install()
    (project.root / "tools" / "go" / "fake" / "go.sum").write_text("example.org/fake v1.2.4 h1:x\n")

    assert project.install()[0] == 0
    assert len(project.builds) == 2, "what is in the cache was made from another source"


def test_a_module_with_other_tags_is_built_again_with_them(project: FakeProject) -> None:
    project.install()
    versions = project.root / "tools" / "versions.toml"
    versions.write_text(versions.read_text().replace("memory_mb = 100", 'memory_mb = 100\ntags = ["less", "small"]'))
    status, output = project.install()
    assert status == 0, output
    assert len(project.builds) == 2
    assert "-tags=less,small" in project.log.with_name("builds.log.arguments").read_text().split()


def test_a_compatible_tool_on_path_is_used(project: FakeProject) -> None:
    own = project.program("fake", "#!/bin/sh\necho fake 1.2.9\n")

    assert project.install()[0] == 0
    assert project.link.readlink() == own
    assert project.builds == []


def test_a_tool_on_path_with_a_wrong_version_is_skipped(project: FakeProject) -> None:
    project.program("fake", "#!/bin/sh\necho fake 1.3.0\n")

    assert project.install()[0] == 0
    assert project.link.resolve() == project.installed


def test_a_tool_on_path_that_does_not_run_is_skipped(project: FakeProject) -> None:
    project.program("fake", "#!/no/such/interpreter\n")

    assert project.install()[0] == 0
    assert project.link.resolve() == project.installed


def test_two_installers_at_once_build_once(project: FakeProject) -> None:
    first = project.start(FAKE_SECONDS="2")
    _wait_for_build(project)
    second = project.start(FAKE_SECONDS="2")
    outputs = [process.communicate(timeout=60)[0] for process in (first, second)]

    assert (first.returncode, second.returncode) == (0, 0), outputs
    assert len(project.builds) == 1
    assert "another installer is at it" in outputs[1]


def test_an_interrupt_leaves_no_half_written_tool_and_no_process(project: FakeProject) -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        project.log.unlink(missing_ok=True)
        installer = project.start(FAKE_SECONDS="30")
        _wait_for_build(project)
        installer.send_signal(number)
        output, _ = installer.communicate(timeout=20)

        assert installer.returncode == 130, output
        assert "what is finished is kept" in output
        assert "Traceback" not in output
        assert not project.installed.exists()
        assert not any((project.cache / "scratch").iterdir()), "nothing half-made stays"
        assert not any(is_running(process) for process in project.builds), "its own children are ended"

    assert project.install()[0] == 0, "the same command goes on after an interrupt"


_CRDS = """
[crds.{name}]
version = "1.0.0"
group = "run"
go_module = "{name}"
globs = ["crd/*.yaml"]
"""


def test_crds_of_several_operators_are_taken_at_once(tmp_path: Path) -> None:
    names = [f"operator{number}" for number in range(4)]
    for name in names:
        folder = tmp_path / "source" / f"{name}@v1.0.0" / "crd"
        folder.mkdir(parents=True)
        (folder / f"{name}.yaml").write_text("kind: CustomResourceDefinition\n")
    project = FakeProject.make(tmp_path, "".join(_CRDS.format(name=name) for name in names))
    (project.root / "tools" / "go" / "crds").mkdir()

    status, output = project.install(FAKE_SOURCE=str(tmp_path / "source"))

    assert status == 0, output
    crds = project.root / ".strata" / "crds"
    assert {folder.name: [file.name for file in folder.iterdir()] for folder in crds.iterdir()} == {
        name: [f"{name}.yaml"] for name in names
    }


_CHART = """
[charts.plugin]
version = "1.0.0"
group = "run"
go_module = "example.com/plugin"
folder = "deployments/{folder}"
"""


def _with_chart(tmp_path: Path, folder: str) -> FakeProject:
    source = tmp_path / "source" / "example.com" / "plugin@v1.0.0" / "deployments" / "helm"
    (source / "templates").mkdir(parents=True)
    (source / "Chart.yaml").write_text("name: plugin\n")
    (source / "templates" / "set.yaml").write_text("kind: DaemonSet\n")
    for path in (source, source / "templates"):
        path.chmod(0o555)  # as Go leaves its cache
    project = FakeProject.make(tmp_path, _CHART.format(folder=folder))
    (project.root / "tools" / "go" / "charts").mkdir()
    return project


def test_a_chart_is_taken_from_a_folder_of_its_module(tmp_path: Path) -> None:
    project = _with_chart(tmp_path, "helm")
    status, output = project.install(FAKE_SOURCE=str(tmp_path / "source"))
    assert status == 0, output
    chart = project.root / ".strata" / "charts" / "plugin"
    assert (chart / "templates" / "set.yaml").read_text() == "kind: DaemonSet\n"
    (chart / "Chart.yaml").unlink()  # nothing but the store decides what happens to it


def test_a_folder_without_a_chart_is_told_by_its_setting(tmp_path: Path) -> None:
    status, output = _with_chart(tmp_path, "elsewhere").install(FAKE_SOURCE=str(tmp_path / "source"))
    assert status == 1
    assert "charts.plugin.folder" in output


_KEPT = """
[charts.scaler]
version = "1.0.0"
group = "run"
kept = "charts/scaler"
go_module = "example.com/scaler"
definitions = ["config/crd/*.yaml"]
"""


def _with_kept_chart(tmp_path: Path, definitions: str = "crd") -> FakeProject:
    source = tmp_path / "source" / "example.com" / "scaler@v1.0.0" / "config" / definitions
    source.mkdir(parents=True)
    (source / "scaled.yaml").write_text("kind: CustomResourceDefinition\n")
    project = FakeProject.make(tmp_path, _KEPT)
    chart = project.root / "tools" / "charts" / "scaler"
    chart.mkdir(parents=True)
    (chart / "Chart.yaml").write_text("name: scaler\n")
    (project.root / "tools" / "go" / "charts").mkdir()
    return project


def test_a_chart_that_is_kept_gets_its_definitions_from_the_module_and_is_renewed_when_it_changes(
    tmp_path: Path,
) -> None:
    project = _with_kept_chart(tmp_path)
    for text in ("name: scaler\n", "name: scaler\ntype: application\n"):
        (project.root / "tools" / "charts" / "scaler" / "Chart.yaml").write_text(text)
        status, output = project.install(FAKE_SOURCE=str(tmp_path / "source"))
        assert status == 0, output
        chart = project.root / ".strata" / "charts" / "scaler"
        assert (chart / "Chart.yaml").read_text() == text
        assert (chart / "crds" / "scaled.yaml").read_text() == "kind: CustomResourceDefinition\n"


def test_definitions_that_are_not_there_are_told_by_their_setting(tmp_path: Path) -> None:
    status, output = _with_kept_chart(tmp_path, "elsewhere").install(FAKE_SOURCE=str(tmp_path / "source"))
    assert status == 1
    assert "charts.scaler.definitions" in output


def test_a_failed_build_shows_its_output_and_no_traceback(project: FakeProject) -> None:
    status, output = project.install(FAKE_FAILURE="undefined: flux.Capacitor")

    assert status == 1
    assert "undefined: flux.Capacitor" in output
    assert "fix:" in output
    assert "Traceback" not in output


def test_a_program_that_calls_itself_another_version_is_refused(project: FakeProject) -> None:
    status, output = project.install(FAKE_VERSION="9.9.9")

    assert status == 1
    assert "says that it is 9.9.9" in output
    assert not project.installed.exists()


def test_without_go_the_error_names_what_is_missing(project: FakeProject) -> None:
    (project.path / "go").unlink()
    status, output = project.install(PATH=str(project.path))

    assert status == 1
    assert "Go is missing: fake" in output
    assert "install Go" in output


def _wait_for_build(project: FakeProject) -> None:
    deadline = time.monotonic() + 20
    while not project.builds:
        assert time.monotonic() < deadline, "the build did not start"
        time.sleep(0.05)
