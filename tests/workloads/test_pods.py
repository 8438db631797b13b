"""Pod templates: restricted, without a token, placed where their pool is, and spread."""

from __future__ import annotations

import pulumi
import pytest
from pulumi_kubernetes import apps, core, meta

from components.contracts.cluster_facts import PoolFacts
from components.contracts.pools import Taint, TaintEffect
from components.contracts.quantities import ByteSize, CpuAmount
from components.workloads.identity import Identity
from components.workloads.pods import PodParts, memory_volume, pod_template, scratch_volume
from components.workloads.resources import Resources
from components.workloads.security import container_security
from components.workloads.service_accounts import service_account
from tests.registration import Json, Registration, registered, value_at
from tests.serving.plans import H100

IDENTITY = Identity(name="worker", instance="worker-1", component="worker")


def template(
    pool: PoolFacts | None = None,
    restart_policy: str = "Always",
    security: core.v1.SecurityContextArgs | None = None,
    volumes: tuple[core.v1.VolumeArgs, ...] = (),
) -> Json:
    """The template as the API server would get it."""
    parts = PodParts(
        identity=IDENTITY,
        service_account="worker-1",
        containers=[core.v1.ContainerArgs(name="main", security_context=security or container_security())],
        priority_class="strata-standard",
        pool=pool,
        restart_policy=restart_policy,
        volumes=volumes,
    )
    selector = meta.v1.LabelSelectorArgs(match_labels=IDENTITY.selector)
    spec = apps.v1.DeploymentSpecArgs(selector=selector, template=pod_template(parts))
    return registered(lambda: apps.v1.Deployment("worker", spec=spec)).only("Deployment").at("spec", "template")


def restricted_violations(pod: Json) -> list[str]:
    """Fields that the Pod Security Standard "restricted" refuses (kubernetes.io, Pod Security Standards)."""
    found: list[str] = []
    hosts = [name for name in ("hostNetwork", "hostPID", "hostIPC") if value_at(pod, "spec", name)]
    found += hosts
    if value_at(pod, "spec", "securityContext", "runAsNonRoot") is not True:
        found.append("runAsNonRoot")
    if value_at(pod, "spec", "securityContext", "seccompProfile", "type") not in {"RuntimeDefault", "Localhost"}:
        found.append("seccompProfile")
    containers = value_at(pod, "spec", "containers")
    assert isinstance(containers, list)
    for container in containers:
        security = value_at(container, "securityContext")
        found += ["privileged"] if value_at(security, "privileged") else []
        found += ["allowPrivilegeEscalation"] if value_at(security, "allowPrivilegeEscalation") is not False else []
        found += ["capabilities.drop"] if value_at(security, "capabilities", "drop") != ["ALL"] else []
        added = value_at(security, "capabilities", "add") or []
        found += ["capabilities.add"] if added not in ([], ["NET_BIND_SERVICE"]) else []
        found += ["runAsUser"] if value_at(security, "runAsUser") == 0 else []
    return found


def test_a_pod_meets_the_restricted_standard() -> None:
    assert restricted_violations(template()) == []
    added = template(security=container_security(["IPC_LOCK"]))
    assert restricted_violations(added) == ["capabilities.add"], "the check sees what would be refused"


def test_a_container_cannot_write_to_its_image() -> None:
    assert value_at(template(), "spec", "containers", 0, "securityContext", "readOnlyRootFilesystem") is True


def test_files_of_volumes_belong_to_the_group_of_the_pod_s_user() -> None:
    security = value_at(template(), "spec", "securityContext")
    assert value_at(security, "fsGroup") == value_at(security, "runAsGroup") != 0
    assert value_at(security, "fsGroupChangePolicy") == "OnRootMismatch", "else each start walks all files of a volume"


def test_a_pod_has_an_account_of_its_own_and_no_token() -> None:
    spec = value_at(template(), "spec")
    assert value_at(spec, "serviceAccountName") == "worker-1"
    assert value_at(spec, "automountServiceAccountToken") is False
    account: Registration = registered(
        lambda: service_account("a", namespace="models", identity=IDENTITY, opts=pulumi.ResourceOptions())
    ).only("ServiceAccount")
    assert account.at("metadata", "name") == "worker-1"
    assert account.inputs["automountServiceAccountToken"] is False


