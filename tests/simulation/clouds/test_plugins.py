"""The folder from which the engine takes its providers in a simulated run."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from simulation.clouds.plugins import simulated_environment, version_of


@pytest.fixture(autouse=True)
def real_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A plugin folder of the developer's with two real providers in it."""
    home = tmp_path / "real home"
    for name in ("resource-kubernetes-v4.25.0", f"resource-aws-v{version_of('aws')}"):
        folder = home / "plugins" / name
        folder.mkdir(parents=True)
        (folder / name.rpartition("-v")[0].replace("resource", "pulumi-resource")).write_text("real")
    monkeypatch.setenv("PULUMI_HOME", str(home))
    return home


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "a project"
    folder.mkdir()
    return folder


def _plugin(environment: dict[str, str], package: str, version: str) -> Path:
    return (
        Path(environment["PULUMI_HOME"]) / "plugins" / f"resource-{package}-v{version}" / f"pulumi-resource-{package}"
    )


def test_a_simulated_provider_stands_where_the_real_one_would(project: Path) -> None:
    plugin = _plugin(simulated_environment(project), "aws", version_of("aws"))
    assert os.access(plugin, os.X_OK)
    assert plugin.read_text() != "real"


def test_a_provider_that_is_not_simulated_is_the_real_one(project: Path) -> None:
    assert _plugin(simulated_environment(project), "kubernetes", "4.25.0").read_text() == "real"


def test_everything_of_a_run_lies_in_the_project(project: Path) -> None:
    environment = simulated_environment(project)
    state = project / ".strata" / "simulated"
    assert environment["SIMULATED"] == "1"
    assert environment["STRATA_SIMULATED_CLOUD"] == str(state)
    assert environment["PULUMI_BACKEND_URL"] == f"file://{state}/backend"
    assert Path(environment["PULUMI_HOME"]).is_relative_to(state)
    assert (state / "backend").is_dir()


def test_the_second_time_nothing_is_written_and_it_takes_no_time(project: Path) -> None:
    plugin = _plugin(simulated_environment(project), "aws", version_of("aws"))
    written = plugin.stat().st_mtime_ns
    began = time.process_time()
    simulated_environment(project)
    assert time.process_time() - began < 0.05
    assert plugin.stat().st_mtime_ns == written


def test_called_from_a_simulated_run_it_stays_as_it_is(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    environment = simulated_environment(project)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert simulated_environment(project) == environment
    assert _plugin(environment, "kubernetes", "4.25.0").read_text() == "real"


def test_plugins_of_an_sdk_that_was_replaced_go(project: Path) -> None:
    plugins = Path(simulated_environment(project)["PULUMI_HOME"]) / "plugins"
    (plugins / "resource-aws-v7.0.0").mkdir()
    simulated_environment(project)
    assert [folder.name for folder in plugins.glob("resource-aws-v*")] == [f"resource-aws-v{version_of('aws')}"]


def test_a_real_plugin_that_was_removed_goes(project: Path, real_home: Path) -> None:
    plugins = Path(simulated_environment(project)["PULUMI_HOME"]) / "plugins"
    shutil.rmtree(real_home / "plugins" / "resource-kubernetes-v4.25.0")
    simulated_environment(project)
    assert not list(plugins.glob("resource-kubernetes-*"))
    assert (plugins / f"resource-aws-v{version_of('aws')}").is_dir()


def test_a_project_that_was_moved_works_where_it_is_now(project: Path, tmp_path: Path) -> None:
    before = simulated_environment(project)
    moved = Path(shutil.move(project, tmp_path / "elsewhere"))
    after = simulated_environment(moved)
    assert after["PULUMI_HOME"] == before["PULUMI_HOME"].replace(str(project), str(moved))
    assert _plugin(after, "kubernetes", "4.25.0").read_text() == "real"


def test_the_plugin_says_where_it_listens_and_refuses_to_start_outside_of_simulated_runs(project: Path) -> None:
    environment = simulated_environment(project)
    plugin = _plugin(environment, "aws", version_of("aws"))
    started = subprocess.Popen(
        [plugin], env={**os.environ, **environment}, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    try:
        assert started.stdout is not None
        assert 0 < int(started.stdout.readline()) < 65536
    finally:
        started.terminate()
        started.wait(timeout=10)
    outside = {name: value for name, value in os.environ.items() if name != "STRATA_SIMULATED_CLOUD"}
    refused = subprocess.run([plugin], env=outside, capture_output=True, text=True, check=False, timeout=30)
    assert refused.returncode == 1
    assert "STRATA_SIMULATED_CLOUD is not set" in refused.stderr


def test_the_machine_s_authorities_stay_trusted(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    known = tmp_path / "known.pem"
    known.write_text("of this machine\n")
    monkeypatch.setenv("SSL_CERT_FILE", str(known))
    named = Path(simulated_environment(project)["SSL_CERT_FILE"])
    assert named.read_text() == "of this machine\n"
    named.write_text("of this machine\nof a cluster\n")
    assert Path(simulated_environment(project)["SSL_CERT_FILE"]).read_text() == "of this machine\nof a cluster\n"
