"""Which processes live nodes consist of, and with which arguments.

Owns the list. On the host: the process that carries connections to the API server. In the switch: the registry. In each
node: containerd, kubelet, kube-proxy and the enforcer of policies.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from ..control_plane.kwokctl import ADVERTISED, ADVERTISED_PORT, SERVICE_RANGE
from .addresses import REGISTRY
from .configuration import Configuration
from .devices.library import nvml_library
from .identities import Identities
from .images.build import cache_folder
from .launching import Launcher, Service
from .members import Member
from .namespaces import make_cgroup
from .places import Places
from .programs import Programs
from .record import HubContent

SWITCH_HOLDER = "switch"
API = "api"
REGISTRY_SERVICE = "registry"
HUB_SERVICE = "hub"
SUPERVISOR = "supervisor"


def holder(member: Member) -> str:
    """Name of the process that holds a node's namespaces."""
    return f"{member.name}.holder"


@dataclass(frozen=True)
class Services:
    """Makes the services, with their configuration."""

    places: Places
    programs: Programs

    @property
    def _launcher(self) -> Launcher:
        return Launcher(self.places, self.programs)

    def switch_holder(self) -> Service:
        """Holds the namespace in which all links meet."""
        return Service(name=SWITCH_HOLDER, program=self.programs["pause"], arguments=(), enter=("unshare", "--net"))

    def node_holder(self, member: Member) -> Service:
        """Holds the namespaces of a node."""
        enter = ("unshare", "--net", "--mount", "--propagation", "private")
        return Service(name=holder(member), program=self.programs["pause"], arguments=(), enter=enter)

    def api(self, switch: int, port: int) -> Service:
        """Carries connections of nodes and pods to the API server, which listens on the host's loopback address."""
        arguments = ("forward", f"{ADVERTISED}:{ADVERTISED_PORT}", f"127.0.0.1:{port}", f"/proc/{switch}/ns/net")
        return Service(name=API, program=self.programs["live-node"], arguments=arguments)

    def registry(self, switch: int) -> Service:
        """Serves every image."""
        self.places.registry.mkdir(parents=True, exist_ok=True)
        arguments = ("registry", "serve", "--address", REGISTRY, "--disk", str(self.places.registry))
        enter = self._launcher.in_switch(switch)
        return Service(name=REGISTRY_SERVICE, program=self.programs["crane"], arguments=arguments, enter=enter)

    def hub(self, switch: int, content: HubContent) -> Service:
        """Has every model, with one checkpoint for all; pods reach it under the hub's public name."""
        identity = Identities(self.places).hub()
        what = content.folder or str(content.size)
        arguments = ("-m", "simulation.live.hub_service", str(identity.certificate), str(identity.key), what)
        return Service(
            name=HUB_SERVICE,
            program=Path(sys.executable),
            arguments=arguments,
            enter=self._launcher.in_switch(switch),
            is_python=True,
        )

    def names_of(self, member: Member) -> Iterator[str]:
        """Names of the services of a node."""
        yield from (f"{member.name}.{kind}" for kind in self._of_node())

    def of_node(self, member: Member, name: str, process: int) -> Service:
        """A service of a node, by its name.

        Args:
            member: The node.
            name: One of ``names_of``.
            process: A process in the node's namespaces.
        """
        kind = name.removeprefix(f"{member.name}.")
        folder = self.places.node(member.name)
        folder.mkdir(parents=True, exist_ok=True)
        made = self._of_node()[kind](Configuration(folder, self.programs, member), member)
        return Service(name=name, program=made.program, arguments=made.arguments, enter=self._launcher.in_node(process))

    def _of_node(self) -> dict[str, Callable[[Configuration, Member], Service]]:
        return {
            "containerd": self._containerd,
            "kubelet": self._kubelet,
            "kube-proxy": self._kube_proxy,
            "kube-router": self._kube_router,
        }

    def _containerd(self, files: Configuration, member: Member) -> Service:
        library = nvml_library(cache_folder()) if member.gpus else None
        arguments = ("--config", str(files.containerd(library)))
        return Service(name="containerd", program=self.programs["containerd"], arguments=arguments)

    def _kubelet(self, files: Configuration, member: Member) -> Service:
        identities = Identities(self.places)
        cgroup = make_cgroup(self.places, member.name)
        config = files.kubelet(identities.authority, identities.kubelet_server(member), cgroup)
        kubeconfig = identities.kubeconfig(f"{member.name}.kubelet", identities.kubelet(member))
        arguments = (
            *("--config", str(config), "--kubeconfig", str(kubeconfig)),
            *("--hostname-override", member.name, "--node-ip", member.address),
            *("--root-dir", "/var/lib/kubelet", "--cert-dir", "/run/kubelet", "--runtime-cgroups", "/"),
        )
        return Service(name="kubelet", program=self.programs["kubelet"], arguments=arguments)

    def _kube_proxy(self, files: Configuration, member: Member) -> Service:
        identities = Identities(self.places)
        identity = identities.client("kube-proxy", "/CN=system:kube-proxy")
        config = files.kube_proxy(identities.kubeconfig("kube-proxy", identity))
        arguments = ("--config", str(config), "--hostname-override", member.name)
        return Service(name="kube-proxy", program=self.programs["kube-proxy"], arguments=arguments)

    def _kube_router(self, _files: Configuration, member: Member) -> Service:
        identities = Identities(self.places)
        identity = identities.client("kube-router", "/O=system:masters/CN=live:kube-router")
        arguments = (
            *("--run-firewall=true", "--run-router=false", "--run-service-proxy=false"),
            *("--kubeconfig", str(identities.kubeconfig("kube-router", identity))),
            *("--hostname-override", member.name, "--service-cluster-ip-range", SERVICE_RANGE),
            *("--health-port", "20244", "--metrics-port", "0"),
        )
        return Service(name="kube-router", program=self.programs["kube-router"], arguments=arguments)
