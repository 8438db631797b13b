"""``kubeadm``, ``kubectl``, ``cilium`` and kubelet of a simulated host.

Owns what they check before they act, as the real ones do; what a cluster then is, an embedded control
plane shows. ``kubectl`` is the real one wherever an object of the API is meant.
"""

from __future__ import annotations

import secrets
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import yaml

from .memory import fail
from .nodes import remove_node, show_node
from .record import Cluster, Here, Member, cluster_at, forget, found, here, own_cluster
from .requirements import (
    Join,
    check_api_address,
    check_control_plane_files,
    check_documents,
    check_host,
    read_init,
    read_join,
    require_version,
)

_ADMIN = "/etc/kubernetes/admin.conf"
_CONTROL_PLANE_FILES = (_ADMIN, "/etc/kubernetes/super-admin.conf", "/etc/kubernetes/manifests/kube-apiserver.yaml")
_NOT_JOINED = "error execution phase preflight: "
_NFS, _LOCAL = "nfs.csi.k8s.io", "rancher.io/local-path"
_DRIVERS = {"csi-nfs-node.yaml": _NFS, "local-path-storage.yaml": _LOCAL}
_WORKLOADS = {
    "deployment/controller": "metallb-native.yaml",
    "daemonset/speaker": "metallb-native.yaml",
    "deployment/csi-nfs-controller": "csi-nfs-controller.yaml",
    "daemonset/csi-nfs-node": "csi-nfs-node.yaml",
    "deployment/local-path-provisioner": "local-path-storage.yaml",
    "deployment/snapshot-controller": "setup-snapshot-controller.yaml",
}
"""Manifest of each workload that somebody may wait for."""


def _option(arguments: list[str], name: str) -> str:
    for index, argument in enumerate(arguments):
        if argument == name:
            return arguments[index + 1]
        if argument.startswith(f"{name}="):
            return argument.partition("=")[2]
    return ""


def _kubeadm(arguments: list[str]) -> None:
    place = here()
    match arguments:
        case ["init", "phase", "upload-certs", *_]:
            _upload_certificates(place)
        case ["init", *options]:
            _init(place, _option(options, "--config"))
        case ["join", *options]:
            _join(place, _option(options, "--config"))
        case ["token", "create", *_]:
            _token(place)
        case ["upgrade", "apply", version, "--yes"]:
            _upgrade_apply(place, version.removeprefix("v"))
        case ["upgrade", "node"]:
            _upgrade_node(place)
        case ["reset", "--force"]:
            _reset(place)
        case _:
            fail(f'unknown command "{" ".join(arguments)}" for "kubeadm"')


def _init(place: Here, config: str) -> None:
    check_host(place)
    documents = check_documents(place, config)
    wanted = read_init(documents)
    check_control_plane_files(place, documents)
    require_version(place, wanted.version)
    check_api_address(place, wanted.endpoint)
    with cluster_at(place.state, wanted.endpoint) as present:
        if present is not None:
            fail(f"[kubeadm] the address {wanted.endpoint} is that of a running cluster")
        cluster = Cluster(
            name=wanted.name,
            endpoint=wanted.endpoint,
            version=wanted.version,
            authority=f"sha256:{secrets.token_hex(32)}",
            members={place.host.name: Member(control_plane=True, kubelet=wanted.version)},
            kubelets=wanted.kubelets,
        )
        place.managed(cluster).create()
        show_node(place, cluster, taints=None)
        found(place.state, cluster)
    _become_member(place, cluster)
    _write(place, "/etc/kubernetes/super-admin.conf", place.managed(cluster).kubeconfig.read_text())
    sys.stdout.write("Your Kubernetes control-plane has initialized successfully!\n")


