"""Bandwidths of circuits in the words of each cloud; settings have one spelling for all, such as ``10Gbps``."""

from __future__ import annotations

LINK_TYPES = {
    "10Gbps": "LINK_TYPE_ETHERNET_10G_LR",
    "100Gbps": "LINK_TYPE_ETHERNET_100G_LR",
    "400Gbps": "LINK_TYPE_ETHERNET_400G_LR4",
}
"""Google's types of link, one for each bandwidth: https://cloud.google.com/compute/docs/reference/rest/v1/interconnects."""
_MEGABITS = {"Mbps": 1, "Gbps": 1000}


def megabits(bandwidth: str) -> int:
    """Mbit/s, as Azure counts: 1000 for ``1Gbps``."""
    return int(bandwidth[:-4]) * _MEGABITS[bandwidth[-4:]]


def attachment_bandwidth(bandwidth: str) -> str:
    """Google's word for the bandwidth of an attachment: ``BPS_10G`` for ``10Gbps``."""
    return f"BPS_{bandwidth.removesuffix('bps')}"
