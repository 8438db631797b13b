"""Wrong settings of a kubeadm cluster, one by one: each is refused with its field, before a host is touched."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TypeAlias

import pytest
from pydantic import ValidationError

from components.clusters.kubeadm.hosts import Bastion, Host, HostSsh, Worker
from components.clusters.kubeadm.rules import kubeadm_problems
from components.clusters.kubeadm.settings import (
    ControlPlaneHosts,
    KubeadmTarget,
    LoadBalancer,
    Mirrors,
    Networks,
    NfsStorage,
    VirtualAddress,
)
from components.contracts.capacity import Reservation, Spot
from components.contracts.errors import StrataError
from components.contracts.http_proxy import HttpProxy
from components.contracts.machines import MachineNumbers
from components.contracts.own_fabrics import InfinibandFabric, OwnFabric, RoceFabric
from components.contracts.pools import DriverOwner, GpuAdvertiser, GpuPool, PoolRange, Taint
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


@pytest.mark.parametrize("mistake", MISTAKES.values(), ids=MISTAKES)
def test_a_wrong_setting_is_refused(mistake: Wrong) -> None:
    RULES.assert_refused(mistake)


def test_the_example_is_right() -> None:
    RULES.assert_right()


APART = in_subnets(first_worker(address="10.41.0.21"), OTHER, load_balancers=("10.40.3.0/25", "10.41.3.0/25"))
RIGHT = {
    "workers are in two subnets": APART,
    "a subnet waits for its first host": in_subnets(TARGET, OTHER),
    "the whole control plane is in another subnet": in_subnets(
        control_plane(
            hosts=moved("10.41.0.11", "10.41.0.12", "10.41.0.13"),
            endpoint=VirtualAddress(address="10.41.0.10", interface="bond0"),
        ),
        OTHER,
    ),
    "a worker's SSH is on a port that only control plane hosts need": first_worker(ssh=HostSsh(port=6443)),
    "a tunnel to the jump host ends beside Pulumi": through("localhost"),
    "the tunnel is named by address": through("127.0.0.1"),
    "each host has a proxy of its own": TARGET.model_copy(update={"proxy": HttpProxy(https="http://127.0.0.1:3128")}),
    "the hosts' own proxy has a name": TARGET.model_copy(update={"proxy": HttpProxy(https="http://localhost:3128")}),
    "a load balancer has a name": balanced(),
    "the only host is its own load balancer": balanced("10.40.0.11", hosts=TARGET.control_plane.hosts[:1]),
    "a load balancer runs on a host, on a port of its own": control_plane(
        endpoint=None, load_balancer=LoadBalancer(address="10.40.0.12", port=8443)
    ),
    "a load balancer has an address elsewhere": balanced("10.60.0.9"),
    "the only control plane host is found at its own address": balanced(
        "10.40.0.11", hosts=TARGET.control_plane.hosts[:1]
    ),
    "control plane hosts behind a load balancer are in three subnets": in_subnets(
        balanced(hosts=moved("10.41.0.12", "10.42.0.13")), OTHER, "10.42.0.0/22"
    ),
}


@pytest.mark.parametrize("target", RIGHT.values(), ids=RIGHT)
def test_what_works_is_accepted(target: KubeadmTarget) -> None:
    RULES.assert_right(target)


@pytest.mark.parametrize(
    "mistake",
    [name for name in MISTAKES if any(word in name for word in ("subnet", "API's", "SSH", "none of the hosts"))],
)
def test_one_mistake_is_one_problem(mistake: str) -> None:
    RULES.assert_refused(MISTAKES[mistake], most=1)


def test_a_gpu_pool_of_machines_without_gpus_is_refused_for_that_alone() -> None:
    pools = h100("cpu-host", machine=MachineNumbers(cpus=48, memory=ByteSize.gib(384)))
    assert RULES.found(pools=pools) == [], "the list of pools blames instance_type already"


def test_several_mistakes_come_at_once() -> None:
    wrong = networks(mtu=1300, pods="10.40.0.0/16")
    assert {problem.field for problem in RULES.found(wrong, h100(count=5))} >= {
        "target.networks.mtu",
        "target.networks.pods",
        "node_pools[0].count",
    }


HGX = MachineNumbers(cpus=224, memory=ByteSize.gib(2048), gpu="H100-SXM", gpus=8)
CABLED: dict[str, OwnFabric] = {
    "RoCE in the class that NVIDIA's switches pause": RoceFabric(pfc_priority=3, ecn=True, traffic_class=106),
    "RoCE that slows down instead": RoceFabric(ecn=True),
    "InfiniBand": InfinibandFabric(),
    "InfiniBand of cards that the pool counts": InfinibandFabric(cards=8, card_gbps=400),
}


@pytest.mark.parametrize("fabric", CABLED.values(), ids=CABLED)
def test_a_fabric_of_ones_own_is_accepted(fabric: OwnFabric) -> None:
    changes: dict[str, object] = {"machine": HGX} if fabric.cards else {}
    machine = "hgx-own" if fabric.cards else ""
    RULES.assert_right(pools=h100(machine, fabric=fabric, **changes))


def test_a_zone_that_is_named_twice_comes_beside_what_else_is_wrong_and_is_not_repeated() -> None:
    wrong = cpu(instance_type="m7i.xlarge", zones=("room-1", "room-1"))
    found = {problem.field: problem.cause for problem in RULES.found(pools=wrong)}
    assert found.keys() >= {"node_pools[2].zones[1]", "node_pools[2].instance_type", "target.workers[4].zone"}
    assert found["target.workers[4].zone"] == "'room-2' is not among the zones of pool cpu: room-1"


SPELLINGS: dict[str, Callable[[], object]] = {
    "an address is a name": lambda: VirtualAddress(address="cp.example.com", interface="bond0"),
    "a host has no key": lambda: Worker.model_validate({"name": "a", "address": "10.0.0.1", "pool": "p", "zone": "z"}),
    "a key is a fingerprint": lambda: first_worker_of("SHA256:nThbg6kXUpJWGl7E1IGOCspRomTxdCARLviKw6E5SY8"),
    "the API server has two addresses": lambda: ControlPlaneHosts(
        hosts=TARGET.control_plane.hosts,
        endpoint=TARGET.control_plane.endpoint,
        load_balancer=LoadBalancer(address="api.lab.example.com"),
    ),
    "the API server has no address": lambda: ControlPlaneHosts(hosts=TARGET.control_plane.hosts),
    "a load balancer's address has a port": lambda: LoadBalancer(address="api.lab.example.com:6443"),
    "a load balancer's address is a URL": lambda: LoadBalancer(address="https://api.lab.example.com"),
    "a load balancer's address has capitals": lambda: LoadBalancer(address="API.lab.example.com"),
    "a load balancer's address has an underscore": lambda: LoadBalancer(address="api_1.lab.example.com"),
    "a load balancer's address is one of IPv6": lambda: LoadBalancer(address="fd00::5"),
    "a load balancer's port does not exist": lambda: LoadBalancer(address="api.lab.example.com", port=0),
    "there is no control plane": lambda: ControlPlaneHosts(hosts=(), endpoint=TARGET.control_plane.endpoint),
    "a network has host bits": lambda: Networks(nodes="10.40.0.1/22", load_balancers=("10.40.3.0/25",)),
}


def first_worker_of(host_key: str) -> Worker:
    return Worker(name="a", address="10.0.0.1", host_key=host_key, pool="p", zone="z")


@pytest.mark.parametrize("build", SPELLINGS.values(), ids=SPELLINGS.keys())
def test_a_wrong_spelling_is_refused(build: Callable[[], object]) -> None:
    with pytest.raises((StrataError, ValidationError), match=r"address|key|hosts|network|port"):
        build()


def test_gpu_pools_of_the_example_have_gpus() -> None:
    assert [isinstance(pool, GpuPool) for pool in POOLS] == [True, True, False]


SHELL = ["$(id)", "`id`", "a;b", "a b", "a'b", 'a"b', "a|b", "a&b", "a\x00b", "a\nb", "a>b"]


@pytest.mark.parametrize("text", [*SHELL, "10.40.0.300", "-oProxyCommand=x", "user@host", ""])
def test_hosts_are_names_or_addresses(text: str) -> None:
    with pytest.raises((StrataError, ValidationError)):
        Bastion(address=text, user="ops", host_key=TARGET.workers[0].host_key)
    with pytest.raises((StrataError, ValidationError)):
        NfsStorage(server=text, share="/models", read_bandwidth=RATE)


@pytest.mark.parametrize("text", ["10.40.0.9", "jump", "jump.example.com", "nas_1.example.com", "fd00::5"])
def test_names_and_addresses_are_right(text: str) -> None:
    assert NfsStorage(server=text, share="/export/models-v1.2/a+b@c%20d", read_bandwidth=RATE).server == text


@pytest.mark.parametrize("text", SHELL)
def test_shares_and_mirrors_hold_no_shell_commands(text: str) -> None:
    with pytest.raises((StrataError, ValidationError)):
        NfsStorage(server="nas", share=f"/export/{text}", read_bandwidth=RATE)
    with pytest.raises((StrataError, ValidationError)):
        Mirrors(packages=f"https://packages.example.com/{text}")
