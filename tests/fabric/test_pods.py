"""A pod that talks to other nodes has all of its profile, and a server that does not has none of it."""

from __future__ import annotations

import json
import re

import pytest

from components.contracts.fabric import PodFabric
from components.contracts.quantities import Duration
from components.contracts.serving import Engine, Role, RolePlan
from components.planner.fabric_pods import expert_backend, pod_fabric
from components.serving import ModelService, ModelServiceArgs
from components.serving.engines import engine_adapter
from components.serving.engines.adapter import ServerRequest
from components.serving.sizing import server_size
from tests.planner.clusters import MIXED
from tests.registration import Registrations, registered, value_at
from tests.serving.plans import plan, role

from .kinds import kinds
from .pods import COMMAND, template, whole_node

KINDS = kinds()
FAR = {name: pool for name, pool in KINDS.items() if pool.fabric.transport.value != "none"}


def across(**changes: object) -> RolePlan:
    """A role of replicas on two whole nodes of eight GPUs."""
    return role(nodes_per_replica=2, tensor_parallel=8, pipeline_parallel=2, **changes)


@pytest.mark.parametrize("kind", FAR)
def test_a_pod_has_every_part_of_its_profile(kind: str) -> None:
    pool = FAR[kind]
    fabric = whole_node(pool)
    made = template(pool, fabric)
    limits = value_at(made, "spec", "containers", 0, "resources", "limits")
    assert isinstance(limits, dict)
    assert {name: int(str(limits[name])) for name in fabric.devices} == fabric.devices
    wanted = {claim.name for claim in fabric.claims}
    claims = value_at(made, "spec", "resourceClaims") or []
    assert isinstance(claims, list)
    assert {str(value_at(claim, "name")) for claim in claims} == wanted
    mounts = json.dumps(value_at(made, "spec", "containers", 0, "volumeMounts") or [])
    volumes = json.dumps(value_at(made, "spec", "volumes") or [])
    for mount in fabric.mounts:
        assert f'"{mount.mount_path}"' in mounts
        assert f'"{mount.host_path}"' in volumes
    annotations = value_at(made, "metadata", "annotations") or {}
    assert isinstance(annotations, dict)
    assert dict(fabric.annotations).items() <= annotations.items()


def test_networks_are_asked_for_as_published() -> None:
    annotations = dict(whole_node(KINDS["gke a4-highgpu-8g"]).annotations)
    listed = json.loads(annotations["networking.gke.io/interfaces"])
    assert listed[0] == {"interfaceName": "eth0", "network": "default"}
    assert listed[1] == {"interfaceName": "eth2", "network": "rdma-0"}
    assert len(listed) == 9


def test_the_daemon_of_tcpxo_runs_beside_the_server_with_its_devices_and_rights() -> None:
    pool = KINDS["gke a3-megagpu-8g"]
    made = template(pool, whole_node(pool))
    assert value_at(made, "spec", "containers", 1, "name") == "tcpxo-daemon"
    added = value_at(made, "spec", "containers", 1, "securityContext", "capabilities", "add")
    assert added == ["NET_ADMIN", "NET_BIND_SERVICE"]
    devices = str(value_at(made, "metadata", "annotations", "devices.gke.io/container.tcpxo-daemon"))
    assert re.findall(r"- path: (\S+)", devices)[-1] == "/dev/dmabuf_import_helper"


def test_settings_of_what_is_installed_are_read_before_the_program_starts() -> None:
    pool = KINDS["gke a3-ultragpu-8g"]
    command = value_at(template(pool, whole_node(pool)), "spec", "containers", 0, "command")
    assert isinstance(command, list)
    assert command[:2] == ["/bin/bash", "-c"]
    assert command[3:] == ["/usr/local/gib/scripts/set_nccl_env.sh", *COMMAND], "each argument stays one"


def test_a_capability_is_given_to_root_as_it_reaches_no_other_user() -> None:
    pool = KINDS["eks p5.48xlarge"]
    context = value_at(template(pool, whole_node(pool)), "spec", "containers", 0, "securityContext")
    assert value_at(context, "capabilities", "add") == ["IPC_LOCK"]
    assert value_at(context, "runAsUser") == 0
    assert not value_at(context, "privileged")
    rack = KINDS["eks p6e-gb200.36xlarge"]
    assert value_at(template(rack, whole_node(rack)), "spec", "containers", 0, "securityContext", "privileged")


