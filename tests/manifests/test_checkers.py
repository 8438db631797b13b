"""Every rendered object before a real API server and four independent checkers, each seen to fail first."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from simulation import ControlPlane
from tests.manifests.conftest import tool
from tests.manifests.exceptions import CHECKOV, KUBE_SCORE
from tests.manifests.openapi_schemas import LOCATION, write_schemas

pytestmark = [pytest.mark.engine]
POLICY = Path(__file__).with_name("policies") / "restricted.yaml"
BAD_DEPLOYMENT: dict[str, object] = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {"name": "bad", "namespace": "models"},
    "spec": {
        "replicas": 1,
        "selector": {"matchLabels": {"app": "bad"}},
        "template": {
            "metadata": {"labels": {"app": "bad"}},
            "spec": {"containers": [{"name": "bad", "image": "bad:latest", "securityContext": {"privileged": True}}]},
        },
    },
}


@pytest.fixture
def planted(tmp_path: Path) -> Callable[[dict[str, object]], Path]:
    def write(content: dict[str, object]) -> Path:
        path = tmp_path / "planted.yaml"
        path.write_text(yaml.safe_dump(content))
        return path

    return write


@pytest.fixture(scope="module")
def schemas(project: Path, api_server: ControlPlane, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("schemas")

    def get(path: str) -> str:
        done = tool(project, "kubectl", f"--kubeconfig={api_server.kubeconfig}", "get", "--raw", path)
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert write_schemas(get, folder) > 100, "a Kubernetes API server knows more kinds than that"
    return folder


def files(rendered: Path) -> list[Path]:
    return sorted(rendered.glob("*.yaml"))


@pytest.fixture(scope="module")
def ours(rendered: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The objects but for those of Helm charts and their namespace: device plugins mount folders of the host."""
    folder = tmp_path_factory.mktemp("ours")
    charts = [path for path in files(rendered) if "namespace: strata-accelerators" in path.read_text()]
    assert any("managed-by: Helm" in path.read_text() for path in charts)
    assert len(charts) < len(files(rendered)) / 2
    for path in files(rendered):
        if path not in charts:
            (folder / path.name).write_text(path.read_text())
    return folder


def kubectl(project: Path, api_server: ControlPlane, *arguments: str) -> tuple[int, str]:
    done = tool(project, "kubectl", f"--kubeconfig={api_server.kubeconfig}", *arguments)
    return done.returncode, done.stdout + done.stderr


def test_the_api_server_accepts_every_object(project: Path, rendered: Path, api_server: ControlPlane) -> None:
    for namespace in rendered.glob("namespace..*.yaml"):
        code, text = kubectl(project, api_server, "apply", "--server-side", "-f", str(namespace))
        assert code == 0, text
    code, text = kubectl(
        project, api_server, "apply", "--server-side", "--dry-run=server", "--validate=strict", "-f", str(rendered)
    )
    assert code == 0, text
    assert "would violate PodSecurity" not in text, "a Deployment is only warned about, its pods would be refused"
    assert len(re.findall(r"serverside-applied", text)) == len(files(rendered)), text


def test_the_api_server_refuses_a_planted_fault(
    project: Path, api_server: ControlPlane, planted: Callable[[dict[str, object]], Path]
) -> None:
    bad = planted({**BAD_DEPLOYMENT, "spec": {"selctor": {}}})
    code, _ = kubectl(project, api_server, "apply", "--server-side", "--dry-run=server", "-f", str(bad))
    assert code != 0


def kubeconform(project: Path, schemas: Path, *paths: Path) -> tuple[int, dict[str, int]]:
    location = f"{schemas}/{LOCATION}"
    done = tool(
        project, "kubeconform", "-strict", "-summary", "-output", "json", "-schema-location", location, *map(str, paths)
    )
    return done.returncode, json.loads(done.stdout)["summary"]


def test_every_object_follows_the_servers_schemas(project: Path, rendered: Path, schemas: Path) -> None:
    code, summary = kubeconform(project, schemas, *files(rendered))
    assert summary == {"valid": len(files(rendered)), "invalid": 0, "errors": 0, "skipped": 0}
    assert code == 0


@pytest.mark.parametrize("fault", [{"replicas": "three"}, {"selctor": {}}])
def test_the_schemas_refuse_a_planted_fault(
    fault: dict[str, object],
    project: Path,
    rendered: Path,
    schemas: Path,
    planted: Callable[[dict[str, object]], Path],
) -> None:
    deployment = yaml.safe_load((rendered / "deployment..models..qwen2-7b.yaml").read_text())
    deployment["spec"].update(fault)
    _, summary = kubeconform(project, schemas, planted(deployment))
    assert summary["invalid"] == 1


def kube_score(project: Path, *paths: Path) -> tuple[int, set[str]]:
    done = tool(project, "kube-score", "score", "--output-format", "json", *map(str, paths))
    seen = json.loads(done.stdout)
    critical = {
        check["check"]["id"]
        for entry in seen
        for check in entry["checks"]
        if check["grade"] == 1 and not check["skipped"] and check["comments"]
    }
    return len(seen), critical


def test_kube_score_finds_nothing_critical_but_what_is_argued(project: Path, ours: Path) -> None:
    seen, critical = kube_score(project, *files(ours))
    assert seen > 5, "kube-score has to see the kinds that it knows"
    assert critical == set(KUBE_SCORE), "new findings, or arguments for what no longer occurs"


def test_kube_score_finds_a_planted_fault(project: Path, planted: Callable[[dict[str, object]], Path]) -> None:
    _, critical = kube_score(project, planted(BAD_DEPLOYMENT))
    assert "container-resources" in critical


def checkov(project: Path, path: Path) -> tuple[int, set[str]]:
    done = tool(
        project, "checkov", "-d", str(path), "--framework", "kubernetes", "--skip-download", "-o", "json", "--compact"
    )
    seen = json.loads(done.stdout)
    return seen["summary"]["resource_count"], {check["check_id"] for check in seen["results"]["failed_checks"]}


def test_checkov_finds_nothing_but_what_is_argued(project: Path, ours: Path) -> None:
    seen, failed = checkov(project, ours)
    assert seen > 10, "checkov has to see the objects"
    assert failed == set(CHECKOV), "new findings, or arguments for what no longer occurs"


def test_checkov_finds_a_planted_fault(project: Path, planted: Callable[[dict[str, object]], Path]) -> None:
    _, failed = checkov(project, planted(BAD_DEPLOYMENT).parent)
    assert "CKV_K8S_16" in failed, "a privileged container"


def kyverno(project: Path, *paths: Path) -> tuple[int, dict[str, int]]:
    resources = [argument for path in paths for argument in ("--resource", str(path))]
    done = tool(project, "kyverno", "apply", str(POLICY), *resources)
    counts = re.findall(r"(pass|fail|warn|error|skip): (\d+)", done.stdout)
    assert counts, done.stdout + done.stderr
    return done.returncode, {name: int(count) for name, count in counts}


def test_every_pod_meets_pod_security_restricted(project: Path, ours: Path) -> None:
    code, counts = kyverno(project, *files(ours))
    assert counts == {"pass": 2, "fail": 0, "warn": 0, "error": 0, "skip": 0}, "the Job and the Deployment"
    assert code == 0


def test_pod_security_refuses_a_planted_fault(project: Path, planted: Callable[[dict[str, object]], Path]) -> None:
    _, counts = kyverno(project, planted(BAD_DEPLOYMENT))
    assert counts["fail"] == 1
