"""Pods with their part of the fabric: the real scheduler places them where it is, and on no node that lacks it."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from cli.verify.answers import Answers
from cli.verify.comparison import compare
from components.contracts.cluster_facts import PoolFacts
from components.contracts.pools import POOL_LABEL
from simulation import ControlPlane
from simulation.control_plane.nodes import MANAGED_LABEL, Node
from simulation.control_plane.pools import apply_nodes
from stacks.layers.promises import AllocatableDevices, Promise, PublishedDevices, ReadyReplicas
from tests.fabric.kinds import kinds
from tests.fabric.pods import IDENTITY, template, whole_node
from tests.simulation.kube import Kube

pytestmark = [pytest.mark.engine]
FAR = {name: pool for name, pool in kinds().items() if pool.fabric.transport.value != "none"}
_DRIVER, _OWNER = "dra.example.com", "fabric"
_ORDINARY = {"cpu": "8", "memory": "64Gi", "ephemeral-storage": "64Gi", "pods": "10"}


@dataclass(frozen=True)
class Case:
    """A kind of pool with one node, which has what its pods need or lacks the fabric."""

    kind: str
    has: bool

    @property
    def name(self) -> str:
        number = list(FAR).index(self.kind)
        return f"pool-{number}-{'has' if self.has else 'lacks'}"

    @property
    def pool(self) -> PoolFacts:
        return FAR[self.kind].model_copy(update={"name": self.name, "selector": {POOL_LABEL: self.name}})

    @property
    def node(self) -> Node:
        pool = self.pool
        devices = {pool.gpu_resource: pool.gpus_per_node, **(pool.fabric.node_devices if self.has else {})}
        amounts = _ORDINARY | {name: str(count) for name, count in devices.items()}
        return Node(
            name=self.name,
            labels={"kubernetes.io/hostname": self.name, MANAGED_LABEL: _OWNER, **pool.selector},
            taints=tuple(pool.tolerations),
            capacity=amounts,
            allocatable=amounts,
            architecture="amd64",
            address="10.128.0.1",
            kubelet="v1.34.0",
        )

    @property
    def objects(self) -> list[dict[str, object]]:
        """What the claims of its pod lead to, and the pod."""
        fabric = whole_node(self.pool)
        found: list[dict[str, object]] = []
        for claim in fabric.claims:
            found += [_device_class(claim.device_class), _claim(claim.device_class, claim.count, claim.name)]
            found += [_slice(self.name, claim.count)] if self.has else []
        made = template(self.pool, fabric)
        metadata = made["metadata"]
        assert isinstance(metadata, dict)
        return [*found, {"apiVersion": "v1", "kind": "Pod", **made, "metadata": {**metadata, "name": self.name}}]

    @property
    def promises(self) -> list[Promise]:
        """What `strata verify` looks for on its node."""
        pool = self.pool
        devices: list[Promise] = [
            AllocatableDevices(pool=pool.name, selector=pool.selector, resource=name, per_node=count)
            for name, count in pool.fabric.node_devices.items()
        ]
        return devices + [
            PublishedDevices(pool=pool.name, selector=pool.selector, driver=_DRIVER, per_node=claim.count)
            for claim in pool.fabric.claims
        ]


CASES = [Case(kind, has) for kind in FAR for has in (True, False)]


def _device_class(name: str) -> dict[str, object]:
    selector = {"cel": {"expression": f"device.driver == '{_DRIVER}'"}}
    return {
        "apiVersion": "resource.k8s.io/v1",
        "kind": "DeviceClass",
        "metadata": {"name": name},
        "spec": {"selectors": [selector]},
    }


def _claim(device_class: str, count: int, name: str) -> dict[str, object]:
    exactly = {"deviceClassName": device_class, "allocationMode": "ExactCount", "count": count}
    return {
        "apiVersion": "resource.k8s.io/v1",
        "kind": "ResourceClaimTemplate",
        "metadata": {"name": f"{IDENTITY.instance}-{count}-{name}"},
        "spec": {"spec": {"devices": {"requests": [{"name": name, "exactly": exactly}]}}},
    }


def _slice(node: str, count: int) -> dict[str, object]:
    pool = {"name": node, "generation": 1, "resourceSliceCount": 1}
    devices = [{"name": f"mrdma-{index}"} for index in range(count)]
    return {
        "apiVersion": "resource.k8s.io/v1",
        "kind": "ResourceSlice",
        "metadata": {"name": node},
        "spec": {"driver": _DRIVER, "nodeName": node, "pool": pool, "devices": devices},
    }


@pytest.fixture(scope="module", autouse=True)
def placed(plane: ControlPlane, kube: Kube) -> None:
    apply_nodes(plane, _OWNER, [case.node for case in CASES], field="fabric")
    kube.until(lambda: bool(kube.run("get", "serviceaccount", "default", "--ignore-not-found")), "an account for pods")
    for case in CASES:
        kube.apply(*case.objects)


def phase(kube: Kube, case: Case) -> str:
    return kube.path("pod", case.name, ".status.phase")


def answers(kube: Kube) -> Answers:
    text = kube.run("get", "nodes,pods,resourceslices", "-A", "-o", "json")
    return Answers.model_validate_json(text)


@pytest.mark.parametrize("kind", FAR)
def test_b14_a_pod_runs_where_its_fabric_is_and_waits_where_it_is_not(kind: str, kube: Kube) -> None:
    there, lacking = Case(kind, has=True), Case(kind, has=False)
    kube.until(lambda: phase(kube, there) == "Running", f"a pod of {kind} runs on a node with all that it needs")
    message = ".status.conditions[?(@.type=='PodScheduled')].message"
    kube.until(lambda: bool(kube.path("pod", lacking.name, message)), "the scheduler says why it waits")
    assert phase(kube, lacking) == "Pending"
    said = kube.path("pod", lacking.name, message)
    needed = [f"Insufficient {name}" for name in lacking.pool.fabric.node_devices] or ["cannot allocate all claims"]
    assert any(part in said for part in needed), said


@pytest.mark.parametrize("kind", FAR)
def test_b14_verify_says_which_fabric_is_missing_and_where(kind: str, kube: Kube) -> None:
    there, lacking = Case(kind, has=True), Case(kind, has=False)
    seen = answers(kube)
    assert all(finding.holds for finding in compare(there.promises, seen))
    for finding in compare(lacking.promises, seen):
        assert finding.holds is False
        assert f"fewer on {lacking.name} (0)" in finding.seen
        assert "does not run there" in finding.seen, "whoever advertises the cards"


def test_b14_verify_repeats_what_the_scheduler_says_of_waiting_pods(kube: Kube) -> None:
    promise = ReadyReplicas(namespace="default", name=IDENTITY.instance, about="model", count=1)
    kube.until(lambda: "Insufficient" in compare([promise], answers(kube))[0].seen, "the reason of a pod that waits")
    (finding,) = compare([promise], answers(kube))
    assert "Insufficient vpc.amazonaws.com/efa" in finding.seen
    assert "Insufficient rdma/ib" in finding.seen
