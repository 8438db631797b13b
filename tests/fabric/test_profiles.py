"""Profiles of fabrics: the golden page, every pool of the stacks in it, and the part of one pod."""

from __future__ import annotations

import pytest

from components.contracts.fabric import FabricProfile, PodFabric, Transport
from components.contracts.pools import GpuPool
from components.contracts.serving import Engine, Role
from components.planner.catalogs.table import read_table
from stacks.layers.foundation import FoundationPart
from stacks.reading import read_stack
from tests.conftest import PROJECT

from .kinds import LOSSLESS, kinds
from .page import PAGE, written

KINDS = kinds()


def test_the_page_says_what_pods_get() -> None:
    page = PAGE.read_text()
    assert page == written(page, KINDS), "run `python -m tests.fabric.page` and read the difference"


def test_every_kind_of_pool_of_the_stacks_is_on_the_page() -> None:
    seen: set[str] = set()
    for path in sorted(PROJECT.glob("Pulumi.*.yaml")):
        settings = read_stack(PROJECT, path.name.split(".")[1]).settings
        if isinstance(settings, FoundationPart):
            kind, pools = settings.target.kind, settings.node_pools
            seen |= {f"{kind} {pool.instance_type}" for pool in pools if isinstance(pool, GpuPool)}
    assert len(seen) >= 10
    assert seen <= KINDS.keys()


def test_a_pod_takes_the_cards_of_its_gpus() -> None:
    efa = KINDS["eks p5.48xlarge"].fabric
    assert efa.across_nodes(8, 8).devices == {"vpc.amazonaws.com/efa": 32}
    assert efa.across_nodes(2, 8).devices == {"vpc.amazonaws.com/efa": 8}
    few = KINDS["eks g6e.12xlarge"].fabric
    assert few.across_nodes(1, 4).devices == {"vpc.amazonaws.com/efa": 1}, "of one card for four GPUs"


def test_a_shared_card_is_one_slot_however_many_gpus_a_pod_has() -> None:
    shared = KINDS["kubeadm hgx-h100"].fabric
    assert shared.node_devices == {"rdma/rdma_shared_device_a": 63}
    assert shared.across_nodes(1, 8).devices == shared.across_nodes(8, 8).devices == {"rdma/rdma_shared_device_a": 1}


@pytest.mark.parametrize("kind", ["gke a3-ultragpu-8g", "gke a3-ultragpu-8g, DRANET", "gke a3-megagpu-8g"])
def test_a_part_of_a_node_gets_no_networks_of_the_whole(kind: str) -> None:
    with pytest.raises(ValueError, match="4 of 8 GPUs would hold all"):
        KINDS[kind].fabric.across_nodes(4, 8)


def test_claims_and_networks_exclude_each_other() -> None:
    attached, claimed = KINDS["gke a3-ultragpu-8g"].fabric, KINDS["gke a3-ultragpu-8g, DRANET"].fabric
    assert (len(attached.networks), attached.claims) == (8, ())
    assert claimed.networks == ()
    assert [(claim.device_class, claim.count) for claim in claimed.claims] == [("mrdma.google.com", 8)]


def test_a_pod_that_leaves_no_node_takes_no_card_and_no_rights() -> None:
    for name, pool in KINDS.items():
        inside = pool.fabric.inside_node()
        assert inside == PodFabric(environment=inside.environment), name
        assert inside.pod_security == "restricted"


def test_rights_say_which_profile_of_pod_security_their_namespace_needs() -> None:
    assert KINDS["eks p5.48xlarge"].fabric.across_nodes(8, 8).pod_security == "privileged"
    assert KINDS["gke a3-megagpu-8g"].fabric.across_nodes(8, 8).pod_security == "privileged", "for its folders"
    assert KINDS["gke g2-standard-48"].fabric.across_nodes(4, 4).pod_security == "restricted"


def test_lossless_ethernet_has_one_class_for_all_libraries() -> None:
    variables = dict(KINDS["kubeadm hgx-h100, roce"].fabric.environment)
    assert {variables[f"{library}_IB_{name}"] for library, name in _CLASSES} == {str(LOSSLESS.traffic_class)}
    assert variables["NCCL_IB_GID_INDEX"] == variables["UCX_IB_GID_INDEX"] == str(LOSSLESS.gid_index)
    assert "NCCL_IB_TC" not in dict(KINDS["kubeadm hgx-h100"].fabric.environment), "InfiniBand has no such class"


_CLASSES = (("NCCL", "TC"), ("UCX", "TRAFFIC_CLASS"), ("NVSHMEM", "TRAFFIC_CLASS"))


def test_overlap_is_only_with_backends_that_the_engine_overlaps() -> None:
    for pool in KINDS.values():
        for backend in pool.fabric.expert_backends:
            assert not backend.overlap or backend.backend.startswith("deepep_"), "vLLM asserts it, and does not start"


def test_every_role_of_servers_has_a_backend_on_every_pool() -> None:
    for name, pool in KINDS.items():
        roles = [backend.role for backend in pool.fabric.expert_backends if backend.engine is Engine.VLLM]
        assert sorted(roles) == sorted(Role), name


def test_every_backend_has_a_source() -> None:
    assert all(row["source"] for row in read_table("expert_backends"))


def test_facts_of_earlier_versions_are_read() -> None:
    earlier = FabricProfile(transport=Transport.EFA, resource_name="vpc.amazonaws.com/efa", devices_per_node=32)
    known = {"transport", "resource_name", "devices_per_node", "gbps_per_node", "nixl_backend", "environment"}
    assert earlier.model_dump().keys() == known | {"capabilities", "privileged"}, "they refuse keys that they lack"
    for pool in KINDS.values():
        assert FabricProfile.model_validate_json(pool.fabric.model_dump_json()) == pool.fabric
