"""What advertises the devices of a cluster's nodes, deployed where the nodes do not come with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
from pulumi_kubernetes import core

from ..contracts.arguments import checked, checked_arguments
from ..contracts.cluster_facts import ClusterFacts, PoolFacts
from ..contracts.customize import ObjectCustomize
from ..contracts.errors import Problem, raise_problems
from ..contracts.sources import ChartMirror, ImageMirror, Sha256Digest
from ..contracts.versions import GPU_OPERATOR_CHART, NVIDIA_DEVICE_PLUGIN_CHART, NVIDIA_DRA_DRIVER_CHART
from ..operations.namespaces import GuardedNamespace, GuardedNamespaceArgs
from ..workloads.charts import ChartRelease, deploy_chart
from ..workloads.metadata import platform_metadata
from ..workloads.placement import reachable_taints
from .device_plugin import RELEASE, SHARED_RELEASE, device_plugin_values, shared_plugin_values
from .dra_driver import DRA_IMAGE_NAME, DRA_RELEASE, DraDriver, dra_driver_values, driver_root_problems
from .fabric_plugin import IMAGE_NAME, FabricPlugin, deploy_fabric_plugin
from .gpu_operator import RELEASE as OPERATOR_RELEASE
from .gpu_operator import gpu_operator_values
from .operator_rules import operator_problems, wanted_operator
from .operator_sharing import shared_gpus
from .operator_traffic import open_operator_traffic
from .ownership import Deployments, PoolOwnership, deployments

NAMESPACE = "strata-accelerators"
"""Namespace of everything that this package deploys."""
# More than any cluster has nodes: the quota is there to admit the class, not to limit it.
_CRITICAL_PODS = "10000"


@checked_arguments
@dataclass(frozen=True, kw_only=True)
class AcceleratorsArgs:
    """The cluster, and where charts and images come from.

    Attributes:
        facts: The cluster.
        install: Whether what the nodes lack is installed; None installs it on clusters that Strata makes.
        charts: Where charts are taken from in place of their own repositories.
        image_mirror: Registry that replaces the images' own.
        image_digests: Digest by image name, such as ``nvidia-device-plugin``.
        customize: Labels and annotations of the objects that are not a chart's.
    """

    facts: ClusterFacts
    install: bool | None = None
    charts: ChartMirror | None = None
    image_mirror: ImageMirror | None = None
    image_digests: Mapping[str, Sha256Digest] = field(default_factory=dict[str, Sha256Digest])
    customize: ObjectCustomize = field(default_factory=ObjectCustomize)


def refusals(args: AcceleratorsArgs) -> Iterator[Problem]:
    """What the constructor refuses.

    Args:
        args: Its arguments.
    """
    yield from operator_problems(args.facts, install=args.install)
    yield from driver_root_problems(deployments(args.facts, install=args.install).dra_driver)


class Accelerators(pulumi.ComponentResource):
    """Device plugins, NVIDIA's GPU operator and its DRA driver in a namespace of their own."""

    @checked
    def __init__(self, name: str, args: AcceleratorsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        raise_problems(refusals(args))
        super().__init__("strata:accelerators:Accelerators", name, None, opts)
        wanted = deployments(args.facts, install=args.install)
        if wanted.pools:
            opts = pulumi.ResourceOptions(parent=self, depends_on=list(self._create_namespace(name, args)))
            if wanted.device_plugin:
                deploy_chart(f"{name}-device-plugin", _device_plugin(args, wanted.device_plugin), opts)
            if wanted.shared_plugin:
                deploy_chart(f"{name}-device-plugin-shared", _shared_plugin(args, wanted.shared_plugin), opts)
            if wanted.efa_plugin:
                deploy_fabric_plugin(f"{name}-efa-plugin", _efa_plugin(args, wanted.efa_plugin), opts)
            if wanted.operator:
                open_operator_traffic(f"{name}-gpu-operator", NAMESPACE, args.customize, opts)
                self._create_configurations(name, args, wanted.operator, opts)
                deploy_chart(f"{name}-gpu-operator", _gpu_operator(args, wanted.operator), opts)
            if wanted.dra_driver:
                deploy_chart(f"{name}-dra-driver", _dra_driver(args, wanted), opts)
        self.register_outputs({})

    @staticmethod
    def _create_configurations(
        name: str, args: AcceleratorsArgs, pools: Sequence[PoolOwnership], opts: pulumi.ResourceOptions
    ) -> None:
        shared = shared_gpus([owned.pool for owned in pools])
        if shared is not None:
            core.v1.ConfigMap(
                f"{name}-gpu-sharing",
                metadata=platform_metadata(shared.config_map, args.customize, namespace=NAMESPACE),
                data=shared.configurations,
                opts=opts,
            )

    def _create_namespace(self, name: str, args: AcceleratorsArgs) -> Sequence[pulumi.Resource]:
        child = pulumi.ResourceOptions(parent=self)
        # Plugins mount the kubelet's folder of sockets from the host, which the level "baseline" forbids.
        guarded = GuardedNamespace(
            f"{name}-namespace",
            GuardedNamespaceArgs(namespace=NAMESPACE, pod_security="privileged", customize=args.customize),
            child,
        )
        # API servers that limit the critical classes admit their pods only where a quota names the class
        # (Kubernetes documentation, "Limit Priority Class consumption by default"; GKE does).
        critical = core.v1.ResourceQuota(
            f"{name}-critical-pods",
            metadata=platform_metadata("critical-pods", args.customize, namespace=guarded.namespace),
            spec=core.v1.ResourceQuotaSpecArgs(
                hard={"pods": _CRITICAL_PODS},
                scope_selector=core.v1.ScopeSelectorArgs(
                    match_expressions=[
                        core.v1.ScopedResourceSelectorRequirementArgs(
                            operator="In",
                            scope_name="PriorityClass",
                            values=["system-node-critical", "system-cluster-critical"],
                        )
                    ]
                ),
            ),
            opts=child,
        )
        return guarded, critical


def _device_plugin(args: AcceleratorsArgs, pools: Sequence[PoolFacts]) -> ChartRelease:
    return ChartRelease(
        chart=NVIDIA_DEVICE_PLUGIN_CHART,
        release=RELEASE,
        namespace=NAMESPACE,
        values=device_plugin_values(pools, args.image_mirror, args.image_digests.get(RELEASE)),
        mirror=args.charts,
    )


def _shared_plugin(args: AcceleratorsArgs, pools: Sequence[PoolFacts]) -> ChartRelease:
    return ChartRelease(
        chart=NVIDIA_DEVICE_PLUGIN_CHART,
        release=SHARED_RELEASE,
        namespace=NAMESPACE,
        values=shared_plugin_values(pools, args.image_mirror, args.image_digests.get(RELEASE)),
        mirror=args.charts,
    )


def _gpu_operator(args: AcceleratorsArgs, pools: Sequence[PoolOwnership]) -> ChartRelease:
    wanted = wanted_operator(args.facts, pools, args.image_mirror, args.image_digests)
    return ChartRelease(
        chart=GPU_OPERATOR_CHART,
        release=OPERATOR_RELEASE,
        namespace=NAMESPACE,
        values=gpu_operator_values(wanted),
        mirror=args.charts,
    )


def _dra_driver(args: AcceleratorsArgs, deployed: Deployments) -> ChartRelease:
    wanted = DraDriver(
        pools=deployed.dra_driver,
        controller_taints=reachable_taints(args.facts.pools),
        image_mirror=args.image_mirror,
        image_digest=args.image_digests.get(DRA_IMAGE_NAME),
    )
    return ChartRelease(
        chart=NVIDIA_DRA_DRIVER_CHART,
        release=DRA_RELEASE,
        namespace=NAMESPACE,
        values=dra_driver_values(wanted),
        mirror=args.charts,
        # From v26.7.0 the operator's chart has the same definitions; the one that runs without a repository is older.
        skip_crds=bool(deployed.operator) and (args.charts is None or args.charts.startswith("oci://")),
    )


def _efa_plugin(args: AcceleratorsArgs, pools: Sequence[PoolFacts]) -> FabricPlugin:
    return FabricPlugin(
        pools=pools,
        namespace=NAMESPACE,
        image_mirror=args.image_mirror,
        image_digest=args.image_digests.get(IMAGE_NAME),
        customize=args.customize,
    )
