"""The EKS program run against the tables, without an engine."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from unittest import mock

from components.clusters.eks.cluster import EksClusterArgs, eks_cluster
from components.clusters.eks.settings import EksTarget
from components.contracts.pools import NodePool
from simulation.provider.store import Store
from tests.simulation.clouds.aws_account import AwsAccount
from tests.simulation.clouds.eks_account import noted
from tests.simulation.clouds.noted_plane import NotedPlane
from tests.simulation.clouds.recording import Recorder, run_program


def recorded(folder: Path, program: Callable[[], object]) -> Recorder:
    """What the program makes and asks in an account of its own."""
    plane = NotedPlane()

    def planes(_store: Store, _region: str, _name: str) -> NotedPlane:
        return plane

    return run_program(AwsAccount(folder, cloud=noted(planes)), "aws", program, plane)


def recorded_cluster(folder: Path, target: EksTarget, pools: Sequence[NodePool]) -> Recorder:
    """What the program makes of an EKS cluster, without asking the rules: the account has to refuse by itself."""

    def program() -> None:
        eks_cluster(target.name, EksClusterArgs.of(target, pools))

    with mock.patch("components.clusters.eks.cluster.refuse"):
        return recorded(folder, program)
