"""Mistakes on hosts that real ones refuse: in connections, packages, kernels, configurations, versions.

The scripts run in a real shell; sources of the refusals are next to them in ``simulation/clouds/command``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from components.clusters.kubeadm import scripts
from components.clusters.kubeadm.authorities import distrust, trust
from components.clusters.kubeadm.documents import JoinCredentials, init_documents, join_documents
from components.clusters.kubeadm.host_files import encryption_config
from components.clusters.kubeadm.proxy_scripts import install_proxy, remove_proxy
from components.clusters.kubeadm.settings import ControlPlaneHosts, KubeadmTarget, LoadBalancer
from components.clusters.kubeadm.shell import download, script, write_file
from components.contracts.certificates import read_certificates
from components.contracts.http_proxy import HttpProxy
from simulation.clouds.command.connections import connect
from simulation.clouds.command.running import run_script
from simulation.clouds.command.site import EXAMPLE, key_of
from simulation.provider.errors import CloudError
from simulation.provider.managed_cluster import existing_clusters
from simulation.provider.values import Object
from tests.clusters.kubeadm.site import site

TARGET, POOLS = site()
WORKER = TARGET.workers[0]
KEY = "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LXNlYw=="
AUTHORITIES = Path(__file__).parents[2] / "clusters" / "kubeadm" / "authorities.pem"
PREPARED = scripts.prepare(TARGET, None)


def run(state: Path, host: str, text: str, stdin: str = "") -> str:
    return run_script(state, next(settings for settings in EXAMPLE.hosts if settings.name == host), text, stdin).stdout


@pytest.fixture
def prepared(tmp_path: Path) -> Path:
    """A state folder in which the first control plane host is ready for ``kubeadm init``."""
    run(tmp_path, "cp-1", PREPARED)
    run(tmp_path, "cp-1", scripts.keep_encryption(), encryption_config(KEY))
    return tmp_path


def connection(**changes: str | int) -> Object:
    key = (Path(__file__).parent / "example_site_key").read_text()
    proxy: Object = {"host": EXAMPLE.bastion, "user": "strata", "privateKey": key, "hostKey": EXAMPLE.bastion_key}
    whole: Object = {"host": "10.40.0.11", "user": "strata", "privateKey": key, "hostKey": key_of("cp-1")}
    return {**whole, "proxy": proxy, **changes}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (connection(host="10.40.0.99"), "dial tcp 10.40.0.99:22: i/o timeout"),
        ({**connection(), "proxy": None}, "i/o timeout"),
        (connection(hostKey=key_of("another")), "host key mismatch"),
        (connection(hostKey=""), "any machine could pose as the host"),
        (connection(user="root"), "unable to authenticate"),
        (connection(port=2222), "10.40.0.11:2222: connection refused"),
        (connection(privateKey="not a key"), "ssh: no key found"),
    ],
    ids=["nobody there", "no way in", "another machine", "unpinned", "another user", "another port", "no key"],
)
def test_nobody_gets_in_by_mistake(given: Object, said: str) -> None:
    assert connect(EXAMPLE, connection()).name == "cp-1"
    with pytest.raises(CloudError, match=said):
        connect(EXAMPLE, given)


def test_a_host_may_have_its_own_user_and_port() -> None:
    first, *others = EXAMPLE.hosts
    own = EXAMPLE.model_copy(update={"hosts": (first.model_copy(update={"user": "ubuntu", "port": 2222}), *others)})
    assert connect(own, connection(user="ubuntu", port=2222)).name == "cp-1"
    with pytest.raises(CloudError, match="unable to authenticate"):
        connect(own, connection(port=2222))


@dataclass(frozen=True)
class Mistake:
    """A script that a fresh host refuses."""

    text: str
    said: str


APT = "sudo DEBIAN_FRONTEND=noninteractive apt-get install --yes"
ON_A_FRESH_HOST = {
    "kubeadm without packages": Mistake(script("sudo kubeadm init --config /etc/x.yaml"), "Swap"),
    "a module that sysctl needs is missing": Mistake(
        script(write_file("/etc/sysctl.d/1.conf", "net.bridge.bridge-nf-call-iptables = 1\n"), "sudo sysctl --system"),
        "cannot stat",
    ),
    "packages before their repository": Mistake(script(f"{APT} kubelet=1.34.2-*"), "Unable to locate package kubelet"),
    "an unsigned repository": Mistake(
        script(
            write_file(
                "/etc/apt/sources.list.d/kubernetes.list",
                "deb [signed-by=/etc/apt/keyrings/none.gpg] https://pkgs.k8s.io/core:/stable:/v1.34/deb/ /\n",
            ),
            "sudo apt-get update",
        ),
        "is not signed",
    ),
    "a question without a terminal": Mistake(script("sudo apt-get install curl"), "without a terminal"),
    "a service that is not installed": Mistake(script("sudo systemctl restart containerd"), "not found"),
    "a driver that is not there": Mistake(script("nvidia-smi --list-gpus"), "command not found"),
    "a file that does not exist": Mistake(script("curl https://example.com/x.yaml"), "404"),
    "a file that was changed": Mistake(
        script(
            *download(
                "https://raw.githubusercontent.com/metallb/metallb/v0.16.2/config/manifests/metallb-native.yaml",
                "0" * 64,
                "metallb.yaml",
            )
        ),
        "did NOT match",
    ),
    "a redirection": Mistake("set -eu\necho hello > /tmp/strata-escaped\n", "restricted"),
    "a program by its path": Mistake("set -eu\n/bin/ls\n", "restricted"),
    "a program that no host has": Mistake("set -eu\npython3 --version\n", "not found"),
}


@pytest.mark.parametrize("mistake", ON_A_FRESH_HOST.values(), ids=ON_A_FRESH_HOST.keys())
def test_a_fresh_host_refuses(tmp_path: Path, mistake: Mistake) -> None:
    with pytest.raises(CloudError, match=mistake.said):
        run(tmp_path, "cp-1", mistake.text)


ON_A_PREPARED_HOST = {
    "a version that was never released": Mistake(script(f"{APT} kubelet=1.34.99-*"), "was not found"),
    "a version of another repository": Mistake(script(f"{APT} kubelet=1.33.2-*"), "was not found"),
    "whatever version is newest": Mistake(script(f"{APT} kubelet"), "whatever version"),
    "a held package": Mistake(
        script(f"{APT} kubelet=1.34.1-*", "sudo apt-mark hold kubelet", f"{APT} kubelet=1.34.2-*"), "Held packages"
    ),
    "a downgrade": Mistake(script(f"{APT} kubelet=1.34.2-*", f"{APT} kubelet=1.34.1-*"), "downgraded"),
}


@pytest.mark.parametrize("mistake", ON_A_PREPARED_HOST.values(), ids=ON_A_PREPARED_HOST.keys())
def test_a_prepared_host_refuses(prepared: Path, mistake: Mistake) -> None:
    with pytest.raises(CloudError, match=mistake.said):
        run(prepared, "cp-1", mistake.text)


INIT = scripts.initialise(TARGET)
DOCUMENTS = init_documents(TARGET)


@pytest.mark.parametrize(
    ("text", "documents", "said"),
    [
        (INIT.replace("super-admin.conf", "admin.conf"), DOCUMENTS, "no route to host"),
        (INIT, DOCUMENTS.replace("v1.34.2", "v1.33.2"), "its own minor version"),
        (INIT.replace("strata/audit.yaml", "strata/other.yaml"), DOCUMENTS, "audit.yaml: no such file"),
    ],
    ids=["kube-vip without rights", "a version that kubeadm does not know", "an audit policy that is not there"],
)
def test_init_refuses(prepared: Path, text: str, documents: str, said: str) -> None:
    with pytest.raises(CloudError, match=said):
        run(prepared, "cp-1", text, documents)


def test_a_host_gets_its_proxy_and_authorities_before_its_software(tmp_path: Path) -> None:
    proxy = HttpProxy(https="http://proxy.site.example.com:3128")
    target = TARGET.model_copy(update={"proxy": proxy})
    root = tmp_path / "hosts" / "cp-1" / "root"
    run(tmp_path, "cp-1", trust(read_certificates(str(AUTHORITIES))))
    run(tmp_path, "cp-1", install_proxy(target, proxy))
    run(tmp_path, "cp-1", scripts.prepare(target, None))
    assert (root / "etc/ssl/certs/ca-certificates.crt").read_text().count("BEGIN CERTIFICATE") == 2
    unit = root / "etc/systemd/system/containerd.service.d/strata-proxy.conf"
    assert "proxy.site.example.com" in unit.read_text()
    run(tmp_path, "cp-1", remove_proxy())
    run(tmp_path, "cp-1", distrust())
    assert not unit.exists()
    assert (root / "etc/ssl/certs/ca-certificates.crt").read_text() == ""


BALANCER, PORT = EXAMPLE.load_balancer.split(":")


def balanced(address: str) -> KubeadmTarget:
    """The site with a load balancer in front of its API servers."""
    return TARGET.model_copy(
        update={
            "control_plane": ControlPlaneHosts(
                hosts=TARGET.control_plane.hosts, load_balancer=LoadBalancer(address=address, port=int(PORT))
            )
        }
    )


def test_a_load_balancer_that_does_not_exist_is_found_out(prepared: Path) -> None:
    nowhere = balanced("api.elsewhere.example.com")
    with pytest.raises(CloudError, match="this host finds no IPv4 address for api"):
        run(prepared, "cp-1", scripts.prepare(nowhere, None))
    with pytest.raises(CloudError, match="no route to host"):
        run(prepared, "cp-1", scripts.initialise(nowhere), init_documents(nowhere))


@pytest.mark.engine
def test_a_cluster_is_made_behind_a_load_balancer_and_keeps_it(prepared: Path) -> None:
    target = balanced(BALANCER)
    try:
        run(prepared, "cp-1", scripts.prepare(target, None))
        run(prepared, "cp-1", scripts.initialise(target), init_documents(target))
        run(prepared, WORKER.name, scripts.prepare(target, POOLS[0]))
        given = JoinCredentials.of(run(prepared, "cp-1", scripts.invite(WORKER, control_plane=False)))
        joining = join_documents(target, WORKER, POOLS[0], given)
        assert "has joined" in run(prepared, WORKER.name, scripts.join_worker(target), joining)
        run(prepared, "cp-1", scripts.install_network(target))
        with pytest.raises(CloudError, match="has another address than api"):
            run(prepared, "cp-1", scripts.install_network(balanced("api.elsewhere.example.com")))
        run(prepared, "cp-1", scripts.install_add_ons(in_two_subnets(target)))
        assert "uncordoned" in run(prepared, "cp-1", scripts.configure_node(WORKER, POOLS[0], in_two_subnets(target)))
    finally:
        for found_cluster in existing_clusters(prepared):
            found_cluster.delete()


def in_two_subnets(target: KubeadmTarget) -> KubeadmTarget:
    """The site with a second subnet of hosts."""
    networks = target.networks.model_copy(update={"other_subnets": ("10.41.0.0/22",)})
    return target.model_copy(update={"networks": networks})


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A cluster of one control plane host, with a worker host that is ready to join."""
    state = tmp_path_factory.mktemp("site")
    try:
        run(state, "cp-1", PREPARED)
        run(state, "cp-1", scripts.keep_encryption(), encryption_config(KEY))
        run(state, "cp-1", INIT, DOCUMENTS)
        run(state, WORKER.name, scripts.prepare(TARGET, POOLS[0]))
        yield state
    finally:
        for found_cluster in existing_clusters(state):
            found_cluster.delete()