def test_variables_of_services_are_not_injected() -> None:
    assert value_at(template(), "spec", "enableServiceLinks") is False, "a Service called vllm would set VLLM_PORT"


def test_a_pod_selects_its_pool_and_tolerates_its_taints_and_no_other() -> None:
    spot = Taint(key="example.com/spot", value="true", effect=TaintEffect.NO_EXECUTE)
    pool = H100.model_copy(update={"tolerations": (*H100.tolerations, spot)})
    spec = value_at(template(pool), "spec")
    assert value_at(spec, "nodeSelector") == {"strata.dev/pool": "h100"}
    assert value_at(spec, "tolerations") == [
        {"key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoSchedule"},
        {"key": "example.com/spot", "operator": "Exists", "effect": "NoExecute"},
    ]


def test_a_pod_without_a_pool_runs_anywhere_but_on_tainted_nodes() -> None:
    spec = value_at(template(), "spec")
    assert value_at(spec, "nodeSelector") is None
    assert value_at(spec, "tolerations") is None


def test_servers_are_spread_over_zones_and_nodes_as_far_as_there_is_room() -> None:
    constraints = value_at(template(), "spec", "topologySpreadConstraints")
    assert isinstance(constraints, list)
    assert [value_at(constraint, "topologyKey") for constraint in constraints] == [
        "topology.kubernetes.io/zone",
        "kubernetes.io/hostname",
    ]
    labels = value_at(template(), "metadata", "labels")
    assert isinstance(labels, dict)
    for constraint in constraints:
        assert value_at(constraint, "whenUnsatisfiable") == "ScheduleAnyway", "a full zone must not block a replica"
        selector = value_at(constraint, "labelSelector", "matchLabels")
        assert isinstance(selector, dict)
        assert selector.items() <= labels.items()
        assert value_at(constraint, "matchLabelKeys") == ["pod-template-hash"]


@pytest.mark.parametrize("policy", ["OnFailure", "Never"])
def test_jobs_are_not_spread(policy: str) -> None:
    spec = value_at(template(restart_policy=policy), "spec")
    assert value_at(spec, "restartPolicy") == policy
    assert value_at(spec, "topologySpreadConstraints") is None, "pods of a Job have no pod-template-hash"


def test_volumes_are_bounded() -> None:
    volumes = value_at(
        template(volumes=(scratch_volume("tmp", "20Gi"), memory_volume("shm", "8Gi"))), "spec", "volumes"
    )
    assert volumes == [
        {"name": "tmp", "emptyDir": {"sizeLimit": "20Gi"}},
        {"name": "shm", "emptyDir": {"medium": "Memory", "sizeLimit": "8Gi"}},
    ]


def test_a_selector_holds_only_labels_that_never_change() -> None:
    assert IDENTITY.selector == {"app.kubernetes.io/name": "worker", "app.kubernetes.io/instance": "worker-1"}
    moved = Identity(name="worker", instance="worker-1", component="elsewhere", part_of="other")
    assert moved.selector == IDENTITY.selector, "a selector is immutable: another one replaces the workload"
    assert moved.labels != IDENTITY.labels


def test_requests_and_limits_are_what_quotas_and_devices_need() -> None:
    resources = Resources(
        cpu=CpuAmount.cores(6),
        memory=ByteSize.gib(40),
        ephemeral_storage=ByteSize.gib(22),
        devices={"nvidia.com/gpu": 2, "vpc.amazonaws.com/efa": 0},
    ).args()
    container = core.v1.ContainerArgs(name="main", resources=resources)
    spec = core.v1.PodSpecArgs(containers=[container])
    amounts = registered(lambda: core.v1.Pod("pod", spec=spec)).only("Pod").at("spec", "containers", 0, "resources")
    fixed = {"memory": "40Gi", "ephemeral-storage": "22Gi", "nvidia.com/gpu": "2"}
    assert value_at(amounts, "requests") == {"cpu": "6", **fixed}
    assert value_at(amounts, "limits") == {"cpu": "12", **fixed}, "start-up may burst; memory and devices may not"
