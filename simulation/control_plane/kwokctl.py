"""What kwokctl is asked for, and asking it.

Owns its configuration file and command lines. When to install, start or stop is decided in
``control_plane``; processes are ended by ``processes``, because kwokctl believes its pid files.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
from pathlib import Path

from components.contracts.versions import KUBERNETES_EMBEDDED

from .binaries import Binaries
from .layout import Layout
from .ports import Ports

STAGES = tuple(sorted((Path(__file__).parent / "stages").glob("*.yaml")))
"""How simulated nodes and pods go through their lives."""

PLAYED_ANNOTATION, PLAYED = "kwok.x-k8s.io/node", "fake"
"""Annotation of nodes that kwok plays."""
_POD_RANGE = "10.244.0.0/16"
# The name in the certificate by which kwokctl has the API server ask aggregated APIs (`--proxy-client-cert-file`).
_ADMINISTRATOR = "kwok-admin"
SERVICE_RANGE = "10.96.0.0/16"
"""Addresses of Services."""
SERVICE_OF_API = "10.96.0.1"
"""Address of the Service ``kubernetes``, the first of the range."""
# The API server publishes it as the address of the service "kubernetes", refuses a loopback one, and
# does not start on a machine without a network if it has to find one itself. RFC 5737 reserves it.
ADVERTISED = "192.0.2.1"
"""Where pods of live nodes reach the API server."""
ADVERTISED_PORT = 6443
"""At which port; policies of pods name it, as API servers of real clusters have this one or 443."""


def kwokctl_config(layout: Layout, ports: Ports) -> str:
    """The configuration file: several documents, the stages copied as they are."""
    documents = [_cluster(layout, ports), _kwok()]
    return "\n---\n".join([*map(json.dumps, documents), *(stage.read_text(encoding="utf-8") for stage in STAGES)])


def installation_digest(config: str, binaries: Binaries) -> str:
    """Stands for all that an installation is made from."""
    return hashlib.sha256(json.dumps([config, binaries.fingerprint()], sort_keys=True).encode()).hexdigest()


def _cluster(layout: Layout, ports: Ports) -> dict[str, object]:
    return {
        "apiVersion": "config.kwok.x-k8s.io/v1alpha1",
        "kind": "KwokctlConfiguration",
        "options": {
            "runtime": "binary",
            "bindAddress": "127.0.0.1",
            "kubeVersion": f"v{KUBERNETES_EMBEDDED}",
            "quietPull": True,
            "disableQPSLimits": True,
            "etcdPort": ports.etcd,
            "etcdPeerPort": ports.etcd_peer,
            "kubeApiserverPort": ports.apiserver,
            # Live nodes and their pods reach it there, through a process that carries their connections.
            "kubeApiserverCertSANs": [SERVICE_OF_API, ADVERTISED],
            "kubeControllerManagerPort": ports.controller_manager,
            "kubeSchedulerPort": ports.scheduler,
            "kwokControllerPort": ports.kwok,
        },
        "componentsPatches": _patches(layout),
    }


# Each node renews four times in that time, which is cheap for the hundreds of nodes of a stack.
_LEASE_SECONDS = "12"


# Nothing answers at the addresses of played pods: a webhook that may not fail, as cert-manager's, would have every
# object of its kinds refused after a wait. Pods of live nodes answer, and are reached without help.
def _played(layout: Layout) -> dict[str, str]:
    return {
        "disable-admission-plugins": "MutatingAdmissionWebhook,ValidatingAdmissionWebhook",
        "egress-selector-config-file": str(layout.egress),
    }


def egress_config(layout: Layout) -> str:
    """The file that has the API server reach nodes and Services through ``cluster_network``."""
    # Relative to the folder in which it is started, as paths of sockets have to be short.
    socket = os.path.relpath(layout.cluster_socket, layout.work)
    connection = {"proxyProtocol": "HTTPConnect", "transport": {"uds": {"udsName": socket}}}
    return json.dumps(
        {
            "apiVersion": "apiserver.k8s.io/v1beta1",
            "kind": "EgressSelectorConfiguration",
            "egressSelections": [{"name": "cluster", "connection": connection}],
        }
    )


def _patches(layout: Layout) -> list[dict[str, object]]:
    serving = {
        "tls-cert-file": str(layout.certificates / "admin.crt"),
        "tls-private-key-file": str(layout.certificates / "admin.key"),
        # There is one of each, and a killed one would have to wait for its own lease to run out.
        "leader-elect": "false",
    }
    extra = {
        "kube-apiserver": {
            "advertise-address": ADVERTISED,
            # Its own port is any free one of this machine. Live nodes publish where pods find it.
            "endpoint-reconciler-type": "none",
            "service-cluster-ip-range": SERVICE_RANGE,
            **({} if layout.live_nodes.exists() else _played(layout)),
            # Kubelets of live nodes want to know who asks for logs; those that kwok plays have none.
            "kubelet-client-certificate": str(layout.certificates / "admin.crt"),
            "kubelet-client-key": str(layout.certificates / "admin.key"),
            # Names of nodes are in no name server of this machine.
            "kubelet-preferred-address-types": "InternalIP",
            **_front_proxy(layout),
        },
        "kube-controller-manager": {
            **serving,
            "enable-hostpath-provisioner": "true",
            "horizontal-pod-autoscaler-sync-period": "2s",
            "pvclaimbinder-sync-period": "2s",
            "service-cluster-ip-range": SERVICE_RANGE,
        },
        "kube-scheduler": serving,
    }
    patches: list[dict[str, object]] = [
        {"name": name, "extraArgs": [{"key": key, "value": value} for key, value in arguments.items()]}
        for name, arguments in extra.items()
    ]
    data = {"key": "data-dir", "value": str(layout.etcd_data), "override": True}
    # Relative to the folder in which it is started, as this flag takes a comma for the end of a name.
    stages = {"key": "config", "value": "kwok.yaml", "override": True}
    # A new kwok waits until its predecessor's leases ran out before it touches a pod; 200 s is kwokctl's own choice.
    lease = {"key": "node-lease-duration-seconds", "value": _LEASE_SECONDS, "override": True}
    # Only nodes that say that they are played; a live node has a kubelet of its own.
    every = {"key": "manage-all-nodes", "value": "false", "override": True}
    played = {"key": "manage-nodes-with-annotation-selector", "value": f"{PLAYED_ANNOTATION}={PLAYED}"}
    return [
        {"name": "etcd", "extraArgs": [data]},
        {"name": "kwok-controller", "extraArgs": [stages, lease, every, played]},
        *patches,
    ]


def _front_proxy(layout: Layout) -> dict[str, str]:
    """How servers of aggregated APIs know that it is the API server that asks them for somebody else.

    They read it in kube-system. Without it those that trust none but an authority of their own for everybody else, as
    KEDA's does, answer 401 (Kubernetes documentation, "Configure the Aggregation Layer"). kubeadm has an authority for
    this alone; here it is the cluster's, so nobody else's certificate counts.
    """
    return {
        "requestheader-client-ca-file": str(layout.certificates / "ca.crt"),
        "requestheader-allowed-names": _ADMINISTRATOR,
        "requestheader-username-headers": "X-Remote-User",
        "requestheader-group-headers": "X-Remote-Group",
        "requestheader-extra-headers-prefix": "X-Remote-Extra-",
    }


def _kwok() -> dict[str, object]:
    return {
        "apiVersion": "config.kwok.x-k8s.io/v1alpha1",
        "kind": "KwokConfiguration",
        "options": {"cidr": _POD_RANGE, "podPlayStageParallelism": 16, "nodePlayStageParallelism": 16},
    }


def launch(layout: Layout, binaries: Binaries, verb: str) -> subprocess.Popen[bytes]:
    """Begin ``kwokctl create`` or ``kwokctl start``; what it starts outlives it.

    Its working folder is below ``$HOME`` because the environment variable for it cannot hold spaces,
    and the configuration is named relatively because its flag cannot hold commas.
    """
    layout.kwokctl.unlink(missing_ok=True)
    layout.kwokctl.symlink_to(binaries["kwokctl"])
    command = [str(layout.kwokctl), verb, "cluster", "--name", layout.name, "--config", layout.kwokctl_config.name]
    if verb == "create":
        command += ["--kubeconfig", ""]
    with layout.kwokctl_log.open("ab") as log:
        return subprocess.Popen(
            command,
            cwd=layout.home,
            env={"HOME": str(layout.home), "PATH": binaries.search_path, "TMPDIR": str(layout.home)},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
