"""Every object of every example and variant before a real API server and kubeconform, with real definitions."""

from __future__ import annotations

import copy
import json
from collections import Counter
from collections.abc import Generator, Mapping, Sequence
from pathlib import Path

import pytest
import yaml
from pydantic import JsonValue
from pytest import MonkeyPatch  # noqa: PT013 - the type

from simulation import ControlPlane
from tests.manifests.conftest import tool
from tests.manifests.definitions import NOT_PUBLISHED, NOT_TO_BE_HAD, Body, Definition, find_definitions
from tests.manifests.examples import Example, Recording, examples, rounds
from tests.manifests.generated import gpu_networks, servers
from tests.manifests.generated_services import domains_and_monitors, policies, prometheuses
from tests.manifests.generated_stores import stores
from tests.manifests.openapi_schemas import LOCATION, write_schemas

pytestmark = [pytest.mark.engine, pytest.mark.slow]
SAMPLES: Sequence[Body] = yaml.safe_load(Path(__file__).with_name("samples.yaml").read_text())
Kinds = Mapping[tuple[str, str], Definition]


@pytest.fixture(scope="module")
def objects(recorded: Sequence[Recording]) -> Sequence[Example]:
    found = examples(recorded)
    assert len(found) > 100, "checks over few objects would hold for anything"
    return found


@pytest.fixture(scope="module")
def definitions(project: Path, objects: Sequence[Example]) -> Kinds:
    """Definitions of all custom resources of the examples."""
    further = (Example(origin="sample", body=body).kind for body in SAMPLES)
    generated = {("keda.sh", "ScaledObject"), ("resource.nvidia.com", "ComputeDomain")}
    return find_definitions(project, {*generated, *further, *(example.kind for example in objects)})


@pytest.fixture(scope="module")
def server(
    project: Path, definitions: Kinds, objects: Sequence[Example], tmp_path_factory: pytest.TempPathFactory
) -> Generator[ControlPlane, None, None]:
    """A control plane that knows these kinds and has every namespace."""
    state, folder = tmp_path_factory.mktemp("examples-api"), tmp_path_factory.mktemp("definitions")
    for number, definition in enumerate(definitions.values()):
        (folder / f"{number}.yaml").write_text(yaml.safe_dump(definition.body))
    (state / "bin").symlink_to(project / ".strata" / "bin")
    plane = ControlPlane("examples", state)
    try:
        with MonkeyPatch.context() as patch:
            patch.setenv("CRD_DIR", str(folder))
            plane.start()
        spaces = [example.body for example in rounds(objects)[0] if example.kind == ("", "Namespace")]
        code, text = apply(project, plane, folder / "namespaces.json", spaces)
        assert code == 0, text
        yield plane
    finally:
        plane.delete()


def apply(project: Path, server: ControlPlane, file: Path, bodies: Sequence[Body], *flags: str) -> tuple[int, str]:
    listed: Body = {"apiVersion": "v1", "kind": "List", "items": list(bodies)}
    file.write_text(json.dumps(listed))
    arguments = ("apply", "--server-side", "--force-conflicts", "--validate=strict", *flags, "-f", str(file))
    done = tool(project, "kubectl", f"--kubeconfig={server.kubeconfig}", *arguments)
    return done.returncode, done.stdout + done.stderr


def test_every_custom_resource_has_a_real_definition_or_is_named(
    project: Path, objects: Sequence[Example], definitions: Kinds, schemas: Path
) -> None:
    served = {name.name for name in schemas.iterdir()}
    unknown: dict[tuple[str, str], str] = {}
    for example in objects:
        group, kind = example.kind
        version = str(example.body["apiVersion"]).rpartition("/")[2]
        if f"{group or version}_{version}_{kind.lower()}.json" not in served:
            unknown.setdefault(example.kind, example.origin)
    if unknown.keys() - NOT_TO_BE_HAD.keys() and not (project.parent / "shared" / "crds").is_dir():
        pytest.skip(f"the collected definitions are not beside the checkout; without one: {sorted(unknown)}")
    assert unknown.keys() == NOT_TO_BE_HAD.keys(), unknown
    assert {"PodMonitor", "GKENetworkParamSet", "Network"} <= {kind for _, kind in definitions}


def test_charts_are_rendered_for_the_version_of_the_cluster(objects: Sequence[Example]) -> None:
    """The metrics server's chart asks for it; without a version its budget would be of an API that is gone."""
    budgets = {str(example.body["apiVersion"]) for example in objects if example.kind[1] == "PodDisruptionBudget"}
    assert budgets == {"policy/v1"}


def known(objects: Sequence[Example]) -> list[Example]:
    return [example for example in objects if example.kind not in NOT_TO_BE_HAD]


def test_the_api_server_accepts_every_object(
    project: Path, objects: Sequence[Example], server: ControlPlane, tmp_path: Path
) -> None:
    for examples_of_round in rounds(known(objects)):
        bodies = [example.body for example in examples_of_round]
        code, text = apply(project, server, tmp_path / "round.json", bodies, "--dry-run=server")
        assert code == 0, text
        assert "would violate PodSecurity" not in text, "a Deployment is only warned about, its pods would be refused"
        assert text.count("serverside-applied") == len(bodies), text


def judged(project: Path, server: ControlPlane, schemas: Path, folder: Path, bodies: Sequence[Body]) -> list[str]:
    """What kubeconform and the server say of objects that they refuse."""
    space: Body = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "models"}}
    assert apply(project, server, folder / "namespace.json", [space])[0] == 0
    (folder / "bodies").mkdir()
    said = refused(project, schemas, folder / "bodies", bodies)
    code, text = apply(project, server, folder / "all.json", bodies, "--dry-run=server")
    return [*said, *([text] if code else [])]


