"""Every kind of pool whose fabric is known: those of the stacks, and the machines that clouds sell for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from components.clusters.aks.facts import aks_facts
from components.clusters.eks.facts import eks_facts
from components.clusters.gke.facts import gke_facts
from components.clusters.gke.settings import GpuNetworks
from components.clusters.kubeadm.facts import kubeadm_facts
from components.clusters.local.cluster import local_facts
from components.contracts.cluster_facts import PoolFacts
from components.contracts.own_fabrics import OwnFabric, RoceFabric
from components.contracts.pools import GpuPool
from tests.clusters.aks import pools as aks
from tests.clusters.eks import pools as eks
from tests.clusters.gke import pools as gke
from tests.clusters.kubeadm.site import site

LOSSLESS = RoceFabric(pfc_priority=3, ecn=True, traffic_class=106, gid_index=3)
"""RoCE as NVIDIA's switches have it by default: DSCP 26 in priority 3."""
_AWS = (
    *("g6e.12xlarge", "g6e.48xlarge", "p4d.24xlarge", "p5.4xlarge", "p5.48xlarge", "p5en.48xlarge"),
    *("p6-b200.48xlarge", "p6-b300.48xlarge", "p6e-gb200.36xlarge"),
)
_GCP = ("a3-highgpu-8g", "a3-megagpu-8g", "a3-ultragpu-8g", "a4-highgpu-8g", "a4x-highgpu-4g", "g2-standard-48")
_DRANET = ("a3-ultragpu-8g", "a4x-maxgpu-4g-metal")
_AZURE = (
    *("Standard_NC24ads_A100_v4", "Standard_ND96asr_v4", "Standard_ND96isr_H100_v5"),
    "Standard_ND128isr_NDR_GB200_v6",
)
_OWN: tuple[tuple[str, OwnFabric | None], ...] = (
    ("hgx-h100", None),
    ("hgx-h100", LOSSLESS),
    ("l40s-x4", None),
    ("l40s-x4", LOSSLESS),
    ("gb200-nvl72-tray", None),
)
_EMBEDDED = ("g6e.4xlarge", "g6e.48xlarge", "p5.4xlarge", "p5.48xlarge")


def _pool(instance_type: str, *, own: OwnFabric | None = None) -> GpuPool:
    racks = "gb200" in instance_type or "a4x" in instance_type
    return GpuPool(name="gpus", instance_type=instance_type, count=2, compute_domains=racks, fabric=own)


def kinds() -> Mapping[str, PoolFacts]:
    """Pools by environment, machine type and what else tells them apart."""
    return dict(_kinds())


def _kinds() -> Iterator[tuple[str, PoolFacts]]:
    for machine in _AWS:
        yield f"eks {machine}", eks_facts(eks.target(), (eks.system_pool(), _pool(machine))).pool("gpus")
    for machine in _GCP:
        yield f"gke {machine}", gke_facts(gke.target(), (gke.system_pool(), _pool(machine))).pool("gpus")
    claimed = gke.target().model_copy(update={"gpu_networks": GpuNetworks.DRANET})
    for machine in _DRANET:
        yield f"gke {machine}, DRANET", gke_facts(claimed, (gke.system_pool(), _pool(machine))).pool("gpus")
    for machine in _AZURE:
        yield f"aks {machine}", aks_facts(aks.target(), (aks.cpu_pool(), _pool(machine))).pool("gpus")
    target, pools = site()
    for machine, own in _OWN:
        name = f"kubeadm {machine}, {own.kind}" if own else f"kubeadm {machine}"
        yield name, kubeadm_facts(target, (pools[-1], _pool(machine, own=own))).pool("gpus")
    for machine in _EMBEDDED:
        yield f"local {machine}", local_facts("embedded", (_pool(machine),), ()).pool("gpus")
