"""The configuration files of what runs on a live node.

Owns their content. Paths below /run and /var are the node's own, as its mount namespace shows them.
"""

from __future__ import annotations

import json
import platform
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, JsonValue

from ..control_plane.api import Json
from .addresses import POD_NETWORK, REGISTRY
from .devices.facts import DEVICES_FOLDER
from .devices.library import SONAME
from .identities import Identity
from .members import Member
from .programs import Programs

CONTAINERD_SOCKET = "/run/containerd/containerd.sock"
PAUSE = "registry.k8s.io/pause:3.10.1"
"""Image of the container that holds a pod's namespaces."""
DNS_ADDRESS = "10.96.0.10"
DNS_DOMAIN = "cluster.local"
KUBELET_HEALTH = 10248


class _RuntimeSpec(BaseModel):
    """What runc is told about a container; only its mounts are of interest here."""

    model_config = ConfigDict(extra="allow")

    mounts: list[JsonValue]


@dataclass(frozen=True)
class Configuration:
    """Writes the files of one node.

    Attributes:
        folder: Where they lie.
        programs: The programs that they are for.
        member: The node.
    """

    folder: Path
    programs: Programs
    member: Member

    def containerd(self, gpu_library: Path | None) -> Path:
        """Of containerd, with the network of its pods and the one registry for every image.

        Args:
            gpu_library: What stands in for the library of NVIDIA's driver; None on a node without GPUs.
        """
        hosts = self.folder / "registries" / "_default"
        hosts.mkdir(parents=True, exist_ok=True)
        (hosts / "hosts.toml").write_text(
            f'server = "http://{REGISTRY}"\n[host."http://{REGISTRY}"]\n  capabilities = ["pull", "resolve"]\n'
        )
        network = self.folder / "network"
        network.mkdir(exist_ok=True)
        self._write("network/10-live.conflist", self._network())
        cri = "io.containerd.grpc.v1.cri"
        lines = [
            "version = 2",
            'root = "/var/lib/containerd"',
            'state = "/run/containerd"',
            "oom_score = 0",
            "[grpc]",
            f'address = "{CONTAINERD_SOCKET}"',
            f'[plugins."{cri}"]',
            f'sandbox_image = "{PAUSE}"',
            "tolerate_missing_hugetlb_controller = true",
            # Virtual machines and containers often lack the right to lower a score, and runc then fails.
            "restrict_oom_score_adj = true",
            f'[plugins."{cri}".cni]',
            f"bin_dir = {json.dumps(str(self.programs.network_plugins))}",
            f"conf_dir = {json.dumps(str(network))}",
            f'[plugins."{cri}".containerd.runtimes.runc]',
            'runtime_type = "io.containerd.runc.v2"',
            f"base_runtime_spec = {json.dumps(str(self._container(gpu_library)))}",
            f'[plugins."{cri}".containerd.runtimes.runc.options]',
            "SystemdCgroup = false",
            f'[plugins."{cri}".registry]',
            f"config_path = {json.dumps(str(hosts.parent))}",
            '[plugins."io.containerd.internal.v1.opt"]',
            'path = "/var/lib/containerd/opt"',
        ]
        file = self.folder / "containerd.toml"
        file.write_text("\n".join(lines) + "\n")
        return file

    def kubelet(self, authority: Path, server: Identity, cgroup: str) -> Path:
        """Of the kubelet."""
        resolv = self.folder / "resolv.conf"
        resolv.write_text("")
        return self._write(
            "kubelet.json",
            {
                "apiVersion": "kubelet.config.k8s.io/v1beta1",
                "kind": "KubeletConfiguration",
                "address": self.member.address,
                "healthzPort": KUBELET_HEALTH,
                "containerRuntimeEndpoint": f"unix://{CONTAINERD_SOCKET}",
                "cgroupDriver": "cgroupfs",
                "cgroupRoot": cgroup,
                "failCgroupV1": False,
                "failSwapOn": False,
                "authentication": {
                    "anonymous": {"enabled": False},
                    "x509": {"clientCAFile": str(authority)},
                    "webhook": {"enabled": True},
                },
                "authorization": {"mode": "Webhook"},
                "tlsCertFile": str(server.certificate),
                "tlsPrivateKeyFile": str(server.key),
                "clusterDomain": DNS_DOMAIN,
                "clusterDNS": [DNS_ADDRESS],
                "resolvConf": str(resolv),
                "enforceNodeAllocatable": ["pods"],
                # Off, it also switches off the figures of disks, without which evictions and summaries fail.
                "localStorageCapacityIsolation": True,
                # The disk is the machine's own, and may well be fuller than a node's.
                "evictionHard": {"memory.available": "100Mi", "nodefs.available": "1%", "imagefs.available": "1%"},
                "imageGCHighThresholdPercent": 100,
                "imageGCLowThresholdPercent": 99,
                "seccompDefault": True,
                "serializeImagePulls": False,
                "nodeStatusUpdateFrequency": "5s",
                "syncFrequency": "10s",
            },
        )

    def kube_proxy(self, kubeconfig: Path) -> Path:
        """Of kube-proxy."""
        return self._write(
            "kube-proxy.json",
            {
                "apiVersion": "kubeproxy.config.k8s.io/v1alpha1",
                "kind": "KubeProxyConfiguration",
                "mode": "nftables",
                # What comes from elsewhere takes the node's address, or answers would go another way than questions.
                "clusterCIDR": POD_NETWORK,
                "clientConnection": {"kubeconfig": str(kubeconfig)},
                "healthzBindAddress": "127.0.0.1:10256",
                "metricsBindAddress": "127.0.0.1:10249",
                "conntrack": {"maxPerCore": 0, "min": 0, "tcpEstablishedTimeout": "0s", "tcpCloseWaitTimeout": "0s"},
            },
        )

    def _container(self, gpu_library: Path | None) -> Path:
        """What every container begins as: containerd's own, and what NVIDIA's toolkit adds on a node with GPUs."""
        asked = [str(self.programs["ctr"]), "oci", "spec"]
        done = subprocess.run(asked, capture_output=True, check=True, env=self.programs.environment)
        spec = _RuntimeSpec.model_validate_json(done.stdout)
        shown = [(self.folder / "shown" / "devices", DEVICES_FOLDER)]
        if gpu_library is not None:
            triplet = f"{platform.machine()}-linux-gnu"
            shown.append((gpu_library, f"/usr/lib/{triplet}/{SONAME}"))
        for source, place in shown:
            spec.mounts.append(
                {"destination": place, "type": "bind", "source": str(source), "options": ["rbind", "ro", "nosuid"]}
            )
        return self._write("container.json", spec.model_dump())

    def _network(self) -> Json:
        # Routed, not bridged: packets between pods of one node pass the same filters as all others.
        addresses = {"type": "host-local", "ranges": [[{"subnet": self.member.pod_range}]]}
        return {
            "cniVersion": "0.4.0",
            "name": "live",
            "plugins": [
                {"type": "ptp", "ipMasq": False, "ipam": {**addresses, "routes": [{"dst": "0.0.0.0/0"}]}},
                {"type": "portmap", "capabilities": {"portMappings": True}},
            ],
        }

    def _write(self, name: str, content: Json | Mapping[str, object]) -> Path:
        file = self.folder / name
        file.write_text(json.dumps(content, indent=2) + "\n")
        return file
