"""Wrong settings of a kubeadm cluster, one by one, and the correct site that each is put into."""

from __future__ import annotations

from functools import partial
from typing import TypeAlias

from components.clusters.kubeadm.hosts import Bastion, Host, HostSsh
from components.clusters.kubeadm.rules import kubeadm_problems
from components.clusters.kubeadm.settings import (
    KubeadmTarget,
    LoadBalancer,
    VirtualAddress,
)
from components.contracts.capacity import Reservation, Spot
from components.contracts.machines import MachineNumbers
from components.contracts.own_fabrics import InfinibandFabric, RoceFabric
from components.contracts.pools import DriverOwner, GpuAdvertiser, PoolRange, Taint
from components.contracts.quantities import ByteSize
from components.contracts.rates import DataRate
from tests.mistakes import Mistake, Rules

from .site import site

TARGET, POOLS = site()
RULES = Rules(problems=kubeadm_problems, target=TARGET, pools=POOLS, gpu=0, cpu=2)
Wrong: TypeAlias = Mistake[KubeadmTarget]
networks, control_plane = partial(RULES.part, "networks"), partial(RULES.part, "control_plane")
h100, cpu = RULES.gpus, RULES.cpus

RATE = DataRate("100MB/s")


def first_worker(**changes: object) -> KubeadmTarget:
    first, *others = TARGET.workers
    return TARGET.model_copy(update={"workers": (first.model_copy(update=changes), *others)})


def endpoint(address: str) -> KubeadmTarget:
    return control_plane(endpoint=VirtualAddress(address=address, interface="bond0"))


def balanced(address: str = "api.lab.example.com", **changes: object) -> KubeadmTarget:
    """The site with a load balancer in front of its API servers."""
    return control_plane(endpoint=None, load_balancer=LoadBalancer(address=address), **changes)


def in_subnets(target: KubeadmTarget, *others: str, **changes: object) -> KubeadmTarget:
    """The site with further subnets of hosts."""
    changed = target.networks.model_copy(update={"other_subnets": others, **changes})
    return target.model_copy(update={"networks": changed})


def moved(*addresses: str) -> tuple[Host, ...]:
    """Control plane hosts, the last ones at these addresses."""
    kept = TARGET.control_plane.hosts[: -len(addresses)]
    last = TARGET.control_plane.hosts[len(kept) :]
    return (
        *kept,
        *(host.model_copy(update={"address": address}) for host, address in zip(last, addresses, strict=True)),
    )


def with_ssh(host: Host, port: int) -> Host:
    return host.model_copy(update={"ssh": HostSsh(port=port)})


OTHER = "10.41.0.0/22"


def through(jump_host: str) -> KubeadmTarget:
    bastion = Bastion(address=jump_host, user="ops", host_key=TARGET.workers[0].host_key)
    return RULES.part("ssh", bastion=bastion)


