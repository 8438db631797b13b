"""A site whose API server is behind a load balancer of its own: no host holds an address, and all use its name."""

from __future__ import annotations

import yaml

from components.clusters.kubeadm import scripts
from components.clusters.kubeadm.documents import JoinCredentials, init_documents, join_documents
from components.clusters.kubeadm.settings import ControlPlaneHosts, LoadBalancer

from .site import site

TARGET, POOLS = site()
BALANCED = TARGET.model_copy(
    update={
        "control_plane": ControlPlaneHosts(
            hosts=TARGET.control_plane.hosts, load_balancer=LoadBalancer(address="api.lab.example.com", port=443)
        )
    }
)
CREDENTIALS = JoinCredentials(token="abcdef.0123456789abcdef", authority=f"sha256:{'a' * 64}", certificate_key="b" * 64)


def test_kubeadm_is_told_the_load_balancer_and_listens_as_before() -> None:
    first, cluster, _ = yaml.safe_load_all(init_documents(BALANCED))
    assert cluster["controlPlaneEndpoint"] == "api.lab.example.com:443"
    assert cluster["apiServer"]["certSANs"] == ["api.lab.example.com", "10.40.0.11", "10.40.0.12", "10.40.0.13"]
    assert first["localAPIEndpoint"] == {"advertiseAddress": "10.40.0.11", "bindPort": 6443}


def test_hosts_join_through_the_load_balancer() -> None:
    for host, pool in ((BALANCED.control_plane.hosts[1], None), (BALANCED.workers[0], POOLS[0])):
        joining = yaml.safe_load(join_documents(BALANCED, host, pool, CREDENTIALS))
        assert joining["discovery"]["bootstrapToken"]["apiServerEndpoint"] == "api.lab.example.com:443"


def test_no_host_holds_an_address() -> None:
    for script in (scripts.initialise, scripts.join_control_plane):
        assert "kube-vip" in script(TARGET)
        assert "kube-vip" not in script(BALANCED)


def test_the_pod_network_finds_the_api_server_there() -> None:
    flags = scripts.install_network(BALANCED)
    assert "k8sServiceHost=api.lab.example.com" in flags
    assert "k8sServicePort=443" in flags


def test_a_name_has_to_be_known_on_every_host_before_anything_is_changed() -> None:
    for pool in (None, POOLS[0]):
        assert scripts.prepare(BALANCED, pool).startswith("set -eu\nif ! getent ahostsv4 api.lab.example.com; then")
    balancer = LoadBalancer(address="10.40.2.2")
    by_address = BALANCED.control_plane.model_copy(update={"load_balancer": balancer})
    assert "getent" not in scripts.prepare(BALANCED.model_copy(update={"control_plane": by_address}), None)


def test_an_address_is_in_the_certificate_once() -> None:
    balancer = LoadBalancer(address="10.40.0.11")
    single = ControlPlaneHosts(hosts=TARGET.control_plane.hosts[:1], load_balancer=balancer)
    _, cluster, _ = yaml.safe_load_all(init_documents(TARGET.model_copy(update={"control_plane": single})))
    assert cluster["apiServer"]["certSANs"] == ["10.40.0.11"]
