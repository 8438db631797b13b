"""What a site costs by the hour: unknown, because the hosts are somebody's own."""

from __future__ import annotations

from collections.abc import Sequence

from ...contracts.costs import CostLine
from ...contracts.pools import NodePool
from .settings import KubeadmTarget


def kubeadm_costs(target: KubeadmTarget, pools: Sequence[NodePool]) -> tuple[CostLine, ...]:
    """One line for each pool and one for the control plane; no price is known."""
    note = "hosts of one's own: depreciation, power and people are not known here"
    return (
        *(
            CostLine(
                item=f"{pool.name}: {pool.count} × {pool.instance_type}",
                usd_per_hour=None,
                region=target.name,
                date="",
                note=note,
            )
            for pool in pools
        ),
        CostLine(
            item=f"control plane: {len(target.control_plane.hosts)} hosts",
            usd_per_hour=None,
            region=target.name,
            date="",
            note=note,
        ),
    )
