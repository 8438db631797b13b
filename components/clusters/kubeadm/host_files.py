"""Files that every host, or every control plane host, needs before kubeadm runs."""

from __future__ import annotations

import yaml

from ...contracts.versions import KUBE_VIP
from .settings import VirtualAddress

MODULES = "overlay\nbr_netfilter\n"
"""Kernel modules that containerd and the pod network need (Kubernetes documentation, "Container Runtimes")."""
SYSCTLS = "".join(
    f"{name} = {value}\n"
    for name, value in {
        "net.ipv4.ip_forward": 1,
        "net.bridge.bridge-nf-call-iptables": 1,
        "net.bridge.bridge-nf-call-ip6tables": 1,
        # Cilium's programs decide about return paths; strict filtering drops packets that come another way.
        "net.ipv4.conf.all.rp_filter": 0,
        # What kubelet would set itself, and refuses to start without under protectKernelDefaults.
        "vm.overcommit_memory": 1,
        "vm.panic_on_oom": 0,
        "kernel.panic": 10,
        "kernel.panic_on_oops": 1,
        "kernel.keys.root_maxkeys": 1000000,
        "kernel.keys.root_maxbytes": 25000000,
        # vLLM and NCCL watch many files and map much memory.
        "fs.inotify.max_user_instances": 8192,
        "fs.inotify.max_user_watches": 1048576,
        "vm.max_map_count": 1048576,
    }.items()
)
NO_NOUVEAU = "blacklist nouveau\noptions nouveau modeset=0\n"
"""The open driver of the kernel takes the GPUs first, and NVIDIA's then does not load."""

AUDIT_POLICY = yaml.safe_dump(
    {
        "apiVersion": "audit.k8s.io/v1",
        "kind": "Policy",
        "omitStages": ["RequestReceived"],
        "rules": [
            # Bodies of secrets have no place in a log.
            {"level": "Metadata", "resources": [{"group": "", "resources": ["secrets", "configmaps", "tokenreviews"]}]},
            {"level": "None", "verbs": ["get", "list", "watch"]},
            {"level": "Metadata"},
        ],
    },
    sort_keys=False,
)


def encryption_config(key: str) -> str:
    """How the API servers encrypt secrets in etcd.

    Args:
        key: 32 random bytes in base64, the same on every control plane host.
    """
    return yaml.safe_dump(
        {
            "apiVersion": "apiserver.config.k8s.io/v1",
            "kind": "EncryptionConfiguration",
            "resources": [
                {
                    "resources": ["secrets"],
                    "providers": [{"secretbox": {"keys": [{"name": "strata", "secret": key}]}}, {"identity": {}}],
                }
            ],
        },
        sort_keys=False,
    )


def kube_vip_pod(endpoint: VirtualAddress, *, first_start: bool) -> str:
    """The static pod that holds the control plane's address on one of its hosts.

    Args:
        endpoint: The address and its interface.
        first_start: Whether ``kubeadm init`` runs: only ``super-admin.conf`` has rights then
            (kube-vip issue 684), which exists on the first host alone.
    """
    credentials = "/etc/kubernetes/super-admin.conf" if first_start else "/etc/kubernetes/admin.conf"
    settings = {
        "vip_arp": "true",
        "address": endpoint.address,
        "port": "6443",
        "vip_interface": endpoint.interface,
        "vip_subnet": "32",
        "cp_enable": "true",
        "cp_namespace": "kube-system",
        "vip_leaderelection": "true",
        "vip_leasename": "plndr-cp-lock",
        "vip_leaseduration": "15",
        "vip_renewdeadline": "10",
        "vip_retryperiod": "2",
    }
    node_name = {"name": "vip_nodename", "valueFrom": {"fieldRef": {"fieldPath": "spec.nodeName"}}}
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "kube-vip", "namespace": "kube-system"},
        "spec": {
            "hostNetwork": True,
            # It has to reach the API server of its own host, not the address that it is about to bring up.
            "hostAliases": [{"hostnames": ["kubernetes"], "ip": "127.0.0.1"}],
            "containers": [
                {
                    "name": "kube-vip",
                    "image": KUBE_VIP.reference(),
                    "args": ["manager"],
                    "env": [*({"name": name, "value": value} for name, value in settings.items()), node_name],
                    "resources": {"requests": {"cpu": "50m", "memory": "64Mi"}, "limits": {"memory": "128Mi"}},
                    "securityContext": {
                        "allowPrivilegeEscalation": False,
                        # It adds an address to an interface and answers ARP for it.
                        "capabilities": {"add": ["NET_ADMIN", "NET_RAW"], "drop": ["ALL"]},
                    },
                    "volumeMounts": [{"mountPath": "/etc/kubernetes/admin.conf", "name": "kubeconfig"}],
                }
            ],
            "volumes": [{"name": "kubeconfig", "hostPath": {"path": credentials, "type": "FileOrCreate"}}],
        },
    }
    return yaml.safe_dump(pod, sort_keys=False)
