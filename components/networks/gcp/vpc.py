"""A VPC with one subnet for nodes, pods and services of a region, or one that exists.

Owns addresses, routes and NAT. Firewall rules belong to GKE, which opens what its clusters need; the
networks of GPU cards belong to the cluster.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
import pulumi_gcp as gcp

from ...contracts.arguments import checked, checked_arguments
from .args import ExistingGcpVpc, NewGcpVpc
from .settings import Nat

_COMING_UP = frozenset({"", "ACTIVE", "CREATING", "ACCEPTING", "UPDATING"})
"""States of a spoke that need nobody, as the discovery document of networkconnectivity.v1 lists them."""
PODS = "pods"
SERVICES = "services"
"""Names of the secondary ranges of a subnet that Strata makes."""


@checked_arguments
@dataclass(frozen=True, kw_only=True)
class VpcArgs:
    """What the VPC is made of.

    Attributes:
        project: Project of the cluster.
        region: Region of the subnet.
        network: The VPC to make, or one that exists.
        after: What has to exist before, such as enabled services.
        labels: Labels of all resources that support labels.
    """

    project: str
    region: str
    network: NewGcpVpc | ExistingGcpVpc
    after: Sequence[pulumi.Resource] = ()
    labels: Mapping[str, pulumi.Input[str]] = field(default_factory=dict[str, pulumi.Input[str]])


class Vpc(pulumi.ComponentResource):
    """The network of a cluster.

    Attributes:
        network: Path of the network, such as ``projects/p/global/networks/n``.
        subnet: Path of the subnet.
        pod_range: Name of its range for pods.
        service_range: Name of its range for services.
        routed: Resources that have to exist before a node can reach anything; depend on them.
    """

    network: pulumi.Output[str]
    subnet: pulumi.Output[str]
    pod_range: pulumi.Input[str]
    service_range: pulumi.Input[str]
    routed: list[pulumi.Resource]

    @checked
    def __init__(self, name: str, args: VpcArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("strata:networks:Vpc", name, None, opts)
        self._name = name
        self._inside = pulumi.ResourceOptions(parent=self)
        self._labels = dict(args.labels) or None
        match args.network:
            case ExistingGcpVpc() as existing:
                self._adopt(args, existing)
            case NewGcpVpc() as new:
                self._create(args, new)
        self.register_outputs({"network": self.network, "subnet": self.subnet})

    def _adopt(self, args: VpcArgs, settings: ExistingGcpVpc) -> None:
        project = settings.project or args.project
        self.network = pulumi.Output.concat(f"projects/{project}/global/networks/", settings.network)
        self.subnet = pulumi.Output.concat(f"projects/{project}/regions/{args.region}/subnetworks/", settings.subnet)
        self.pod_range = settings.pods.name
        self.service_range = settings.services.name
        self.routed = []

    def _create(self, args: VpcArgs, settings: NewGcpVpc) -> None:
        region = args.region
        network = gcp.compute.Network(
            self._name,
            name=self._name,
            # Otherwise Google makes a subnet in each region, with ranges that it chooses.
            auto_create_subnetworks=False,
            routing_mode=settings.routing.value.upper(),
            mtu=settings.mtu,
            opts=pulumi.ResourceOptions(parent=self, depends_on=list(args.after)),
        )
        subnet = gcp.compute.Subnetwork(
            self._name,
            name=self._name,
            network=network.id,
            region=region,
            ip_cidr_range=settings.nodes,
            secondary_ip_ranges=[
                gcp.compute.SubnetworkSecondaryIpRangeArgs(range_name=PODS, ip_cidr_range=settings.pods),
                gcp.compute.SubnetworkSecondaryIpRangeArgs(range_name=SERVICES, ip_cidr_range=settings.services),
            ],
            # Images and checkpoints in Google's services are reached without NAT, which charges by the byte.
            private_ip_google_access=True,
            opts=self._inside,
        )
        self.network = network.id
        self.subnet = subnet.id
        self.pod_range, self.service_range = PODS, SERVICES
        self.routed = [subnet]
        if settings.nat is Nat.CLOUD:
            self.routed.append(self._nat(region))
        if settings.hub is not None:
            self.routed.append(self._join(settings.hub, after=subnet))

    def _nat(self, region: str) -> pulumi.Resource:
        router = gcp.compute.Router(self._name, name=self._name, network=self.network, region=region, opts=self._inside)
        return gcp.compute.RouterNat(
            self._name,
            name=self._name,
            router=router.name,
            region=region,
            nat_ip_allocate_option="AUTO_ONLY",
            source_subnetwork_ip_ranges_to_nat="ALL_SUBNETWORKS_ALL_IP_RANGES",
            # A node that pulls images and checkpoints at once needs more than the 64 ports it gets by default.
            enable_dynamic_port_allocation=True,
            # Google refuses dynamic ports together with endpoint-independent mapping.
            enable_endpoint_independent_mapping=False,
            min_ports_per_vm=64,
            max_ports_per_vm=8192,
            opts=self._inside,
        )

    def _join(self, hub: pulumi.Input[str], after: pulumi.Resource) -> pulumi.Resource:
        spoke = gcp.networkconnectivity.Spoke(
            self._name,
            name=self._name,
            hub=hub,
            location="global",
            labels=self._labels,
            linked_vpc_network=gcp.networkconnectivity.SpokeLinkedVpcNetworkArgs(
                uri=self.network.apply(lambda path: f"https://www.googleapis.com/compute/v1/{path}")
            ),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[after]),
        )
        pulumi.Output.all(spoke.hub, spoke.id, spoke.state).apply(lambda known: _warn_of_waiting(*known))
        return spoke


def _warn_of_waiting(hub: str, spoke: str, state: str | None) -> None:
    """Say how a spoke is accepted; until then nothing comes through the hub.

    Source: Network Connectivity Center documentation, "VPC spokes in a different project": INACTIVE until an
    administrator of the hub accepts it, unless the hub accepts spokes of the project by itself.
    """
    if state is None or state in _COMING_UP:
        return
    project, name = hub.split("/")[1], hub.rpartition("/")[2]
    pulumi.warn(
        f"the hub {hub} has not accepted the VPC ({state}), so nothing reaches it through the hub: somebody who "
        f"manages the hub has to run `gcloud network-connectivity hubs accept-spoke {name} --spoke={spoke} "
        f"--project={project}`; then refresh the stack and bring it up again"
    )
