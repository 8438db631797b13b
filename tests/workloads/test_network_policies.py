"""Who may reach a model server and a catalog's job, and whom they may reach."""

from __future__ import annotations

import pulumi
import pytest

from components.operations import GuardedNamespace, GuardedNamespaceArgs
from components.workloads.identity import Identity
from components.workloads.network_policies import dns_egress, internet_egress, network_policy
from tests.registration import registered
from tests.serving.plans import plan, service

from .network_access import Address, Network, Pod

LOADER = Identity(name="loader", instance="loader", component="loader")


def loader() -> None:
    network_policy(
        "loader",
        namespace="models",
        identity=LOADER,
        ingress_rules=[],
        egress_rules=[dns_egress(), internet_egress()],
        opts=pulumi.ResourceOptions(),
    )


NAMESPACE = registered(lambda: GuardedNamespace("models", GuardedNamespaceArgs(namespace="models")))
NETWORK = Network.of(NAMESPACE, service(plan()), registered(loader))
LABELS = {"kubernetes.io/metadata.name": "models"}
SERVER = Pod("models", {"app.kubernetes.io/name": "vllm", "app.kubernetes.io/instance": "chat"}, LABELS)
OTHER_SERVER = Pod("models", {"app.kubernetes.io/name": "vllm", "app.kubernetes.io/instance": "other"}, LABELS)
CLIENT = Pod("models", {"strata.dev/model-client": "true"}, LABELS)
NEIGHBOUR = Pod("models", {"app": "neighbour"}, LABELS)
GATEWAY = Pod("gateway", {}, {"strata.dev/role": "gateway"})
PROMETHEUS = Pod("monitoring", {}, {"strata.dev/role": "monitoring"})
STRANGER = Pod("elsewhere", {"strata.dev/model-client": "true"}, {"kubernetes.io/metadata.name": "elsewhere"})
DNS = Pod("kube-system", {"k8s-app": "kube-dns"}, {"kubernetes.io/metadata.name": "kube-system"})
API_SERVER = Pod("kube-system", {"component": "kube-apiserver"}, {"kubernetes.io/metadata.name": "kube-system"})
JOB = Pod("models", dict(LOADER.labels), LABELS)
PUBLIC = Address("93.184.215.14")


def test_gateway_and_monitoring_reach_the_server_at_its_port_only() -> None:
    for source in (GATEWAY, PROMETHEUS):
        assert NETWORK.connects(source, SERVER, 8000)
        assert not NETWORK.connects(source, SERVER, 8001)
        assert not NETWORK.connects(source, SERVER, 8000, "UDP")


def test_pods_of_its_namespace_reach_the_server_only_as_declared_clients() -> None:
    # A client's own egress is its own business; what the server lets in is asked here.
    servers_side = Network([policy for policy in NETWORK.policies if policy.name == "chat-policy"])
    assert servers_side.connects(CLIENT, SERVER, 8000)
    assert not servers_side.connects(NEIGHBOUR, SERVER, 8000)
    assert not servers_side.connects(STRANGER, SERVER, 8000), "the label counts in the server's own namespace"
    assert not servers_side.connects(Address("10.1.2.3"), SERVER, 8000)


def test_a_service_opens_nothing_for_its_neighbours() -> None:
    assert not NETWORK.connects(GATEWAY, OTHER_SERVER, 8000)
    assert not NETWORK.connects(GATEWAY, NEIGHBOUR, 8000)


@pytest.mark.parametrize("target", [CLIENT, GATEWAY, API_SERVER, STRANGER, PUBLIC, Address("169.254.169.254")])
def test_a_server_calls_nobody(target: Pod | Address) -> None:
    assert not NETWORK.connects(SERVER, target, 443)
    assert not NETWORK.connects(SERVER, target, 8000)


def test_every_pod_of_the_namespace_may_look_up_names_and_nothing_else_there() -> None:
    for source in (SERVER, NEIGHBOUR, CLIENT, JOB):
        assert NETWORK.connects(source, DNS, 53, "UDP")
        assert NETWORK.connects(source, DNS, 53, "TCP"), "answers over 512 bytes come by TCP"
        assert not NETWORK.connects(source, DNS, 9153)
        assert not NETWORK.connects(source, API_SERVER, 53, "UDP"), "only the DNS servers of kube-system"
        assert not NETWORK.connects(source, PUBLIC, 53, "UDP"), "a resolver elsewhere would let data out"


def test_a_pod_without_a_policy_of_its_own_is_closed() -> None:
    for other in (GATEWAY, STRANGER, CLIENT, PUBLIC):
        assert not NETWORK.connects(other, NEIGHBOUR, 443)
        assert not NETWORK.connects(NEIGHBOUR, other, 443)


def test_a_job_that_downloads_reaches_public_addresses_by_https_only() -> None:
    assert NETWORK.connects(JOB, PUBLIC, 443)
    assert not NETWORK.connects(JOB, PUBLIC, 80)
    assert not NETWORK.connects(GATEWAY, JOB, 443), "nobody calls a job"


@pytest.mark.parametrize(
    "address",
    [
        *("10.0.0.1", "10.255.255.254", "172.16.0.1", "172.31.255.254", "192.168.1.1"),  # RFC 1918
        "100.64.0.1",  # RFC 6598, which EKS and GKE hand to pods
        *("169.254.169.254", "169.254.170.2", "169.254.170.23"),  # metadata, ECS credentials, EKS pod identity
        "fd00:ec2::254",  # AWS's metadata service by IPv6
    ],
)
def test_a_job_that_downloads_reaches_neither_private_networks_nor_credentials(address: str) -> None:
    assert not NETWORK.connects(JOB, Address(address), 443)


@pytest.mark.parametrize("address", ["9.255.255.255", "11.0.0.1", "172.15.0.1", "172.32.0.1", "192.167.0.1"])
def test_public_neighbours_of_private_ranges_stay_reachable(address: str) -> None:
    assert NETWORK.connects(JOB, Address(address), 443)


@pytest.mark.parametrize("source", [SERVER, JOB])
def test_a_cache_of_dns_on_the_node_can_be_asked(source: Pod) -> None:
    cache = Pod("kube-system", {"k8s-app": "node-local-dns"}, {"kubernetes.io/metadata.name": "kube-system"})
    for answering in (cache, Address("169.254.20.10")):
        assert NETWORK.connects(source, answering, 53, "UDP")
        assert NETWORK.connects(source, answering, 53)
        assert not NETWORK.connects(source, answering, 80)
    assert not NETWORK.connects(source, Address("169.254.169.254"), 53), "the metadata service stays out of reach"
