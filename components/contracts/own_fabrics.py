"""Fabrics that users cable themselves: what the cards of their hosts are, and how the site's switches treat them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from .model import Contract

SHARED_RESOURCE = "rdma/rdma_shared_device_a"
"""Of NVIDIA's shared device plugin: one of it opens all RDMA cards of a node (Mellanox/network-operator, ``example``,
``rdmaSharedDevicePlugin``)."""


class _OwnFabric(Contract):
    cards: Annotated[int, Field(ge=1, le=32)] | None = None
    """Cards of a host for GPU traffic; those of its machine type where left out."""
    card_gbps: Annotated[int, Field(ge=1, le=1600)] | None = None
    """Gbit/s of one card and direction; as its machine type has it where left out."""


class InfinibandFabric(_OwnFabric):
    """InfiniBand, whose subnet manager gives addresses and whose credits lose no packet."""

    kind: Literal["infiniband"] = "infiniband"


class RoceFabric(_OwnFabric):
    """RDMA over Ethernet (RoCE v2): fast only while its packets are not lost."""

    kind: Literal["roce"] = "roce"
    pfc_priority: Annotated[int, Field(ge=0, le=7)] | None = None
    """Priority for which switches and cards pause instead of dropping (priority flow control)."""
    ecn: bool = False
    """Whether switches mark packets before queues are full, and cards slow down then."""
    traffic_class: Annotated[int, Field(ge=0, le=255)] | None = None
    """Traffic class of the packets: the DSCP times four, such as 106 for DSCP 26 with ECN."""
    gid_index: Annotated[int, Field(ge=0, le=255)] | None = None
    """Which of a card's addresses is that of RoCE v2; NCCL and UCX find it where left out."""


OwnFabric = Annotated[InfinibandFabric | RoceFabric, Field(discriminator="kind")]
"""The fabric of hosts of one's own."""

PRIORITY_SHIFT = 5
"""Bits of a traffic class below its priority: cards map eight DSCP values to each priority, and a traffic class is the
DSCP and two bits of ECN (NVIDIA MLNX_OFED, Quality of Service, ``dscp2prio``; Cumulus Linux, RoCE: DSCP 26 is 3)."""
