"""InfiniBand of Azure's machines, and what it asks of a pool.

Owns labels and limits of such pools; the cards are in the catalog of InfiniBand cards. Azure puts the
machines of one scale set on one fabric and promises nothing beyond, and one AKS pool is one scale set:
that is why such a pool is never spread.

Sources: https://learn.microsoft.com/azure/virtual-machines/setup-infiniband (one scale set, one placement
group, at most 100 machines), https://azure.github.io/aks-rdma-infiniband (feature, device ids, RDMA resource).
"""

from __future__ import annotations

from ...planner.catalogs.infiniband_cards import InfinibandCards, infiniband_cards
from ...planner.catalogs.instances import InstanceType

FEATURE = "AKSInfinibandSupport"
"""Feature of ``Microsoft.ContainerService``; without it nodes of one pool land on different fabrics."""
MOST_NODES = 100
"""Machines of one placement group."""

INFINIBAND_LABEL = "strata.dev/infiniband"
"""Label with the generation of a node's InfiniBand."""


def infiniband(machine: InstanceType) -> InfinibandCards | None:
    """The InfiniBand of a machine; None where it has none."""
    return infiniband_cards().get(machine.name)


def fabric_labels(machine: InstanceType) -> dict[str, str]:
    """Labels of nodes with InfiniBand, from their first minute on.

    A label of our own: kubelets may not set that of feature discovery, ``feature.node.kubernetes.io/…``.
    """
    found = infiniband(machine)
    if found is None:
        return {}
    return {INFINIBAND_LABEL: found.generation}
