"""The name server of a cluster with live nodes.

Owns its objects: what every cluster has in ``kube-system``, under the names and labels by which others find it.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..control_plane.api import Api, Json
from .addresses import HUB, HUB_NAME
from .configuration import DNS_ADDRESS, DNS_DOMAIN
from .members import LIVE_LABEL

IMAGE = "registry.k8s.io/coredns/coredns:v1.12.1"
"""As kubeadm of Kubernetes 1.34 names it; what it holds is the toolchain's CoreDNS."""
_NAME = "coredns"
_SPACE = "kube-system"
_LABELS = {"k8s-app": "kube-dns"}
# One block for each kind of name, because plugins of one block answer in an order of their own: a template would answer
# for the cluster's names as well. Nodes have no way out, so every other name is unknown at once instead of after a
# timeout.
_COREFILE = f"""\
{DNS_DOMAIN}:53 in-addr.arpa:53 ip6.arpa:53 {{
    errors
    health :8080
    ready :8181
    kubernetes {DNS_DOMAIN} in-addr.arpa ip6.arpa {{
        pods insecure
        ttl 5
    }}
    cache 5
    loadbalance
}}
{HUB_NAME}:53 {{
    errors
    hosts {{
        {HUB} {HUB_NAME}
    }}
}}
.:53 {{
    errors
    template ANY ANY {{
        rcode NXDOMAIN
    }}
}}
"""


def apply_dns(api: Api) -> None:
    """Make the objects so."""
    for path, body in _objects():
        api.apply(path, body)


def _objects() -> Sequence[tuple[str, Json]]:
    core, rbac = f"/api/v1/namespaces/{_SPACE}", "/apis/rbac.authorization.k8s.io/v1"
    role = {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole"}
    account = {"kind": "ServiceAccount", "name": _NAME, "namespace": _SPACE}
    watch = ["list", "watch"]
    rules = [
        {"apiGroups": [""], "resources": ["endpoints", "services", "pods", "namespaces"], "verbs": watch},
        {"apiGroups": ["discovery.k8s.io"], "resources": ["endpointslices"], "verbs": watch},
    ]
    return [
        (f"{core}/serviceaccounts/{_NAME}", _object("v1", "ServiceAccount", _NAME)),
        (
            f"{rbac}/clusterroles/system:{_NAME}",
            {**_object("rbac.authorization.k8s.io/v1", "ClusterRole", f"system:{_NAME}", space=""), "rules": rules},
        ),
        (
            f"{rbac}/clusterrolebindings/system:{_NAME}",
            {
                **_object("rbac.authorization.k8s.io/v1", "ClusterRoleBinding", f"system:{_NAME}", space=""),
                "roleRef": {**role, "name": f"system:{_NAME}"},
                "subjects": [account],
            },
        ),
        # kube-proxy logs in as a user of this name.
        (
            f"{rbac}/clusterrolebindings/live:kube-proxy",
            {
                **_object("rbac.authorization.k8s.io/v1", "ClusterRoleBinding", "live:kube-proxy", space=""),
                "roleRef": {**role, "name": "system:node-proxier"},
                "subjects": [
                    {"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "system:kube-proxy"},
                ],
            },
        ),
        (f"{core}/configmaps/{_NAME}", {**_object("v1", "ConfigMap", _NAME), "data": {"Corefile": _COREFILE}}),
        (
            f"{core}/services/kube-dns",
            {
                **_object("v1", "Service", "kube-dns"),
                "spec": {
                    "clusterIP": DNS_ADDRESS,
                    "selector": _LABELS,
                    "ports": [
                        {"name": "dns", "port": 53, "protocol": "UDP", "targetPort": 53},
                        {"name": "dns-tcp", "port": 53, "protocol": "TCP", "targetPort": 53},
                    ],
                },
            },
        ),
        (f"/apis/apps/v1/namespaces/{_SPACE}/deployments/{_NAME}", _deployment()),
    ]


def _deployment() -> Json:
    container = {
        "name": _NAME,
        "image": IMAGE,
        "args": ["-conf", "/etc/coredns/Corefile"],
        "ports": [
            {"name": "dns", "containerPort": 53, "protocol": "UDP"},
            {"name": "dns-tcp", "containerPort": 53, "protocol": "TCP"},
        ],
        "resources": {"requests": {"cpu": "50m", "memory": "64Mi"}, "limits": {"memory": "170Mi"}},
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        },
        "readinessProbe": {"httpGet": {"path": "/ready", "port": 8181}, "periodSeconds": 1},
        "livenessProbe": {"httpGet": {"path": "/health", "port": 8080}, "periodSeconds": 5},
        "volumeMounts": [{"name": "config", "mountPath": "/etc/coredns"}],
    }
    pod = {
        "serviceAccountName": _NAME,
        "dnsPolicy": "Default",
        "priorityClassName": "system-cluster-critical",
        "nodeSelector": {LIVE_LABEL: "true"},
        "tolerations": [{"operator": "Exists"}],
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": 65532,
            "seccompProfile": {"type": "RuntimeDefault"},
            # Policies let pods ask port 53 of its pods, so it listens there without being root.
            "sysctls": [{"name": "net.ipv4.ip_unprivileged_port_start", "value": "0"}],
        },
        "containers": [container],
        "volumes": [{"name": "config", "configMap": {"name": _NAME}}],
    }
    return {
        **_object("apps/v1", "Deployment", _NAME),
        "spec": {
            "replicas": 1,
            "selector": {"matchLabels": _LABELS},
            "template": {"metadata": {"labels": _LABELS}, "spec": pod},
        },
    }


def _object(version: str, kind: str, name: str, space: str = _SPACE) -> dict[str, Json]:
    metadata: dict[str, Json] = {"name": name, "labels": _LABELS}
    if space:
        metadata["namespace"] = space
    return {"apiVersion": version, "kind": kind, "metadata": metadata}