def _join(place: Here, config: str) -> None:
    check_host(place)
    documents = check_documents(place, config)
    wanted = read_join(documents)
    with cluster_at(place.state, wanted.endpoint) as cluster:
        if cluster is None:
            fail(
                _NOT_JOINED
                + f"couldn't validate the identity of the API Server: dial tcp {wanted.endpoint}: i/o timeout"
            )
        _check_invitation(wanted, cluster)
        if wanted.control_plane:
            check_control_plane_files(place, [])
        require_version(place, cluster.version)
        cluster.members[place.host.name] = Member(
            control_plane=wanted.control_plane, kubelet=place.memory().packages["kubelet"]
        )
        show_node(place, cluster, taints=wanted.taints)
    _become_member(place, cluster)
    sys.stdout.write("This node has joined the cluster\n")


def _check_invitation(wanted: Join, cluster: Cluster) -> None:
    if wanted.token not in cluster.tokens:
        known = wanted.token.partition(".")[0]
        fail(f'{_NOT_JOINED}could not find a JWS signature in the cluster-info ConfigMap for token ID "{known}"')
    if wanted.authority != cluster.authority:
        fail(f"{_NOT_JOINED}cluster CA found in cluster-info ConfigMap is invalid: none of the public keys is pinned")
    if wanted.control_plane and wanted.certificate_key != cluster.certificate_key:
        fail(
            "error execution phase control-plane-prepare/download-certs: error downloading certs: "
            "error decoding secret data with provided key: cipher: message authentication failed"
        )


def _become_member(place: Here, cluster: Cluster) -> None:
    _write(place, str(place.membership.relative_to(place.home / "root")), cluster.endpoint)
    if cluster.members[place.host.name].control_plane:
        _write(place, _ADMIN, place.managed(cluster).kubeconfig.read_text())
        _write(place, "/etc/kubernetes/manifests/kube-apiserver.yaml", "static pod\n")


def _write(place: Here, path: str, content: str) -> None:
    target = place.file(path if path.startswith("/") else f"/{path}")
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(content)


def _token(place: Here) -> None:
    with own_cluster(place) as cluster:
        token = f"{secrets.token_hex(3)}.{secrets.token_hex(8)}"
        cluster.tokens = [*cluster.tokens, token]
    sys.stdout.write(
        f"kubeadm join {cluster.endpoint} --token {token} --discovery-token-ca-cert-hash {cluster.authority}\n"
    )


def _upload_certificates(place: Here) -> None:
    with own_cluster(place) as cluster:
        # Hosts that are invited at the same time would otherwise take each other's key away.
        cluster.certificate_key = cluster.certificate_key or secrets.token_hex(32)
    sys.stdout.write(f"[upload-certs] Using certificate key:\n{cluster.certificate_key}\n")


def _upgrade_apply(place: Here, version: str) -> None:
    with own_cluster(place) as cluster:
        require_version(place, version)
        old, new = (int(release.split(".")[1]) for release in (cluster.version, version))
        if new > old + 1:
            fail(
                "[upgrade/version] FATAL: the --version argument is invalid due to these fatal errors:\n"
                f'- Specified version to upgrade to "v{version}" is too high; '
                "kubeadm can upgrade only 1 minor version at a time"
            )
        cluster.version = version
    sys.stdout.write(f'[upgrade] SUCCESS! A control plane node of your cluster was upgraded to "v{version}".\n')


def _upgrade_node(place: Here) -> None:
    with own_cluster(place) as cluster:
        require_version(place, cluster.version)
    sys.stdout.write("[upgrade] The configuration for this node was successfully upgraded!\n")


def _reset(place: Here) -> None:
    if place.membership.exists():
        with own_cluster(place) as cluster:
            cluster.members.pop(place.host.name, None)
            if any(member.control_plane for member in cluster.members.values()):
                remove_node(place, cluster)
            else:
                place.managed(cluster).delete()
                forget(place.state, cluster)
    for path in (*_CONTROL_PLANE_FILES, "/etc/kubernetes/kubelet.conf", "/etc/kubernetes/manifests/kube-vip.yaml"):
        place.file(path).unlink(missing_ok=True)


