"""Services on a control plane that knows none of their kinds: preview, up, up again, down."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from simulation.control_plane.control_plane import ControlPlane

pytestmark = [pytest.mark.engine, pytest.mark.slow]
_PATIENCE_SECONDS = 900

Pulumi = Callable[..., str]


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
def pulumi(project: Path, plane: ControlPlane, tmp_path_factory: pytest.TempPathFactory) -> Pulumi:
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
        "PYTHONPATH": str(project),
        "KUBECONFIG": str(plane.kubeconfig),
        "CHARTS": str(project / ".strata" / "charts"),
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
    assert names("scaledobjects") == {"scaledobject.keda.sh/chat"}
    assert names("podmonitors") == {"podmonitor.monitoring.coreos.com/dcgm-exporter"}
    assert names("prometheuses") == {"prometheus.monitoring.coreos.com/monitoring-prometheus"}
    again = pulumi("up", "--yes", "--skip-preview")
    assert "unchanged" in again
    assert not {"created", "updated", "replaced"} & set(again.split())
    pulumi("destroy", "--yes", "--skip-preview")
    assert not names("customresourcedefinitions")
    assert names("namespaces") == before
