"""The VPCs and subnets of GPU cards, and the objects by which pods find them.

Owns the objects of the networks that ``fabric`` lists; each is made once, however many pools use it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_gcp as gcp
import pulumi_kubernetes as kubernetes

from ...contracts.pools import NodePool
from ...workloads.identity import MANAGED_BY
from .fabric import GpuNetwork, gpu_networks, network_range
from .settings import GpuNetworks

_API = "networking.gke.io/v1"
_LABELS = {"app.kubernetes.io/managed-by": MANAGED_BY, "app.kubernetes.io/part-of": "strata"}


@dataclass(frozen=True, kw_only=True)
class Attachment:
    """One made GPU network.

    Attributes:
        network: What it is.
        vpc: Name of its VPC.
        subnet: Name of its subnet.
    """

    network: GpuNetwork
    vpc: pulumi.Output[str]
    subnet: pulumi.Output[str]


@dataclass(frozen=True, kw_only=True)
class FabricNetworksArgs:
    """Which networks, and where.

    Attributes:
        project: Project of the cluster.
        region: Its region.
        pools: Its node pools.
        mode: How the network cards of GPUs become networks of pods.
        cidr: Range that the networks' subnets are cut from.
        after: What has to exist before.
    """

    project: str
    region: str
    pools: Sequence[NodePool]
    mode: GpuNetworks = GpuNetworks.MULTI_NETWORK
    cidr: str = "192.168.0.0/16"
    after: Sequence[pulumi.Resource] = ()


class GkeFabricNetworks(pulumi.ComponentResource):
    """The GPU networks of a cluster.

    Attributes:
        attachments: By name of the network.
    """

    attachments: Mapping[str, Attachment]

    def __init__(self, name: str, args: FabricNetworksArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("strata:clusters:GkeFabricNetworks", name, None, opts)
        self._name = name
        self._args = args
        self._inside = pulumi.ResourceOptions(parent=self, depends_on=list(args.after))
        wanted = wanted_networks(args.mode, args.pools)
        first_of_vpc = {network.vpc: (network, zone) for network, zone in reversed(wanted)}
        vpcs = {vpc: self._vpc(network, zone) for vpc, (network, zone) in first_of_vpc.items()}
        self.attachments = {network.name: self._attachment(network, vpcs[network.vpc]) for network, _ in wanted}
        self.register_outputs({})

    def of_pool(self, pool: NodePool) -> list[Attachment]:
        """What the nodes of a pool are attached to, in order."""
        return [self.attachments[network.name] for network in gpu_networks(pool.instance_type, self._args.mode)]

    def _vpc(self, network: GpuNetwork, zone: str) -> gcp.compute.Network:
        project = f"https://www.googleapis.com/compute/v1/projects/{self._args.project}"
        return gcp.compute.Network(
            f"{self._name}-{network.vpc}",
            name=f"{self._name}-{network.vpc}",
            auto_create_subnetworks=False,
            mtu=network.mtu,
            network_profile=f"{project}/global/networkProfiles/{zone}-{network.profile}" if network.profile else None,
            opts=self._inside,
        )

    def _attachment(self, network: GpuNetwork, vpc: gcp.compute.Network) -> Attachment:
        cidr = str(network_range(self._args.cidr, network.slot))
        subnet = gcp.compute.Subnetwork(
            f"{self._name}-{network.name}",
            name=f"{self._name}-{network.name}",
            network=vpc.id,
            region=self._args.region,
            ip_cidr_range=cidr,
            opts=self._inside,
        )
        if network.profile is None:
            self._open(network, vpc, cidr)
        return Attachment(network=network, vpc=vpc.name, subnet=subnet.name)

    def _open(self, network: GpuNetwork, vpc: gcp.compute.Network, cidr: str) -> None:
        """Let the cards of one network talk to each other; RDMA networks take no firewall rules."""
        gcp.compute.Firewall(
            f"{self._name}-{network.name}",
            name=f"{self._name}-{network.name}",
            network=vpc.id,
            description="GPU traffic between nodes",
            direction="INGRESS",
            source_ranges=[cidr],
            allows=[gcp.compute.FirewallAllowArgs(protocol=protocol) for protocol in ("tcp", "udp", "icmp")],
            opts=self._inside,
        )

    def declare_objects(self, provider: kubernetes.Provider) -> None:
        """Tell Kubernetes about the networks; GKE itself brings their definitions with multi-networking."""
        for attachment in self.attachments.values():
            name = attachment.network.name
            parameters = kubernetes.apiextensions.CustomResource(
                f"{self._name}-{name}-parameters",
                api_version=_API,
                kind="GKENetworkParamSet",
                metadata={"name": name, "labels": _LABELS},
                spec={
                    "vpc": attachment.vpc,
                    "vpcSubnet": attachment.subnet,
                    "deviceMode": attachment.network.mode.value,
                },
                opts=pulumi.ResourceOptions(parent=self, provider=provider),
            )
            kubernetes.apiextensions.CustomResource(
                f"{self._name}-{name}-network",
                api_version=_API,
                kind="Network",
                metadata={"name": name, "labels": _LABELS},
                spec={
                    "type": "Device",
                    "parametersRef": {"group": "networking.gke.io", "kind": "GKENetworkParamSet", "name": name},
                },
                opts=pulumi.ResourceOptions(parent=self, provider=provider, depends_on=[parameters]),
            )


def wanted_networks(mode: GpuNetworks, pools: Sequence[NodePool]) -> list[tuple[GpuNetwork, str]]:
    """Every GPU network that a pool uses, once, with the zone of the first pool that does."""
    wanted: dict[str, tuple[GpuNetwork, str]] = {}
    for pool in pools:
        for network in gpu_networks(pool.instance_type, mode):
            wanted.setdefault(network.name, (network, pool.zones[0]))
    return list(wanted.values())
