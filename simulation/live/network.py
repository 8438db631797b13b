"""The network of live nodes.

Owns links, addresses and routes. Nodes and the host meet at a bridge in a namespace of its own, the switch; on the host
there is one link with one address and the routes through it. Forwarding and packet filters of the host are not
touched, and all of it goes when the namespaces go.
"""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass

from components.contracts.errors import StrataError

from ..control_plane.kwokctl import ADVERTISED, SERVICE_RANGE
from .addresses import HOST, HUB, NODE_NETWORK, SWITCH, node_address
from .members import Member
from .places import Places
from .programs import Programs

_LENGTH = NODE_NETWORK.partition("/")[2]
# kube-router lets packets with this mark pass policies; what comes from a node counts as the pod's own node's, which
# every policy lets through, as kubelets send probes. The host stands for a node.
_ALLOWED_MARK = "0x10000/0x10000"


@dataclass(frozen=True)
class Network:
    """Makes the network of live nodes; each part only where it is not there."""

    places: Places
    programs: Programs

    def ensure_host(self, switch: int, members: Sequence[Member]) -> None:
        """The host's link and routes.

        Args:
            switch: A process in the switch's namespace.
            members: The live nodes.
        """
        link = self.places.host_link
        routes = [f"{SERVICE_RANGE} via {node_address(0)}"]
        routes += [f"{member.pod_range} via {member.address}" for member in members]
        inside = self._enter(switch)
        bridge = [
            "ip link show br0 >/dev/null 2>&1 || ip link add br0 type bridge",
            f"ip address replace {SWITCH}/{_LENGTH} dev br0",
            f"ip address replace {ADVERTISED}/32 dev br0",
            f"ip address replace {HUB}/32 dev br0",
            "ip link set lo up; ip link set br0 up",
            *(f"ip route replace {member.pod_range} via {member.address}" for member in members),
        ]
        # A link whose other end is in a namespace that was replaced belongs to nobody.
        lost = f"[ -e /sys/class/net/{link} ] && ! {inside} ip link show host >/dev/null 2>&1"
        self._run(bridge, inside.split())
        self._run(
            [
                f"if {lost}; then ip link delete {link}; fi",
                f"[ -e /sys/class/net/{link} ] || ip link add {link} type veth peer name host netns {switch}",
                f"{inside} ip link set host master br0 up",
                f"ip address replace {HOST}/{_LENGTH} dev {link}",
                f"ip link set {link} up",
                *(f"ip route replace {route} dev {link}" for route in routes),
            ]
        )

    def ensure_node(self, switch: int, holder: int, member: Member, members: Sequence[Member]) -> None:
        """A node's link, routes and the mark for what nodes send.

        Args:
            switch: A process in the switch's namespace.
            holder: A process in the node's namespace.
            member: The node.
            members: All live nodes.
        """
        port, inside, outside = f"node{member.place}", self._enter(holder), self._enter(switch)
        others = [other for other in members if other != member]
        joined = f"{inside} ip link show eth0 >/dev/null 2>&1"
        self._run(
            [
                f"if ! {joined}; then",
                f"{outside} ip link delete {port} 2>/dev/null || true",
                f"{outside} ip link add {port} type veth peer name eth0 netns {holder}",
                "fi",
                f"{outside} ip link set {port} master br0 up",
            ]
        )
        rule = f"PREROUTING -s {NODE_NETWORK} -j MARK --set-xmark {_ALLOWED_MARK}"
        own = [
            "ip link set lo up",
            f"ip address replace {member.address}/{_LENGTH} dev eth0",
            "ip link set eth0 up",
            f"ip route replace default via {HOST}",
            f"ip route replace {ADVERTISED}/32 via {SWITCH}",
            f"ip route replace {HUB}/32 via {SWITCH}",
            *(f"ip route replace {other.pod_range} via {other.address}" for other in others),
            "echo 1 > /proc/sys/net/ipv4/ip_forward",
            f"iptables -w -t mangle -C {rule} 2>/dev/null || iptables -w -t mangle -A {rule}",
        ]
        self._run(own, inside.split())

    def forget_host(self) -> None:
        """Remove the host's link, and its routes with it."""
        link = self.places.host_link
        self._run([f"if [ -e /sys/class/net/{link} ]; then ip link delete {link}; fi"])

    @staticmethod
    def _enter(process: int) -> str:
        return f"nsenter --net=/proc/{process}/ns/net"

    def _run(self, lines: Sequence[str], prefix: Sequence[str] = ()) -> None:
        text = "\n".join(["set -eu", *lines])
        done = subprocess.run(
            [*prefix, "sh", "-c", text], env=self.programs.environment, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise StrataError.of(
                "network of the live nodes",
                cause=(done.stderr or done.stdout).strip() or f"a command ended with {done.returncode}",
                consequence="the nodes reach nobody",
                fix="make live-down, then make live; if it stays, the kernel lacks veth, bridge or nftables",
            )
