"""Rules that every component obeys, asked of everything that the dev stack registers."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from components.contracts.api_groups import CUSTOM_METRICS
from components.contracts.autoscaling import HpaScaling, KedaScaling
from stacks.checks import check_all
from stacks.reading import read_whole_stack
from stacks.recording import Registered, record
from stacks.settings import Settings
from stacks.yaml_file import Value

from .sources import COMPONENTS as LIBRARY
from .sources import component_classes

COMPONENTS = {
    "strata:accelerators:Accelerators",
    "strata:clusters:Cluster",
    "strata:operations:PriorityClasses",
    "strata:operations:GuardedNamespace",
    "strata:storage:StorageClasses",
    "strata:storage:ModelCatalog",
    "strata:serving:ModelService",
}
POD_KINDS = {"Deployment", "Job", "StatefulSet", "DaemonSet", "CronJob", "Pod"}


@pytest.fixture(scope="module")
def settings(project: Path) -> Settings:
    return read_whole_stack(project, "dev")


@pytest.fixture(scope="module", params=["hpa", "keda"])
def resources(project: Path, settings: Settings, request: pytest.FixtureRequest) -> list[Registered]:
    """Everything that the stack registers, once for each kind of autoscaler."""
    scaling = (
        HpaScaling(kind="hpa", max_replicas=4)
        if request.param == "hpa"
        else KedaScaling(kind="keda", max_replicas=4, prometheus="http://prometheus.monitoring:9090")
    )
    models = tuple(model.model_copy(update={"autoscaling": scaling}) for model in settings.models)
    target = settings.target.model_copy(update={"apis": (CUSTOM_METRICS,)})
    chosen = settings.model_copy(update={"models": models, "target": target})
    return record(project, chosen, check_all(project, chosen).plans, "dev")


def objects(resources: list[Registered]) -> list[Registered]:
    found = [resource for resource in resources if resource.is_kubernetes_object]
    assert len(found) > 15, "a rule over no objects would hold for anything"
    return found


def mapping(value: Value) -> dict[str, Value]:
    return value if isinstance(value, dict) else {}


def listing(value: Value) -> list[dict[str, Value]]:
    return [mapping(item) for item in value] if isinstance(value, list) else []


PRIVILEGED = {"accelerators-efa-plugin": "opens devices of the host, as the published DaemonSet does"}
"""Pods that cannot be restricted, and why; everything else about them holds."""


def restricted(resources: list[Registered]) -> list[Registered]:
    assert set(PRIVILEGED) <= {resource.name for resource in resources}, "these are gone: take them off the list"
    return [resource for resource in resources if resource.name not in PRIVILEGED]


def pod_specs(resources: list[Registered]) -> Iterator[tuple[str, dict[str, Value]]]:
    found = 0
    for resource in objects(resources):
        if resource.inputs["kind"] in POD_KINDS:
            found += 1
            yield resource.name, mapping(mapping(mapping(resource.inputs["spec"]).get("template")).get("spec"))
    assert found >= 2, "the catalog's Job and the servers' Deployment have pods"


def containers(resources: list[Registered]) -> Iterator[tuple[str, dict[str, Value]]]:
    for name, spec in pod_specs(resources):
        for container in listing(spec.get("containers")) + listing(spec.get("initContainers")):
            yield name, container


def test_every_component_is_registered_under_its_token(resources: list[Registered]) -> None:
    assert {resource.token for resource in resources if resource.token.startswith("strata:")} == COMPONENTS


def test_logical_names_are_unique_for_each_type(resources: list[Registered]) -> None:
    seen = [(resource.token, resource.name) for resource in resources]
    assert len(seen) == len(set(seen)), "two resources of one type and name collide"


def test_every_object_uses_the_explicit_provider(resources: list[Registered]) -> None:
    for resource in objects(resources):
        assert "dev-kubernetes" in resource.provider, (
            f"{resource.name} would go to whatever cluster the shell points at"
        )


def test_every_object_has_an_explicit_name_and_our_labels(resources: list[Registered]) -> None:
    for resource in objects(resources):
        about = mapping(resource.inputs["metadata"])
        assert about.get("name"), f"{resource.name} would be named anew after a crash, leaving an orphan"
        labels = mapping(about.get("labels"))
        assert labels.get("app.kubernetes.io/managed-by") == "strata", f"{resource.name} has no owner label"
        assert labels.get("app.kubernetes.io/part-of") == "strata", f"{resource.name} has no system label"


def test_images_are_pinned(resources: list[Registered]) -> None:
    for name, container in containers(resources):
        image = str(container["image"])
        assert re.search(r":[^:/]*\d[^:/]*$|@sha256:", image), f"{name} runs {image}, which may change"
        assert not image.endswith(":latest")


def test_requests_and_limits_are_set(resources: list[Registered]) -> None:
    for name, container in containers(resources):
        amounts = mapping(container["resources"])
        for kind in ("requests", "limits"):
            assert {"cpu", "memory", "ephemeral-storage"} <= set(mapping(amounts[kind])), f"{name} lacks {kind}"


def test_servers_ask_for_gpus_and_tolerate_their_taint(resources: list[Registered]) -> None:
    spec = next(spec for name, spec in pod_specs(resources) if name == "qwen2-7b-servers")
    server = listing(spec["containers"])[0]
    amounts = mapping(server["resources"])
    assert mapping(amounts["limits"])["nvidia.com/gpu"] == mapping(amounts["requests"])["nvidia.com/gpu"] == "1"
    assert any(toleration["key"] == "nvidia.com/gpu" for toleration in listing(spec["tolerations"]))
    assert mapping(spec["nodeSelector"]) == {"strata.dev/pool": "h100"}


def test_pods_are_restricted_and_hold_no_token(resources: list[Registered]) -> None:
    for name, spec in pod_specs(resources):
        assert spec["automountServiceAccountToken"] is False, f"{name} mounts a token that it does not need"
        assert spec["enableServiceLinks"] is False
    for name, spec in pod_specs(restricted(resources)):
        pod = mapping(spec["securityContext"])
        assert pod["runAsNonRoot"] is True, f"{name} may run as root"
        assert mapping(pod["seccompProfile"])["type"] == "RuntimeDefault"
        assert not {"hostNetwork", "hostPID", "hostIPC"} & set(spec)


def test_containers_are_restricted(resources: list[Registered]) -> None:
    for name, container in containers(restricted(resources)):
        security = mapping(container["securityContext"])
        assert security["allowPrivilegeEscalation"] is False, name
        assert security["readOnlyRootFilesystem"] is True, name
        assert mapping(security["capabilities"])["drop"] == ["ALL"], name


def test_servers_drain_within_their_grace_period(resources: list[Registered]) -> None:
    spec = next(spec for name, spec in pod_specs(resources) if name == "qwen2-7b-servers")
    server = listing(spec["containers"])[0]
    command = [str(part) for part in server["command"]] if isinstance(server["command"], list) else []
    drain = next(int(part.partition("=")[2]) for part in command if part.startswith("--shutdown-timeout="))
    sleep = mapping(mapping(mapping(server["lifecycle"])["preStop"])["sleep"])["seconds"]
    grace = spec["terminationGracePeriodSeconds"]
    assert isinstance(sleep, int)
    assert isinstance(grace, int)
    assert grace >= sleep + drain, "answers under way would be cut off"


def test_replicas_are_left_to_the_autoscaler(resources: list[Registered]) -> None:
    deployment = next(resource for resource in objects(resources) if resource.inputs["kind"] == "Deployment")
    assert "replicas" not in mapping(deployment.inputs["spec"]), "each update would undo the autoscaler's work"
    scalers = [
        resource
        for resource in objects(resources)
        if resource.inputs["kind"] in {"HorizontalPodAutoscaler", "ScaledObject"}
    ]
    assert len(scalers) == 1, "exactly one may own the replicas"


def test_a_namespace_denies_by_default(resources: list[Registered]) -> None:
    closed = [
        resource
        for resource in objects(resources)
        if resource.inputs["kind"] == "NetworkPolicy" and mapping(mapping(resource.inputs["spec"])["podSelector"]) == {}
    ]
    assert any(mapping(resource.inputs["spec"]).get("ingress") is None for resource in closed), "nothing denies ingress"


def test_no_secret_is_anything_but_withheld(resources: list[Registered]) -> None:
    secrets = [resource for resource in objects(resources) if resource.inputs["kind"] == "Secret"]
    assert secrets
    for secret in secrets:
        assert set(mapping(secret.inputs["stringData"]).values()) == {"withheld"}


def initializer(node: ast.ClassDef) -> ast.FunctionDef:
    return next(
        statement for statement in node.body if isinstance(statement, ast.FunctionDef) and statement.name == "__init__"
    )


@pytest.mark.parametrize(("path", "node"), list(component_classes()), ids=lambda value: getattr(value, "name", None))
def test_a_component_registers_its_outputs_last(path: Path, node: ast.ClassDef) -> None:
    last = ast.unparse(initializer(node).body[-1])
    assert last.startswith("self.register_outputs("), f"{path.name}: {node.name} ends with {last}"


@pytest.mark.parametrize(("path", "node"), list(component_classes()), ids=lambda value: getattr(value, "name", None))
def test_a_component_names_itself_by_its_package(path: Path, node: ast.ClassDef) -> None:
    package = path.relative_to(LIBRARY).parts[0]
    assert f"'strata:{package}:{node.name}'" in ast.unparse(initializer(node)), "the type token names package and class"


@pytest.mark.parametrize(("path", "node"), list(component_classes()), ids=lambda value: getattr(value, "name", None))
def test_children_get_the_component_as_parent_and_nothing_of_the_caller(path: Path, node: ast.ClassDef) -> None:
    calls = [call for call in ast.walk(node) if isinstance(call, ast.Call)]
    made = [text for text in map(ast.unparse, calls) if text.startswith("pulumi.ResourceOptions(")]
    handed_on = [call for call in calls if any(ast.unparse(argument) == "self" for argument in call.args)]
    assert made or handed_on, f"{path.name}: {node.name} has no child"
    for text in made:
        assert "parent=self" in text, f"{path.name}: {text} leaves a child without its parent"


MERGED = {
    "serving/served_models.py": "options of the component itself: the cluster's provider where the caller names none",
    "serving/model_servers.py": "options that a function was given for the components that it makes",
    "storage/static_volume.py": "options of one resource, which its component has written",
}
"""Where options are merged, and why nothing of a caller's can reach a child."""


def test_options_are_merged_nowhere_else() -> None:
    """Merged options carry the caller's parent, aliases and dependencies to each child."""
    merging = {
        path.relative_to(LIBRARY).as_posix()
        for path in LIBRARY.rglob("*.py")
        for call in ast.walk(ast.parse(path.read_text()))
        if isinstance(call, ast.Call) and ast.unparse(call.func).endswith("ResourceOptions.merge")
    }
    assert merging == set(MERGED)


def test_a_rule_fails_on_a_planted_fault(resources: list[Registered]) -> None:
    deployment = next(resource for resource in resources if resource.inputs.get("kind") == "Deployment")
    spec = mapping(mapping(mapping(deployment.inputs["spec"])["template"])["spec"])
    without = {**spec, "tolerations": []}
    template = {"template": {"spec": without}}
    planted = [
        replace(resource, inputs={**resource.inputs, "spec": template}) if resource is deployment else resource
        for resource in resources
    ]
    with pytest.raises(AssertionError):
        test_servers_ask_for_gpus_and_tolerate_their_taint(planted)
