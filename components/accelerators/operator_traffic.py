"""What the GPU operator and its pods may connect to, in a namespace that is closed.

The operator, node feature discovery, validators, driver and MIG managers ask the API server, whose address is not known
before the cluster is; the driver fetches kernel headers from the distribution's servers. Prometheus asks the exporter.
"""

from __future__ import annotations

import pulumi
from pulumi_kubernetes import meta, networking

from ..contracts.customize import ObjectCustomize
from ..workloads.metadata import platform_metadata
from ..workloads.network_policies import HTTPS_PORT, Peer, ingress, network_egress

_API_PORT = 6443
_HTTP_PORT = 80
_EXPORTER_PORT = 9400
_MONITORING = Peer(namespace_labels={"strata.dev/role": "monitoring"})


def open_operator_traffic(name: str, namespace: str, customize: ObjectCustomize, opts: pulumi.ResourceOptions) -> None:
    """Declare the policies.

    Args:
        name: Prefix of the resources' names.
        namespace: Where the operator runs.
        customize: Labels and annotations that the user adds.
        opts: Options of the resources.
    """
    everyone = meta.v1.LabelSelectorArgs()
    # NVIDIA/gpu-operator v26.7.0, assets/state-driver/0500_daemonset.yaml and state-dcgm-exporter/0800_daemonset.yaml.
    driver = meta.v1.LabelSelectorArgs(match_labels={"app.kubernetes.io/component": "nvidia-driver"})
    exporter = meta.v1.LabelSelectorArgs(match_labels={"app": "nvidia-dcgm-exporter"})

    def allow(what: str, spec: networking.v1.NetworkPolicySpecArgs) -> None:
        metadata = platform_metadata(what, customize, namespace=namespace)
        networking.v1.NetworkPolicy(f"{name}-{what}", metadata=metadata, spec=spec, opts=opts)

    allow(
        "allow-api-server",
        networking.v1.NetworkPolicySpecArgs(
            pod_selector=everyone, policy_types=["Egress"], egress=[network_egress([HTTPS_PORT, _API_PORT])]
        ),
    )
    allow(
        "allow-driver-packages",
        networking.v1.NetworkPolicySpecArgs(
            pod_selector=driver, policy_types=["Egress"], egress=[network_egress([_HTTP_PORT])]
        ),
    )
    allow(
        "allow-metrics",
        networking.v1.NetworkPolicySpecArgs(
            pod_selector=exporter, policy_types=["Ingress"], ingress=[ingress(_EXPORTER_PORT, [_MONITORING])]
        ),
    )
