"""The hardware of a machine, apart from what anybody advertises of it.

Owns the annotation in which a node carries it to the process that stands in for kubelet and device plugins.
"""

from __future__ import annotations

from components.contracts.model import Contract

INVENTORY_ANNOTATION = "simulation.strata.dev/hardware"


class Inventory(Contract):
    """What a machine has.

    Attributes:
        gpus: NVIDIA GPUs.
        driver: Whether its image or its cloud installs the NVIDIA driver.
        toolkit: Whether its image or its cloud sets up NVIDIA's container toolkit.
        own_plugin: Whether its image runs a device plugin for GPUs as a service of the host.
        efa: EFA cards that it was started with.
        rdma: InfiniBand or RoCE cards.
        cut: Profile into which its cloud cut all of its GPUs; empty where it left them whole.
        clients: Pods that its cloud's own device plugin lets share a GPU or a partition.
        mig: Most partitions of one GPU by profile, such as 7 of ``1g.10gb``; empty where it cannot be partitioned.
        mig_memory: MiB of one partition by profile.
        node_labels: Labels that node feature discovery finds.
        gpu_labels: Labels that GPU feature discovery finds, of whole GPUs without sharing.
    """

    gpus: int = 0
    driver: bool = False
    toolkit: bool = True
    own_plugin: bool = False
    efa: int = 0
    rdma: int = 0
    cut: str = ""
    clients: int = 1
    mig: dict[str, int] = {}
    mig_memory: dict[str, int] = {}
    node_labels: dict[str, str] = {}
    gpu_labels: dict[str, str] = {}
