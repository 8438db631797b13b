"""A cluster of the simulated account with a control plane that really answers."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

import pytest

from simulation.clouds.aws import vocabulary as v
from simulation.clouds.aws.cloud import AWS
from simulation.provider.managed_cluster import ManagedCluster, existing_clusters
from simulation.provider.values import Value
from tests.simulation.clouds.aws_account import Made
from tests.simulation.clouds.eks_account import EksAccount
from tests.simulation.kube import Kube

pytestmark = [pytest.mark.engine]


@pytest.fixture(scope="module")
def eks(state: Path) -> Generator[EksAccount, None, None]:
    yield EksAccount(state, AWS)
    for found_cluster in existing_clusters(state):
        found_cluster.delete()


def _nodes(kube: Kube, path: str) -> set[str]:
    """A field of every node."""
    return set(kube.run("get", "nodes", "-o", f"jsonpath={{range .items[*]}}{{{path}}}{{'\\n'}}{{end}}").split())


def test_a_cluster_comes_up_with_its_nodes_and_goes_without_a_trace(
    eks: EksAccount, state: Path, project: Path
) -> None:
    cluster = eks.cluster()
    assert str(cluster.outputs["endpoint"]).startswith("https://127.0.0.1:")
    taint: Value = {"key": "example.com/dedicated", "value": "yes", "effect": "NO_SCHEDULE"}
    group = eks.group(taints=[taint])
    kube = Kube(project, ManagedCluster("prod", state, cloud="aws", location="us-east-2").control_plane)
    assert _nodes(kube, r".metadata.labels.topology\.kubernetes\.io/zone") == {"us-east-2a", "us-east-2b"}
    assert _nodes(kube, r".metadata.labels.eks\.amazonaws\.com/nodegroup") == {"system"}
    assert _nodes(kube, ".spec.taints[*].key") == {"example.com/dedicated"}
    assert {version[:6] for version in _nodes(kube, ".status.nodeInfo.kubeletVersion")} == {"v1.34."}
    eks.aws.delete(group)
    assert _nodes(kube, ".metadata.name") == set()
    eks.aws.delete(Made(v.CLUSTER, "prod", {}, {}))
    assert existing_clusters(state) == []
