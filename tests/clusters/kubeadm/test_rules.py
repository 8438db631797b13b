"""Wrong settings of a kubeadm cluster, one by one: each is refused with its field, before a host is touched."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from pydantic import ValidationError

from components.clusters.kubeadm.hosts import Bastion, HostSsh, Worker
from components.clusters.kubeadm.settings import (
    ControlPlaneHosts,
    KubeadmTarget,
    LoadBalancer,
    Mirrors,
    Networks,
    NfsStorage,
    VirtualAddress,
)
from components.contracts.errors import StrataError
from components.contracts.http_proxy import HttpProxy
from components.contracts.machines import MachineNumbers
from components.contracts.own_fabrics import InfinibandFabric, OwnFabric, RoceFabric
from components.contracts.pools import GpuPool
from components.contracts.quantities import ByteSize

from .mistakes import (
    MISTAKES,
    OTHER,
    POOLS,
    RATE,
    RULES,
    TARGET,
    Wrong,
    balanced,
    control_plane,
    cpu,
    first_worker,
    h100,
    in_subnets,
    moved,
    networks,
    through,
)


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