def test_what_our_types_accept_the_definitions_accept(
    project: Path, server: ControlPlane, schemas: Path, tmp_path: Path
) -> None:
    bodies = servers()
    kinds = Counter(str(body["kind"]) for body in bodies)
    assert min(kinds[kind] for kind in ("ScaledObject", "PodMonitor", "HorizontalPodAutoscaler")) > 3, kinds
    assert judged(project, server, schemas, tmp_path, bodies) == []


def test_what_types_of_accelerators_and_services_accept_the_definitions_accept(
    project: Path, server: ControlPlane, schemas: Path, tmp_path: Path
) -> None:
    bodies = [*policies(project), *prometheuses(project), *domains_and_monitors()]
    kinds = Counter(str(body["kind"]) for body in bodies)
    assert min(kinds[kind] for kind in ("ClusterPolicy", "Prometheus", "ComputeDomain", "PodMonitor")) > 3, kinds
    assert kinds["ServiceMonitor"] > 1, kinds
    assert judged(project, server, schemas, tmp_path, bodies) == []


def test_stores_of_secrets_of_every_cloud_are_accepted(
    project: Path, server: ControlPlane, schemas: Path, tmp_path: Path
) -> None:
    bodies = stores()
    text = json.dumps(bodies)
    assert min(text.count(f'"{provider}": {{') for provider in ("aws", "gcpsm", "azurekv")) > 3, text
    assert judged(project, server, schemas, tmp_path, bodies) == []


def test_gpu_networks_of_every_machine_are_accepted(
    project: Path, server: ControlPlane, schemas: Path, tmp_path: Path
) -> None:
    bodies = gpu_networks()
    assert {str(body["kind"]) for body in bodies} == {"GKENetworkParamSet", "Network"}
    assert judged(project, server, schemas, tmp_path, bodies) == []


@pytest.fixture(scope="module")
def schemas(project: Path, server: ControlPlane, definitions: Kinds, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of the server's own kinds by its OpenAPI documents, of others by their definitions."""
    folder = tmp_path_factory.mktemp("schemas")

    def get(path: str) -> str:
        done = tool(project, "kubectl", f"--kubeconfig={server.kubeconfig}", "get", "--raw", path)
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert write_schemas(get, folder) > 100, "a Kubernetes API server knows more kinds than that"
    for definition in definitions.values():
        for name, schema in definition.schemas():
            (folder / name).write_text(json.dumps(schema))
    return folder


def refused(project: Path, schemas: Path, folder: Path, bodies: Sequence[Body]) -> list[str]:
    """What kubeconform says of each object that it refuses."""
    for number, body in enumerate(bodies):
        # As JSON, whose texts are quoted: PyYAML writes y without quotes, which Go reads as a boolean.
        (folder / f"{number:04}.json").write_text(json.dumps(body, ensure_ascii=False))
    location = f"{schemas}/{LOCATION}"
    done = tool(project, "kubeconform", "-strict", "-output", "json", "-schema-location", location, str(folder))
    return [f"{found['kind']} {found['name']}: {found['msg']}" for found in json.loads(done.stdout)["resources"]]


def test_every_object_follows_the_published_schemas(
    project: Path, objects: Sequence[Example], schemas: Path, tmp_path: Path
) -> None:
    assert refused(project, schemas, tmp_path, [example.body for example in known(objects)]) == []


def planted(objects: Sequence[Example], kind: str, key: str, value: JsonValue) -> Body:
    body = copy.deepcopy(next(example.body for example in objects if example.kind[1] == kind))
    spec = body["spec"]
    assert isinstance(spec, dict)
    spec[key] = value
    return body


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample["kind"])
def test_objects_that_users_write_are_judged_by_the_real_definitions(
    sample: Body, project: Path, server: ControlPlane, schemas: Path, tmp_path: Path
) -> None:
    assert judged(project, server, schemas, tmp_path, [sample]) == []
    spec = sample["spec"]
    assert isinstance(spec, dict)
    (tmp_path / "wrong").mkdir()
    wrong: Body = {**sample, "spec": {**spec, "unheardOf": "x"}}
    assert len(judged(project, server, schemas, tmp_path / "wrong", [wrong])) == 2, "one by each judge"


def test_kinds_without_a_published_definition_are_still_without_one(project: Path, definitions: Kinds) -> None:
    assert not find_definitions(project, NOT_PUBLISHED)
    assert NOT_PUBLISHED.keys().isdisjoint(definitions), "an example has it: it is not judged"


FAULTS: Mapping[str, tuple[str, str, JsonValue]] = {
    "a device mode that GKE has not": ("GKENetworkParamSet", "deviceMode", "Netdevice"),
    "a field that nobody knows": ("PodMonitor", "podMetricEndpoints", []),
    "a text for a number": ("Deployment", "replicas", "three"),
    "a field of another kind": ("Network", "vpc", "prod"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_refused_by_both(
    fault: str, project: Path, objects: Sequence[Example], server: ControlPlane, schemas: Path, tmp_path: Path
) -> None:
    body = planted(objects, *FAULTS[fault])
    (tmp_path / "bodies").mkdir()
    assert len(refused(project, schemas, tmp_path / "bodies", [body])) == 1
    code, text = apply(project, server, tmp_path / "it.json", [body], "--dry-run=server")
    assert code != 0, text