def invitation(state: Path) -> JoinCredentials:
    return JoinCredentials.of(run(state, "cp-1", scripts.invite(WORKER, control_plane=True)))


def join(state: Path, given: JoinCredentials) -> str:
    return run(state, WORKER.name, scripts.join_worker(TARGET), join_documents(TARGET, WORKER, POOLS[0], given))


@pytest.mark.engine
def test_nobody_joins_uninvited(cluster: Path) -> None:
    good = invitation(cluster)
    for wrong, said in (
        (JoinCredentials(token="aaaaaa.0123456789abcdef", authority=good.authority), "JWS signature"),
        (JoinCredentials(token=good.token, authority=f"sha256:{'0' * 64}"), "none of the public keys is pinned"),
    ):
        with pytest.raises(CloudError, match=said):
            join(cluster, wrong)


@pytest.mark.engine
def test_a_control_plane_host_needs_the_key_of_the_certificates(cluster: Path) -> None:
    host = TARGET.control_plane.hosts[1]
    good = invitation(cluster)
    run(cluster, host.name, PREPARED)
    wrong = JoinCredentials(token=good.token, authority=good.authority, certificate_key="0" * 64)
    with pytest.raises(CloudError, match="message authentication failed"):
        run(
            cluster,
            host.name,
            scripts.join_control_plane(TARGET),
            join_documents(TARGET, host, None, wrong),
        )


