"""The DCGM exporter as objects of ours: temperature, power, memory, errors and use of every GPU, for Prometheus.

Its chart is in no Go module, and is one DaemonSet, which differs from this one only in how nodes are chosen. Source:
NVIDIA/dcgm-exporter, ``deployment`` (2026-05). Where the GPU operator or the cloud runs one, none comes from here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import pulumi
from pulumi_kubernetes import apiextensions, core

from ..accelerators import Owner, ownership
from ..contracts.arguments import checked, checked_arguments
from ..contracts.cluster_facts import ClusterFacts, PoolFacts
from ..contracts.versions import DCGM_EXPORTER, POD_MONITOR_API
from ..workloads.daemons import daemon_set, on_pools, tolerations_of
from ..workloads.identity import Identity
from ..workloads.metadata import metadata
from ..workloads.network_policies import Peer, ingress
from .known import DCGM_EXPORTER as SERVICE
from .known import PROMETHEUS
from .service import ServiceSources
from .space import ServiceSpace, service_space

_PORT = 9400
_METRICS = "metrics"
_POD_RESOURCES = "/var/lib/kubelet/pod-resources"
# As published; the first start of DCGM takes most of a minute on a node with eight GPUs.
_FIRST_PROBE = 45


def watched_pools(facts: ClusterFacts) -> Sequence[PoolFacts]:
    """Pools whose nodes have driver and toolkit from their image, so that nothing else brings an exporter.

    Args:
        facts: The cluster.
    """
    return [owned.pool for owned in ownership(facts) if owned.gpus is Owner.DEVICE_PLUGIN]


@checked_arguments
@dataclass(frozen=True, kw_only=True)
class DcgmExporterArgs:
    """The cluster, and where the image comes from.

    Attributes:
        facts: The cluster.
        sources: Where the image comes from.
    """

    facts: ClusterFacts
    sources: ServiceSources = field(default_factory=ServiceSources)


class DcgmExporter(pulumi.ComponentResource):
    """The exporter on every node of the watched pools, in a namespace of its own, with its monitor."""

    @checked
    def __init__(self, name: str, args: DcgmExporterArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("strata:services:DcgmExporter", name, None, opts)
        monitoring = Peer(namespace_labels={"kubernetes.io/metadata.name": PROMETHEUS.namespace})
        space = service_space(
            f"{name}-namespace",
            ServiceSpace(
                service=SERVICE,
                ingress=(ingress(_PORT, [monitoring]),),
                # The kubelet's socket, which tells whose GPU is whose, is a folder of the host.
                pod_security="privileged",
                is_critical=True,
                customize=args.sources.customize,
            ),
            pulumi.ResourceOptions(parent=self),
        )
        identity = Identity(
            name=SERVICE.name, instance=SERVICE.name, component="gpu-metrics", customize=args.sources.customize
        )
        after = pulumi.ResourceOptions(parent=self, depends_on=list(space))
        daemon_set(f"{name}-daemons", identity, SERVICE.namespace, _pod(args), after)
        apiextensions.CustomResource(
            f"{name}-monitor",
            api_version=POD_MONITOR_API,
            kind="PodMonitor",
            metadata=metadata(identity, SERVICE.namespace),
            spec={
                "selector": {"matchLabels": identity.selector},
                "podMetricsEndpoints": [{"port": _METRICS, "path": "/metrics", "interval": "15s"}],
            },
            opts=after,
        )
        self.register_outputs({})


def _pod(args: DcgmExporterArgs) -> core.v1.PodSpecArgs:
    pools = watched_pools(args.facts)
    return core.v1.PodSpecArgs(
        containers=[_container(args)],
        volumes=[
            core.v1.VolumeArgs(name="pod-resources", host_path=core.v1.HostPathVolumeSourceArgs(path=_POD_RESOURCES))
        ],
        affinity=on_pools(pools),
        tolerations=tolerations_of(pools),
        priority_class_name="system-node-critical",
        automount_service_account_token=False,
        enable_service_links=False,
    )


def _container(args: DcgmExporterArgs) -> core.v1.ContainerArgs:
    sources = args.sources
    node = core.v1.EnvVarSourceArgs(field_ref=core.v1.ObjectFieldSelectorArgs(field_path="spec.nodeName"))
    healthy = core.v1.HTTPGetActionArgs(path="/health", port=_METRICS)
    return core.v1.ContainerArgs(
        name=SERVICE.name,
        image=DCGM_EXPORTER.reference(sources.image_mirror, sources.image_digests.get(SERVICE.name)),
        image_pull_policy="IfNotPresent",
        args=["-f", "/etc/dcgm-exporter/default-counters.csv"],
        env=[
            core.v1.EnvVarArgs(name="DCGM_EXPORTER_KUBERNETES", value="true"),
            core.v1.EnvVarArgs(name="DCGM_EXPORTER_LISTEN", value=f":{_PORT}"),
            core.v1.EnvVarArgs(name="NODE_NAME", value_from=node),
        ],
        ports=[core.v1.ContainerPortArgs(name=_METRICS, container_port=_PORT)],
        liveness_probe=core.v1.ProbeArgs(http_get=healthy, initial_delay_seconds=_FIRST_PROBE, period_seconds=10),
        readiness_probe=core.v1.ProbeArgs(http_get=healthy, initial_delay_seconds=_FIRST_PROBE, period_seconds=10),
        # As published: counters of profiling (DCGM_FI_PROF_*) need the capability.
        security_context=core.v1.SecurityContextArgs(
            allow_privilege_escalation=False,
            run_as_non_root=False,
            run_as_user=0,
            capabilities=core.v1.CapabilitiesArgs(add=["SYS_ADMIN"], drop=["ALL"]),
        ),
        resources=core.v1.ResourceRequirementsArgs(
            requests={"cpu": "100m", "memory": "128Mi", "ephemeral-storage": "10Mi"},
            limits={"cpu": "500m", "memory": "512Mi", "ephemeral-storage": "100Mi"},
        ),
        volume_mounts=[core.v1.VolumeMountArgs(name="pod-resources", mount_path=_POD_RESOURCES, read_only=True)],
    )