def test_pods_of_one_server_prefer_nodes_near_each_other_the_nearest_most() -> None:
    pool = KINDS["eks p5.48xlarge"]
    terms = value_at(
        template(pool, whole_node(pool)),
        *("spec", "affinity", "podAffinity", "preferredDuringSchedulingIgnoredDuringExecution"),
    )
    assert isinstance(terms, list)
    weights = {str(value_at(term, "podAffinityTerm", "topologyKey")): value_at(term, "weight") for term in terms}
    assert max(weights, key=lambda key: int(str(weights[key]))) == "topology.k8s.aws/network-node-layer-3"


def test_a_server_inside_a_node_asks_for_gpus_alone() -> None:
    near, far = pod_fabric(MIXED.pool("h100"), role()), pod_fabric(MIXED.pool("h100"), across())
    assert near == PodFabric()
    assert far.devices


def served(kind: str) -> Registrations:
    """What a model's service on that pool registers."""
    of = plan()
    args = ModelServiceArgs(
        plan=of,
        pool=KINDS[kind].model_copy(update={"name": of.pool}),
        namespace="models",
        catalog_claim="catalog",
        model_path="/models/chat",
        catalog_mount="/models",
        priority_class="strata-serving",
    )
    return registered(lambda: ModelService("chat", args))


def test_servers_take_their_fabric_from_the_pool() -> None:
    container = served("gke a3-ultragpu-8g").only("Deployment").at("spec", "template", "spec", "containers", 0)
    variables = value_at(container, "env")
    assert {"name": "NCCL_TUNER_PLUGIN", "value": "none"} in (variables if isinstance(variables, list) else [])
    other = served("eks p5.48xlarge").only("Deployment").at("spec", "template", "spec")
    assert "NCCL_" not in json.dumps(other)
    assert "vpc.amazonaws.com/efa" not in json.dumps(other), "a card that no server uses is one that others miss"
    assert value_at(other, "containers", 0, "securityContext", "runAsNonRoot") is True


def test_shared_memory_is_no_smaller_than_the_fabric_needs() -> None:
    pool = KINDS["gke a3-megagpu-8g"]
    wide = pool.fabric.model_copy(update={"shared_memory": plan().storage.checkpoint})
    size = server_size(across(), pool.model_copy(update={"fabric": wide}), plan().storage.checkpoint)
    assert size.shared_memory == plan().storage.checkpoint


@pytest.mark.parametrize(
    ("kind", "of", "backend", "overlap"),
    [
        ("aks Standard_ND96isr_H100_v5", Role.DECODE, "deepep_low_latency", True),
        ("aks Standard_ND96isr_H100_v5", Role.PREFILL, "deepep_high_throughput", True),
        ("eks p5.48xlarge", Role.DECODE, "allgather_reducescatter", False),
        ("eks p6e-gb200.36xlarge", Role.SERVE, "flashinfer_nvlink_two_sided", False),
    ],
)
def test_experts_are_reached_as_the_fabric_and_the_engine_allow(
    kind: str, of: Role, backend: str, *, overlap: bool
) -> None:
    wide = across(expert_parallel=True, data_parallel=2, role=of)
    request = ServerRequest(
        plan=plan(),
        role=wide,
        model_path="/models/chat",
        served_name="chat",
        drain=Duration(60),
        fabric=whole_node(KINDS[kind]),
    )
    command = engine_adapter(Engine.VLLM).server(request).command
    assert f"--all2all-backend={backend}" in command
    assert ("--enable-dbo" in command) is overlap


def test_an_engine_older_than_its_row_keeps_its_own_way() -> None:
    rack = whole_node(KINDS["eks p6e-gb200.36xlarge"])
    wide = across(expert_parallel=True, data_parallel=2)
    assert expert_backend(rack, Engine.VLLM, "0.33.0", wide)
    assert expert_backend(rack, Engine.VLLM, "0.32.1", wide) is None
    assert expert_backend(rack, Engine.SGLANG, "0.5.16", wide) is None, "nobody looked"
    assert expert_backend(rack, Engine.VLLM, "0.33.0", across()) is None, "no expert travels"
