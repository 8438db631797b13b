"""The example of hosts of one's own: InfiniBand and RoCE as the site cabled them, and mistakes that are refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from components.clusters.kubeadm.facts import kubeadm_facts
from components.clusters.kubeadm.settings import KubeadmTarget
from components.contracts.errors import StrataError
from components.contracts.fabric import Transport
from stacks.checks import check_all
from stacks.reading import read_whole_stack
from tests.stack_files import replace_text

INFINIBAND = "fabric: {kind: infiniband, cards: 8, card_gbps: 400}"
ROCE = "fabric: {kind: roce, pfc_priority: 3, ecn: true, traffic_class: 106, cards: 2, card_gbps: 200}"
REFUSED = {
    "InfiniBand has no traffic class": (
        INFINIBAND,
        "fabric: {kind: infiniband, traffic_class: 106}",
        "node_pools[0].fabric.traffic_class",
        "unknown",
    ),
    "InfiniBand that no pod uses": (
        INFINIBAND,
        f"rdma: false\n      {INFINIBAND}",
        "node_pools[0].fabric",
        "no pod would use the fabric",
    ),
    "RoCE that nobody made lossless": (
        ROCE,
        "fabric: {kind: roce}",
        "node_pools[1].fabric",
        "neither pfc_priority nor ecn",
    ),
    "RoCE in a class that is not paused": (
        ROCE,
        ROCE.replace("traffic_class: 106", "traffic_class: 0"),
        "node_pools[1].fabric.traffic_class",
        "switches would drop the traffic that they should pause",
    ),
}


def test_the_example_has_both_fabrics(project: Path) -> None:
    settings = read_whole_stack(project, "onprem")
    assert isinstance(settings.target, KubeadmTarget)
    pools = {pool.name: pool.fabric for pool in kubeadm_facts(settings.target, settings.node_pools).gpu_pools}
    assert (pools["h100"].transport, pools["h100"].gbps_per_node) == (Transport.INFINIBAND, 3200)
    assert (pools["l40s"].transport, pools["l40s"].gbps_per_node) == (Transport.ROCE, 400)
    assert dict(pools["l40s"].environment)["NCCL_IB_TC"] == "106"
    assert all(pool.is_rdma for pool in pools.values())


@pytest.mark.parametrize("mistake", REFUSED)
def test_a_mistake_is_refused_before_a_host_is_touched(mistake: str, project: Path, tmp_path: Path) -> None:
    old, new, field, said = REFUSED[mistake]
    replace_text(project, tmp_path, "onprem", old, new)
    with pytest.raises(StrataError) as refused:
        check_all(tmp_path, read_whole_stack(tmp_path, "onprem"))
    text = str(refused.value)
    assert field in text
    assert said in text
