"""Services on a control plane that knows none of their kinds: preview, up, again, down; a chart's next version."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from pydantic import BaseModel, Field

from simulation.control_plane.control_plane import ControlPlane

pytestmark = [pytest.mark.engine, pytest.mark.slow]
_PATIENCE_SECONDS = 900

Pulumi = Callable[..., str]
# Of github.com/kedacore/keda/v2 v2.18.3, config/crd/bases, under the Apache License 2.0; read 2026-11-28.
_OLDER, _OLDER_DEFINITION = "2.18.3", Path(__file__).parent / "scaledobjects-2.18.3.yaml"


@dataclass(frozen=True)
class Charts:
    """A folder of charts in which KEDA's can be an older one."""

    kept: Path
    folder: Path

    def make_newest(self) -> None:
        """Every chart is the one of the project."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir()
        for chart in self.kept.iterdir():
            (self.folder / chart.name).symlink_to(chart)

    def make_older(self) -> None:
        """KEDA's chart has the version of an older one, and its definition of ScaledObjects."""
        self.make_newest()
        keda = self.folder / "keda"
        keda.unlink()
        shutil.copytree(self.kept / "keda", keda)
        about = keda / "Chart.yaml"
        lines = about.read_text().splitlines()
        about.write_text("\n".join(_OLDER_LINES.get(line.split(":")[0], line) for line in lines))
        shutil.copy(_OLDER_DEFINITION, keda / "crds" / "keda.sh_scaledobjects.yaml")


_OLDER_LINES = {key: f"{key}: {_OLDER}" for key in ("version", "appVersion")}


@pytest.fixture(scope="module")
def charts(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Charts:
    made = Charts(project / ".strata" / "charts", tmp_path_factory.mktemp("charts") / "charts")
    made.make_newest()
    return made


@pytest.fixture(scope="module")
def plane(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    state = tmp_path_factory.mktemp("services")
    (state / "bin").symlink_to(project / ".strata" / "bin")
    made = ControlPlane("services", state, is_bare=True)
    try:
        made.start()
        yield made
    finally:
        made.delete()


@pytest.fixture(scope="module")
def pulumi(project: Path, plane: ControlPlane, charts: Charts, tmp_path_factory: pytest.TempPathFactory) -> Pulumi:
    folder = tmp_path_factory.mktemp("program")
    (folder / "backend").mkdir()
    (folder / "Pulumi.yaml").write_text(
        f"name: services\nruntime: {{name: python, options: {{virtualenv: {project / '.venv'}}}}}\n"
    )
    (folder / "__main__.py").write_text((project / "tests" / "services" / "program.py").read_text())
    environment = {
        **os.environ,
        "PULUMI_BACKEND_URL": f"file://{folder / 'backend'}",
        "PULUMI_CONFIG_PASSPHRASE": "services",
        "PULUMI_DEBUG_COMMANDS": "true",  # without which there is no --event-log
        "PYTHONPATH": str(project),
        "KUBECONFIG": str(plane.kubeconfig),
        "CHARTS": str(charts.folder),
    }

    def run(*arguments: str) -> str:
        done = subprocess.run(
            ["pulumi", *arguments, "--non-interactive"],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=_PATIENCE_SECONDS,
        )
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-2000:]
        return done.stdout

    run("stack", "init", "lab")
    return run


def test_a_new_cluster_gets_definitions_before_objects_of_their_kinds_and_is_left_as_it_was(
    pulumi: Pulumi, plane: ControlPlane
) -> None:
    kubectl = [str(plane.layout.state / "bin" / "kubectl"), f"--kubeconfig={plane.kubeconfig}"]

    def names(kind: str) -> set[str]:
        return set(subprocess.check_output([*kubectl, "get", kind, "-A", "-o", "name"], text=True).split())

    before = names("namespaces")
    assert not names("customresourcedefinitions"), "or the test would say nothing of their order"
    pulumi("preview")
    pulumi("up", "--yes", "--skip-preview")
    assert names("validatingwebhookconfigurations"), "or nothing would be asked before an Issuer is taken"
    assert names("issuers") == {"issuer.cert-manager.io/self-signed"}
    assert names("scaledobjects") == {"scaledobject.keda.sh/chat"}
    assert names("podmonitors") == {"podmonitor.monitoring.coreos.com/dcgm-exporter"}
    assert names("prometheuses") == {"prometheus.monitoring.coreos.com/monitoring-prometheus"}
    again = pulumi("up", "--yes", "--skip-preview")
    assert "unchanged" in again
    assert not {"created", "updated", "replaced"} & set(again.split())
    pulumi("destroy", "--yes", "--skip-preview")
    assert not names("customresourcedefinitions")
    assert names("namespaces") == before


class Metadata(BaseModel):
    """What the engine says of a resource's step."""

    op: str
    urn: str
    type: str


class Step(BaseModel):
    """A step that begins or has ended."""

    metadata: Metadata


class Event(BaseModel):
    """A line of the engine's log."""

    begun: Step | None = Field(default=None, alias="resourcePreEvent")
    ended: Step | None = Field(default=None, alias="resOutputsEvent")


def test_the_next_version_of_a_chart_brings_its_definitions_before_its_pods(
    pulumi: Pulumi, plane: ControlPlane, charts: Charts, tmp_path: Path
) -> None:
    kubectl = [str(plane.layout.state / "bin" / "kubectl"), f"--kubeconfig={plane.kubeconfig}"]

    def scaled_object() -> dict[str, dict[str, str]]:
        found = subprocess.check_output([*kubectl, "get", "scaledobject", "chat", "-o", "json"], text=True)
        body: dict[str, dict[str, str]] = json.loads(found)
        return body

    charts.make_older()
    pulumi("up", "--yes", "--skip-preview")
    before = scaled_object()
    charts.make_newest()
    log = tmp_path / "events"
    pulumi("up", "--yes", "--skip-preview", "--event-log", str(log))
    events = [Event.model_validate_json(line) for line in log.read_text().splitlines()]
    begun = {step.metadata.urn: at for at, event in enumerate(events) if (step := event.begun)}
    ended = {step.metadata.urn: at for at, event in enumerate(events) if (step := event.ended)}
    operations = {step.metadata.urn: step.metadata.op for event in events if (step := event.ended)}
    changed = {urn for urn, operation in operations.items() if operation != "same"}
    assert {operations[urn] for urn in changed} == {"update"}, "nothing is made anew, and nothing goes"
    (definition,) = [urn for urn in changed if urn.endswith("::keda-chart:scaledobjects.keda.sh")]
    pods = [urn for urn in changed if "apps/v1:Deployment" in urn]
    assert {urn.rsplit("/", 1)[-1] for urn in pods} == {"keda-operator", "keda-operator-metrics-apiserver"}
    assert all(ended[definition] < begun[urn] for urn in pods)
    after = scaled_object()
    assert (after["metadata"]["uid"], after["spec"]) == (before["metadata"]["uid"], before["spec"])
    pulumi("destroy", "--yes", "--skip-preview")
