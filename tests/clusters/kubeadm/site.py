"""A correct site that the tests take one thing from at a time."""

from __future__ import annotations

from pathlib import Path

from components.clusters.kubeadm.settings import KubeadmTarget
from components.contracts.pools import NodePool
from stacks.reading import read_whole_stack

PROJECT = Path(__file__).resolve().parents[3]


def site() -> tuple[KubeadmTarget, tuple[NodePool, ...]]:
    """The target and the pools of the example stack."""
    settings = read_whole_stack(PROJECT, "onprem")
    assert isinstance(settings.target, KubeadmTarget)
    return settings.target, settings.node_pools
