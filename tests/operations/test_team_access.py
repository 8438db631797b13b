"""What members of teams may do, asked of a real API server: the access matrix of teams."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Generator, Sequence
from pathlib import Path

import pytest

from components.operations import (
    GuardedNamespace,
    GuardedNamespaceArgs,
    PriorityClasses,
    Team,
    TeamMember,
    TeamNamespace,
    TeamNamespaces,
    TeamNamespacesArgs,
    TeamRole,
)
from simulation import ControlPlane
from tests.registration import Json, registered

pytestmark = [pytest.mark.engine]

MINE, OTHER, MODELS = "search", "ads", "models"
ENGINEER = ("--as=eve", "--as-group=search-engineers")
VIEWER = ("--as=ana@example.com", "--as-group=everybody")
STRANGER = ("--as=mallory", "--as-group=ads-engineers")
TEAMS = (
    Team(
        name="search",
        namespaces=[TeamNamespace(name=MINE, quota={"requests.nvidia.com/gpu": "8", "pods": "50"})],
        members=[
            TeamMember(group="search-engineers", role=TeamRole.EDIT),
            TeamMember(user="ana@example.com", role=TeamRole.VIEW),
        ],
    ),
    Team(
        name="ads",
        namespaces=[TeamNamespace(name=OTHER)],
        members=[TeamMember(group="ads-engineers", role=TeamRole.EDIT)],
    ),
)
SEES = (
    *("get deployments", "list pods", "watch events", "get pods --subresource=log", "get resourcequota/quota"),
    *("get networkpolicies/default-deny", "get namespaces/search", "get configmaps"),
    *("get jobs", "list horizontalpodautoscalers", "list endpointslices"),
)
CHANGES = (
    *("create deployments", "patch deployments", "delete pods", "create pods", "deletecollection pods"),
    *("create jobs", "create cronjobs", "create services", "create persistentvolumeclaims", "create configmaps"),
    *("patch deployments --subresource=scale", "create pods --subresource=exec", "get secrets", "create secrets"),
    *("create pods --subresource=portforward", "create serviceaccounts", "patch horizontalpodautoscalers"),
    *("create poddisruptionbudgets", "create pods --subresource=eviction", "create statefulsets"),
)
GUARDS = (
    *("create networkpolicies", "patch networkpolicies", "delete networkpolicies/default-deny"),
    *("deletecollection networkpolicies", "create resourcequotas", "update resourcequota/quota"),
    *("delete resourcequota/priorities", "patch limitranges", "delete limitrange/defaults"),
    *("patch namespaces/search", "update namespaces/search", "delete namespaces/search"),
    *("update namespaces/search --subresource=finalize", "create roles", "create rolebindings", "patch roles"),
    *("bind roles/strata-edit", "escalate roles", "delete rolebindings/strata-view", "list rolebindings"),
    *("create serviceaccounts --subresource=token", "impersonate serviceaccounts", "create ingresses"),
    *("create endpoints", "patch endpointslices", "create pods --subresource=proxy"),
    *(
        "create services --subresource=proxy",
        "patch services --subresource=status",
        "create pods --subresource=binding",
    ),
    *("create resourceclaims.resource.k8s.io", "create resourceclaimtemplates.resource.k8s.io", "'*' '*'"),
)
IN_CLUSTER = (
    *("list nodes", "list namespaces", "create namespaces", "get persistentvolumes", "list secrets -A"),
    *("create clusterrolebindings", "impersonate users", "impersonate groups", "create priorityclasses"),
    *("create storageclasses", "create validatingwebhookconfigurations", "create customresourcedefinitions"),
    *("list pods -A", "approve certificatesigningrequests", "get /metrics"),
)
RESTRICTED: Json = {
    "allowPrivilegeEscalation": False,
    "capabilities": {"drop": ["ALL"]},
    "runAsNonRoot": True,
    "seccompProfile": {"type": "RuntimeDefault"},
}


def _declare() -> None:
    PriorityClasses("priorities")
    GuardedNamespace(MODELS, GuardedNamespaceArgs(namespace=MODELS))
    TeamNamespaces("teams", TeamNamespacesArgs(teams=TEAMS, models_namespace=MODELS))


@pytest.fixture(scope="module")
def plane(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Generator[ControlPlane, None, None]:
    """A control plane with everything that the components declare."""
    state = tmp_path_factory.mktemp("teams")
    (state / "bin").symlink_to(project / ".strata" / "bin")
    control_plane = ControlPlane("teams", state)
    objects = [one.inputs for one in registered(_declare).made if one.token.startswith("kubernetes:")]
    ordered = sorted(objects, key=lambda one: one["kind"] != "Namespace")
    try:
        control_plane.start()
        applied = kubectl(control_plane, "apply", "-f", "-", stdin=json.dumps(_list_of(ordered)))
        assert applied.returncode == 0, applied.stderr
        yield control_plane
    finally:
        control_plane.delete()


def _list_of(objects: Sequence[dict[str, Json]]) -> dict[str, Json]:
    return {"apiVersion": "v1", "kind": "List", "items": [*objects]}


def kubectl(plane: ControlPlane, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    program = plane.layout.state / "bin" / "kubectl"
    return subprocess.run(
        [str(program), f"--kubeconfig={plane.kubeconfig}", *arguments],
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def allowed(plane: ControlPlane, who: Sequence[str], actions: Sequence[str], namespace: str) -> list[str]:
    """Those of the actions that are allowed."""
    found: list[str] = []
    for action in actions:
        words = [word.strip("'") for word in action.split()]
        said = kubectl(plane, "auth", "can-i", *words, f"--namespace={namespace}", *who)
        answer = said.stdout.strip()
        assert answer in {"yes", "no"}, f"{action}: {said.stdout}{said.stderr}"
        assert "doesn't have a resource type" not in said.stderr, f"'no' would say nothing: {said.stderr}"
        if answer == "yes":
            found.append(action)
    return found


def test_the_server_decides_by_roles_at_all(plane: ControlPlane) -> None:
    assert allowed(plane, ("--as=nobody",), ["get pods", "create deployments"], MINE) == []
    assert allowed(plane, (), ["delete namespaces/search"], MINE), "the administrator of the tests"


def test_members_with_edit_run_workloads_in_their_namespace(plane: ControlPlane) -> None:
    assert allowed(plane, ENGINEER, [*SEES, *CHANGES], MINE) == [*SEES, *CHANGES]


def test_members_with_view_see_everything_but_secrets_and_change_nothing(plane: ControlPlane) -> None:
    assert allowed(plane, VIEWER, [*SEES, *CHANGES], MINE) == [*SEES]


@pytest.mark.parametrize("who", [ENGINEER, VIEWER], ids=["edit", "view"])
def test_nobody_of_a_team_touches_what_guards_its_namespace(who: Sequence[str], plane: ControlPlane) -> None:
    assert allowed(plane, who, GUARDS, MINE) == []


@pytest.mark.parametrize("who", [ENGINEER, VIEWER], ids=["edit", "view"])
@pytest.mark.parametrize("namespace", [OTHER, MODELS, "default", "kube-system"])
def test_nothing_of_others_is_seen_or_changed(namespace: str, who: Sequence[str], plane: ControlPlane) -> None:
    elsewhere = [action.replace(f"namespaces/{MINE}", f"namespaces/{namespace}") for action in (*SEES, *CHANGES)]
    assert allowed(plane, who, elsewhere, namespace) == []


def test_another_team_has_no_access(plane: ControlPlane) -> None:
    assert allowed(plane, STRANGER, [*SEES, *CHANGES], MINE) == []
    assert allowed(plane, STRANGER, ["create deployments"], OTHER) == ["create deployments"]


@pytest.mark.parametrize("who", [ENGINEER, VIEWER], ids=["edit", "view"])
def test_nothing_of_the_cluster_is_reached(who: Sequence[str], plane: ControlPlane) -> None:
    assert allowed(plane, who, IN_CLUSTER, MINE) == []


def pod(name: str, priority_class: str = "") -> str:
    spec: dict[str, Json] = {
        "containers": [{"name": "main", "image": "example.com/job:1", "securityContext": RESTRICTED}],
        "automountServiceAccountToken": False,
    }
    if priority_class:
        spec["priorityClassName"] = priority_class
    return json.dumps({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": spec})


def created(plane: ControlPlane, manifest: str, *flags: str) -> subprocess.CompletedProcess[str]:
    return kubectl(plane, "create", f"--namespace={MINE}", *ENGINEER, *flags, "-f", "-", stdin=manifest)


@pytest.mark.parametrize("priority_class", ["", "strata-batch"])
def test_pods_run_without_a_priority_or_as_batch_jobs(priority_class: str, plane: ControlPlane) -> None:
    done = created(plane, pod(f"job{priority_class.removeprefix('strata')}", priority_class))
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    "priority_class", ["strata-serving", "strata-standard", "system-cluster-critical", "system-node-critical"]
)
def test_pods_that_would_preempt_model_servers_are_refused(priority_class: str, plane: ControlPlane) -> None:
    done = created(plane, pod("first", priority_class))
    assert (done.returncode, "exceeded quota: priorities" in done.stderr) == (1, True), done.stderr


@pytest.mark.parametrize("kind", ["LoadBalancer", "NodePort"])
def test_services_that_open_the_cluster_are_refused(kind: str, plane: ControlPlane) -> None:
    service: dict[str, Json] = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "open"},
        "spec": {"type": kind, "ports": [{"port": 80}]},
    }
    done = created(plane, json.dumps(service))
    assert (done.returncode, "exceeded quota: quota" in done.stderr) == (1, True), done.stderr


def test_a_service_that_takes_connections_of_others_is_refused(plane: ControlPlane) -> None:
    service: dict[str, Json] = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "taker"},
        "spec": {"ports": [{"port": 443}], "externalIPs": ["93.184.215.14"]},
    }
    # The API server reads new admission policies in the background.
    deadline = time.monotonic() + 20
    while (done := created(plane, json.dumps(service), "--dry-run=server")).returncode == 0:
        assert time.monotonic() < deadline, "the Service is accepted"
        time.sleep(0.5)
    assert "cannot have externalIPs" in done.stderr
    service["spec"] = {"ports": [{"port": 443}]}
    assert created(plane, json.dumps(service)).returncode == 0


def test_a_pod_that_runs_as_root_is_refused(plane: ControlPlane) -> None:
    done = created(plane, pod("root").replace('"runAsNonRoot": true', '"runAsNonRoot": false'))
    assert (done.returncode, 'violates PodSecurity "restricted' in done.stderr) == (1, True), done.stderr
