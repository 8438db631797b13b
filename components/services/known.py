"""The services that there are, and what makes a cluster need one. Loads none of them."""

from __future__ import annotations

from ..contracts.api_groups import RESOURCE_METRICS
from ..contracts.cluster_facts import ClusterFacts
from .service import Service

METRICS_SERVER = Service(
    name="metrics-server",
    namespace="strata-metrics",
    apis=(RESOURCE_METRICS,),
    deployments={"metrics-server": 2},
)


def needs_metrics_server(facts: ClusterFacts) -> bool:
    """Whether a cluster comes without metrics-server, and with kubelets that it can ask."""
    return not facts.existed and facts.kubelet_certificates is not None