@pytest.mark.engine
def test_nodes_are_not_ready_before_there_is_a_network(cluster: Path) -> None:
    join(cluster, invitation(cluster))
    with pytest.raises(CloudError, match="timed out waiting for the condition"):
        run(cluster, "cp-1", scripts.configure_node(WORKER, POOLS[0], TARGET))
    run(cluster, "cp-1", scripts.install_network(TARGET))
    assert "uncordoned" in run(cluster, "cp-1", scripts.configure_node(WORKER, POOLS[0], TARGET))


@pytest.mark.engine
def test_a_member_does_not_join_again(cluster: Path) -> None:
    text = script("sudo kubeadm join --config /etc/kubernetes/strata/kubeadm.yaml")
    with pytest.raises(CloudError, match="already exists"):
        run(cluster, WORKER.name, text)


@pytest.mark.engine
def test_versions_go_up_one_at_a_time_and_control_planes_first(cluster: Path) -> None:
    newer = TARGET.model_copy(update={"kubernetes_version": "1.35.1"})
    with pytest.raises(CloudError, match="its own minor version"):
        run(cluster, WORKER.name, scripts.prepare(newer, POOLS[0]) + scripts.upgrade_node(newer))
    far = TARGET.model_copy(update={"kubernetes_version": "1.36.1"})
    with pytest.raises(CloudError, match="only 1 minor version at a time"):
        run(cluster, "cp-1", scripts.prepare(far, None) + scripts.upgrade_first(far))


@pytest.mark.engine
def test_addresses_need_who_hands_them_out(cluster: Path) -> None:
    pool = scripts.install_add_ons(TARGET).rpartition("printf %s")
    with pytest.raises(CloudError, match="no matches for kind"):
        run(cluster, "cp-1", f"set -eu\n{pool[1]}{pool[2]}")


@pytest.mark.engine
def test_a_network_is_installed_once(cluster: Path) -> None:
    twice = script("sudo KUBECONFIG=/etc/kubernetes/admin.conf cilium install --version 1.20.2")
    with pytest.raises(CloudError, match="still in use"):
        run(cluster, "cp-1", twice)
