"""InfiniBand of Azure's machines, and what it asks of a pool.

Owns the table of machines with InfiniBand. Azure puts the machines of one scale set on one fabric and
promises nothing beyond, and one AKS pool is one scale set: that is why such a pool is never spread.

Sources: https://learn.microsoft.com/azure/virtual-machines/setup-infiniband (one scale set, one placement
group, at most 100 machines), https://azure.github.io/aks-rdma-infiniband (feature, device ids, RDMA resource).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ...planner.catalogs.instances import InstanceType

FEATURE = "AKSInfinibandSupport"
"""Feature of ``Microsoft.ContainerService``; without it nodes of one pool land on different fabrics."""
MOST_NODES = 100
"""Machines of one placement group."""

INFINIBAND_LABEL = "strata.dev/infiniband"
"""Label with the generation of a node's InfiniBand."""

_SIZES = "https://learn.microsoft.com/azure/virtual-machines/sizes/gpu-accelerated"


@dataclass(frozen=True, kw_only=True)
class Infiniband:
    """The InfiniBand cards of a machine.

    Attributes:
        cards: How many, one for each GPU.
        generation: ``HDR`` (200 Gbit/s) or ``NDR`` (400 Gbit/s, 800 with ConnectX-8).
        device: PCI device id of the virtual function, by which nodes are labelled.
        source: Where the row was read.
    """

    cards: int
    generation: str
    device: str
    source: str


_CONNECTX_6, _CONNECTX_7 = "101c", "101e"

INFINIBAND: Mapping[str, Infiniband] = {
    "Standard_ND96asr_v4": Infiniband(
        cards=8, generation="HDR", device=_CONNECTX_6, source=f"{_SIZES}/ndasra100v4-series"
    ),
    "Standard_ND96amsr_A100_v4": Infiniband(
        cards=8, generation="HDR", device=_CONNECTX_6, source=f"{_SIZES}/ndma100v4-series"
    ),
    "Standard_ND96isr_H100_v5": Infiniband(
        cards=8, generation="NDR", device=_CONNECTX_7, source=f"{_SIZES}/ndh100v5-series"
    ),
    "Standard_ND96isr_H200_v5": Infiniband(
        cards=8, generation="NDR", device=_CONNECTX_7, source=f"{_SIZES}/nd-h200-v5-series"
    ),
    "Standard_ND96isr_MI300X_v5": Infiniband(
        cards=8, generation="NDR", device=_CONNECTX_7, source=f"{_SIZES}/ndmi300xv5-series"
    ),
    "Standard_ND128isr_NDR_GB200_v6": Infiniband(
        cards=4, generation="NDR", device=_CONNECTX_7, source=f"{_SIZES}/nd-gb200-v6-series"
    ),
    "Standard_ND128isr_GB300_v6": Infiniband(
        cards=4, generation="NDR", device=_CONNECTX_7, source=f"{_SIZES}/nd-gb300-v6-series"
    ),
}
"""The machines of the instance catalog with InfiniBand."""


def infiniband(machine: InstanceType) -> Infiniband | None:
    """The InfiniBand of a machine; None where it has none."""
    return INFINIBAND.get(machine.name)


def fabric_labels(machine: InstanceType) -> dict[str, str]:
    """Labels of nodes with InfiniBand, from their first minute on.

    A label of our own: kubelets may not set that of feature discovery, ``feature.node.kubernetes.io/…``.
    """
    found = infiniband(machine)
    if found is None:
        return {}
    return {INFINIBAND_LABEL: found.generation}