L40S = MachineNumbers(cpus=48, memory=ByteSize.gib(384), gpu="L40S", gpus=4)
NODE = "target.workers[0]"
MISTAKES: dict[str, Wrong] = {
    "RoCE that nobody made lossless": Wrong(
        pools=h100(fabric=RoceFabric()), blamed="node_pools[0].fabric", said="neither pfc_priority nor ecn"
    ),
    "RoCE rides another priority than the one that is paused": Wrong(
        pools=h100(fabric=RoceFabric(pfc_priority=5, ecn=True, traffic_class=106)),
        blamed="node_pools[0].fabric.traffic_class",
        said="106 is DSCP 26, which cards send with priority 3, and pauses guard priority 5",
    ),
    "RoCE has a priority and no class": Wrong(
        pools=h100(fabric=RoceFabric(pfc_priority=3)),
        blamed="node_pools[0].fabric.traffic_class",
        said="write the class of that priority, such as traffic_class: 106",
    ),
    "InfiniBand of machines whose cards nobody knows": Wrong(
        pools=h100(
            instance_type="hgx-own",
            machine=MachineNumbers(cpus=224, memory=ByteSize.gib(2048), gpu="H100-SXM", gpus=8),
            fabric=InfinibandFabric(),
        ),
        blamed="node_pools[0].fabric.cards",
        said="nobody knows how many cards it has",
    ),
    "the speed of the cards is unknown": Wrong(
        pools=h100(
            instance_type="hgx-own",
            machine=MachineNumbers(cpus=224, memory=ByteSize.gib(2048), gpu="H100-SXM", gpus=8),
            fabric=InfinibandFabric(cards=8),
        ),
        blamed="node_pools[0].fabric.card_gbps",
        said="how fast a card is",
    ),
    "a fabric that no pod uses": Wrong(
        pools=h100(fabric=InfinibandFabric(), rdma=False), blamed="node_pools[0].fabric", said="rdma: false"
    ),
    "two hosts run etcd": Wrong(
        target=control_plane(hosts=TARGET.control_plane.hosts[:2]),
        blamed="target.control_plane.hosts",
        said="either of the two stops the cluster",
    ),
    "two hosts have one name": Wrong(
        target=first_worker(name="cp-1"), blamed=f"{NODE}.name", said="take over the first one's node"
    ),
    "two hosts have one address": Wrong(
        target=first_worker(address="10.40.0.11"), blamed=f"{NODE}.address", said="the same machine"
    ),
    "two hosts have one key": Wrong(
        target=first_worker(host_key=TARGET.workers[1].host_key), blamed="target.workers[1].host_key", said="cloned"
    ),
    "a host is in another network": Wrong(
        target=first_worker(address="10.41.0.21"), blamed=f"{NODE}.address", said="outside 10.40.0.0/22"
    ),
    "the hosts' network holds none of the hosts": Wrong(
        target=networks(nodes="10.60.0.0/24"),
        blamed="target.networks.nodes",
        said="hosts, such as cp-1 at 10.40.0.11, are outside 10.60.0.0/24",
    ),
    "a host's pool does not exist": Wrong(
        target=first_worker(pool="h10"), blamed=f"{NODE}.pool", said="did you mean 'h100'?"
    ),
    "a host is in no zone of its pool": Wrong(
        target=first_worker(zone="room-9"), blamed=f"{NODE}.zone", said="use room-1"
    ),
    "a pool counts hosts that are not there": Wrong(
        pools=h100(count=3), blamed="node_pools[0].count", said="names 2 hosts"
    ),
    "the control plane's address is a host's": Wrong(
        target=endpoint("10.40.0.11"), blamed="target.control_plane.endpoint.address", said="the two would answer"
    ),
    "the control plane's address is elsewhere": Wrong(
        target=endpoint("10.60.0.10"), blamed="target.control_plane.endpoint.address", said="ARP"
    ),
    "a host is in none of several subnets": Wrong(
        target=in_subnets(first_worker(address="10.42.0.21"), OTHER),
        blamed=f"{NODE}.address",
        said="in none of the subnets of hosts: 10.40.0.0/22, 10.41.0.0/22",
    ),
    "a host has the network address of another subnet": Wrong(
        target=in_subnets(first_worker(address="10.41.0.0"), OTHER),
        blamed=f"{NODE}.address",
        said="network address of 10.41.0.0/22",
    ),
    "load balancers span two subnets": Wrong(
        target=in_subnets(TARGET, "10.40.4.0/22", load_balancers=("10.40.0.0/21",)),
        blamed="target.networks.load_balancers[0]",
        said="in none of the subnets of hosts",
    ),
    "subnets of hosts overlap": Wrong(
        target=in_subnets(TARGET, "10.40.2.0/23"),
        blamed="target.networks.other_subnets[0]",
        said="of further hosts overlaps 10.40.0.0/22 of the hosts",
    ),
    "pods and another subnet share addresses": Wrong(
        target=in_subnets(TARGET, "10.44.8.0/22"), blamed="target.networks.pods", said="overlaps 10.44.8.0/22"
    ),
    "another subnet is link-local": Wrong(
        target=in_subnets(TARGET, "169.254.8.0/22"), blamed="target.networks.other_subnets[0]", said="link-local"
    ),
    "a control plane host is in another subnet than the virtual address": Wrong(
        target=in_subnets(control_plane(hosts=moved("10.41.0.13")), OTHER),
        blamed="target.control_plane.hosts[2].address",
        said="use a host in 10.40.0.0/22, or write control_plane.load_balancer",
    ),
    "the virtual address is in the subnet of no control plane host": Wrong(
        target=in_subnets(endpoint("10.41.0.10"), OTHER),
        blamed="target.control_plane.endpoint.address",
        said="use a free address of 10.40.0.0/22",
    ),
    "the virtual address is in none of several subnets": Wrong(
        target=in_subnets(endpoint("10.60.0.10"), OTHER),
        blamed="target.control_plane.endpoint.address",
        said="in none of the subnets of hosts",
    ),
    "the load balancer of several hosts is one of them": Wrong(
        target=balanced("10.40.0.12"),
        blamed="target.control_plane.load_balancer.address",
        said="nothing is passed on to the other hosts",
    ),
    "load balancers are in a subnet without workers": Wrong(
        target=in_subnets(TARGET, OTHER, load_balancers=("10.41.3.0/25",)),
        blamed="target.networks.load_balancers[0]",
        said="10.41.0.0/22, which has no worker",
    ),
    "load balancers are in none of several subnets": Wrong(
        target=in_subnets(TARGET, OTHER, load_balancers=("10.42.3.0/25",)),
        blamed="target.networks.load_balancers[0]",
        said="no client reaches them",
    ),
    "the API's load balancer is among the services": Wrong(
        target=balanced("10.45.0.9"), blamed="target.control_plane.load_balancer.address", said="the range of services"
    ),
    "the API's load balancer has the broadcast address": Wrong(
        target=balanced("10.40.3.255"), blamed="target.control_plane.load_balancer.address", said="broadcast"
    ),
    "the API's load balancer is on loopback": Wrong(
        target=balanced("127.0.0.1"), blamed="target.control_plane.load_balancer.address", said="loopback"
    ),
    "the API's load balancer is each host itself": Wrong(
        target=balanced("localhost"), blamed="target.control_plane.load_balancer.address", said="finds itself"
    ),
    "the API's load balancer has a name of the cluster's DNS": Wrong(
        target=balanced("kubernetes.default.svc"),
        blamed="target.control_plane.load_balancer.address",
        said="which hosts do not ask",
    ),
    "the file server is each host itself": Wrong(
        target=RULES.part("shared_storage", server="localhost"),
        blamed="target.shared_storage.server",
        said="finds itself",
    ),
    "a control plane host's SSH is on the API server's port": Wrong(
        target=control_plane(hosts=(with_ssh(TARGET.control_plane.hosts[0], 6443), *TARGET.control_plane.hosts[1:])),
        blamed="target.control_plane.hosts[0].ssh.port",
        said="the API server listens on port 6443 of host cp-1",
    ),
    "a worker's SSH is on the kubelet's port": Wrong(
        target=first_worker(ssh=HostSsh(port=10250)), blamed=f"{NODE}.ssh.port", said="the kubelet listens"
    ),
    "SSH of all hosts is on etcd's port": Wrong(
        target=RULES.part("ssh", port=2379), blamed="target.ssh.port", said="etcd listens"
    ),
    "services get the address of the API's load balancer": Wrong(
        target=balanced("10.40.3.9"),
        blamed="target.networks.load_balancers[0]",
        said="10.40.3.9 of the load balancer of the API",
    ),
    "pods and hosts share addresses": Wrong(
        target=networks(pods="10.40.0.0/16"), blamed="target.networks.pods", said="overlaps 10.40.0.0/22"
    ),
    "services and pods share addresses": Wrong(
        target=networks(services="10.44.8.0/24"), blamed="target.networks.services", said="overlaps 10.44.0.0/16"
    ),
    "there are too many services": Wrong(
        target=networks(services="10.0.0.0/8", pods="172.20.0.0/16", nodes="192.168.0.0/16"),
        blamed="target.networks.services",
        said="refuses to start",
    ),
    "pods of the last nodes have no addresses": Wrong(
        target=networks(pods="10.44.0.0/22"), blamed="target.networks.pods", said="NotReady for ever"
    ),
    "load balancers are in another network": Wrong(
        target=networks(load_balancers=("10.60.0.0/28",)),
        blamed="target.networks.load_balancers[0]",
        said="no client reaches them",
    ),
    "load balancers take a host's address": Wrong(
        target=networks(load_balancers=("10.40.0.16/28",)),
        blamed="target.networks.load_balancers[0]",
        said="10.40.0.21 of host h100-1",
    ),
    "load balancers take the control plane's address": Wrong(
        target=networks(load_balancers=("10.40.0.10/32",)),
        blamed="target.networks.load_balancers[0]",
        said="the control plane",
    ),
    "ranges of load balancers overlap": Wrong(
        target=networks(load_balancers=("10.40.3.0/25", "10.40.3.64/26")),
        blamed="target.networks.load_balancers[1]",
        said="MetalLB refuses the whole pool",
    ),
    "there are too few services": Wrong(
        target=networks(services="10.44.255.0/28", pods="10.46.0.0/16"),
        blamed="target.networks.services",
        said="such as 10.44.0.0/16",
    ),
    "services are on loopback": Wrong(
        target=networks(services="127.0.0.0/16"), blamed="target.networks.services", said="loopback"
    ),
    "hosts have multicast addresses": Wrong(
        target=networks(nodes="224.0.0.0/22"), blamed="target.networks.nodes", said="multicast"
    ),
    "nodes' parts of the pod network are too small for Kubernetes": Wrong(
        target=networks(pods="100.64.0.0/10", pods_per_node=16),
        blamed="target.networks.pods",
        said="use a range of /11 or smaller",
    ),
    "a host has the network's address": Wrong(
        target=first_worker(address="10.40.0.0"), blamed=f"{NODE}.address", said="network address of 10.40.0.0/22"
    ),
    "the control plane has the broadcast address": Wrong(
        target=endpoint("10.40.3.255"), blamed="target.control_plane.endpoint.address", said="broadcast address"
    ),
    "the control plane has the jump host's address": Wrong(
        target=through("10.40.0.10"), blamed="target.control_plane.endpoint.address", said="of the jump host"
    ),
    "the jump host is among the services": Wrong(
        target=through("10.45.0.9"), blamed="target.ssh.bastion.address", said="the range of services"
    ),
    "the jump host is multicast": Wrong(
        target=through("224.0.0.5"), blamed="target.ssh.bastion.address", said="multicast"
    ),
    "the file server is among the pods": Wrong(
        target=RULES.part("shared_storage", server="10.44.0.9"),
        blamed="target.shared_storage.server",
        said="10.44.0.0/16, the range of pods",
    ),
    "the registry is among the pods": Wrong(
        target=RULES.part("mirrors", images="10.44.0.9:5000/k8s"), blamed="target.mirrors.images", said="pods"
    ),
    "load balancers take the jump host's address": Wrong(
        target=through("10.40.3.5"), blamed="target.networks.load_balancers[0]", said="10.40.3.5 of the jump host"
    ),
    "load balancers take all addresses": Wrong(
        target=networks(load_balancers=("10.40.0.0/22",)),
        blamed="target.networks.load_balancers[0]",
        said="more addresses are taken",
    ),
    "a patch of Kubernetes does not exist": Wrong(
        target=TARGET.model_copy(update={"kubernetes_version": "1.34.999"}),
        blamed="target.kubernetes_version",
        said="1.34.999",
    ),
    "a pool has a zone twice": Wrong(
        pools=cpu(zones=("room-1", "room-1")), blamed="node_pools[2].zones[1]", said="listed already"
    ),
    "packets become too small": Wrong(target=networks(mtu=1300), blamed="target.networks.mtu", said="1330 or more"),
    "Kubernetes is too old": Wrong(
        target=TARGET.model_copy(update={"kubernetes_version": "1.29.4"}),
        blamed="target.kubernetes_version",
        said="1.31 to 1.35",
    ),
    "the machine is a cloud's": Wrong(
        pools=h100(instance_type="p5.48xlarge"), blamed="node_pools[0].instance_type", said="a machine of aws"
    ),
    "a machine's name is no value of a label": Wrong(
        pools=h100(instance_type="My Box", machine=L40S), blamed="node_pools[0].instance_type", said="labels of nodes"
    ),
    "a machine's name is longer than a label": Wrong(
        pools=h100(instance_type="x" * 64, machine=L40S), blamed="node_pools[0].instance_type", said="1 to 63"
    ),
    "hosts are bought": Wrong(
        pools=h100(capacity=Spot(kind="spot")), blamed="node_pools[0].capacity.kind", said="nothing would be bought"
    ),
    "hosts are reserved": Wrong(
        pools=h100(capacity=Reservation(kind="reservation", id="x")), blamed="node_pools[0].capacity.kind", said="cloud"
    ),
    "hosts are scaled": Wrong(
        pools=cpu(autoscaled=PoolRange(minimum=1, maximum=9)),
        blamed="node_pools[2].autoscaled",
        said="a site cannot create hosts",
    ),
    "the driver is the platform's": Wrong(
        pools=h100(driver=DriverOwner.PLATFORM), blamed="node_pools[0].driver", said="there is none"
    ),
    "nobody installs the driver": Wrong(
        pools=h100(driver=DriverOwner.NONE), blamed="node_pools[0].driver", said="never be advertised"
    ),
    "a label is Kubernetes' own": Wrong(
        pools=h100(labels={"node-role.kubernetes.io/gpu": "true"}),
        blamed="node_pools[0].labels.node-role.kubernetes.io/gpu",
        said="reserved",
    ),
    "a zone is set twice": Wrong(
        pools=h100(labels={"topology.kubernetes.io/zone": "room-1"}),
        blamed="node_pools[0].labels.topology.kubernetes.io/zone",
        said="set by Strata itself",
    ),
    "a taint is given twice": Wrong(
        pools=cpu(taints=(Taint(key="a"), Taint(key="a"))), blamed="node_pools[2].taints[1]", said="already"
    ),
    "nothing takes ordinary pods": Wrong(
        pools=cpu(taints=(Taint(key="team"),)), blamed="node_pools", said="CoreDNS would stay pending"
    ),
    "InfiniBand spans rooms": Wrong(
        pools=h100(zones=("room-1", "room-2")), blamed="node_pools[0].zones", said="does not reach across zones"
    ),
    "DRA on a version without it": Wrong(
        target=TARGET.model_copy(update={"kubernetes_version": "1.33.4"}),
        pools=h100(advertiser=GpuAdvertiser.DRA),
        blamed="node_pools[0].advertiser",
        said="1.34",
    ),
}