def _kubelet(_arguments: list[str]) -> None:
    """A kubelet that starts, maybe in another version than before."""
    place = here()
    if not place.membership.exists():
        return
    with own_cluster(place) as cluster:
        version = place.memory().packages["kubelet"]
        if _numbers(version) > _numbers(cluster.version):
            fail(f"kubelet {version} is newer than the API server, {cluster.version}, and may not be")
        cluster.members[place.host.name].kubelet = version
        _real_kubectl(
            place,
            [
                *("patch", "node", place.host.name, "--subresource=status", "--type=merge", "--patch"),
                yaml.safe_dump({"status": {"nodeInfo": {"kubeletVersion": f"v{version}"}}}),
            ],
            cluster,
        )


def _numbers(version: str) -> list[int]:
    return [int(part) for part in version.split(".")]


def _cilium(arguments: list[str]) -> None:
    place = here()
    if not place.file("/usr/local/bin/cilium").exists():
        fail("cilium: command not found", 127)
    with own_cluster(place) as cluster:
        match arguments:
            case ["install", *options]:
                if cluster.network:
                    fail("Error: Unable to install Cilium: cannot re-use a name that is still in use")
                cluster.network = _option(options, "--version")
            case ["upgrade", *options]:
                if not cluster.network:
                    fail('Error: Unable to upgrade Cilium: "cilium" has no deployed releases')
                cluster.network = _option(options, "--version")
            case ["status", *_] if not cluster.network:
                fail("Error: Unable to determine status: timeout while waiting for status to become successful")
            case _:
                pass


def _kubectl(arguments: list[str]) -> None:
    place = here()
    if _option(arguments, "--kubeconfig") != _ADMIN or not place.file(_ADMIN).exists():
        fail("The connection to the server localhost:8080 was refused - did you specify the right host or port?")
    words = [argument for argument in arguments if not argument.startswith("--kubeconfig")]
    with own_cluster(place) as cluster:
        name = _option(words, "--filename")
        if "apply" in words and name and name != "-":
            _apply_manifest(place, cluster, Path(name).read_text().strip().rpartition("/")[2])
            return
        if words[-2:] == ["daemonset", "cilium"]:
            _require(bool(cluster.network), 'Error from server (NotFound): daemonsets.apps "cilium" not found')
            return
        if "rollout" in words:
            workload = words[-1]
            present = _WORKLOADS.get(workload) in cluster.add_ons
            _require(present, f"Error from server (NotFound): {workload.replace('/', ' ')} not found")
            return
        if "wait" in words and not cluster.network:
            fail(f"error: timed out waiting for the condition on {words[-1].replace('node/', 'nodes/')}")
    stdin = sys.stdin.read() if name == "-" else ""
    if "metallb.io/" in stdin or any(".metallb.io" in word for word in words):
        _require("metallb-native.yaml" in cluster.add_ons, 'error: no matches for kind "IPAddressPool"')
        return
    # Without the record's lock: draining takes its time.
    _real_kubectl(place, words, cluster, stdin)


def _apply_manifest(place: Here, cluster: Cluster, name: str) -> None:
    driver = _DRIVERS.get(name)
    if driver:
        place.managed(cluster).install_driver(driver)
    cluster.add_ons = sorted({*cluster.add_ons, name})


def _require(condition: bool, refusal: str) -> None:  # noqa: FBT001 - reads as the sentence it is
    if not condition:
        fail(refusal)


def _real_kubectl(place: Here, arguments: list[str], cluster: Cluster, stdin: str = "") -> None:
    kubeconfig = f"--kubeconfig={place.managed(cluster).kubeconfig}"
    done = subprocess.run(["kubectl", kubeconfig, *arguments], input=stdin, text=True, check=False)
    if done.returncode != 0:
        sys.exit(done.returncode)


PROGRAMS: dict[str, Callable[[list[str]], None]] = {
    "cilium": _cilium,
    "kubeadm": _kubeadm,
    "kubectl": _kubectl,
    "kubelet": _kubelet,
}

if __name__ == "__main__":
    PROGRAMS[sys.argv[1]](sys.argv[2:])
