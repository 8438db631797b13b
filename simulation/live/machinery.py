"""Making the processes, namespaces and links of live nodes so, from any state that they may be in.

Owns the order: namespaces, links, the registry with its images, then each node's processes. It is run by ``make live``
and, every second, by the supervisor; what is well is left alone.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from components.contracts.errors import StrataError

from ..control_plane.record import write_whole
from . import disguise, namespaces, registry
from .addresses import REGISTRY
from .identities import Identities
from .launching import Launcher
from .members import Member
from .network import Network
from .places import Places
from .programs import Programs
from .record import LiveRecord
from .services import API, HUB_SERVICE, REGISTRY_SERVICE, SWITCH_HOLDER, Services, holder

_REGISTRY_SECONDS = 10.0
_CONTAINERD_SECONDS = 10.0
_POLL_SECONDS = 0.05
# A process that ends at once is not started more often than this.
_PAUSE_SECONDS = 5.0
_IMAGES = TypeAdapter(dict[str, str])


@dataclass
class Machinery:
    """What runs on this machine for the live nodes of one control plane."""

    places: Places
    record: LiveRecord
    members: Sequence[Member]
    tell: Callable[[str], None]
    _started: dict[str, float] = field(default_factory=dict[str, float])

    def __post_init__(self) -> None:
        self._programs = Programs(self.places.layout.state)
        self._services = Services(self.places, self._programs)
        self._launcher = Launcher(self.places, self._programs)
        self._network = Network(self.places, self._programs)

    def ensure_ground(self) -> list[str]:
        """Namespaces, links and the registry, for which no control plane is needed; what had to be done."""
        running = namespaces.named(self.places)
        switch = running.get(SWITCH_HOLDER) or self._again_in(running.get(REGISTRY_SERVICE))
        fresh: dict[str, int] = {}
        done: list[str] = []
        if switch is None:
            switch = self._launcher.launch(self._services.switch_holder())
            done.append("made the network")
        self._network.ensure_host(switch, self.members) if done or not self._has_link() else None
        missing = [member for member in self.members if holder(member) not in running]
        if missing:
            inside = namespaces.marked(self.places)
            for member in missing:
                fresh[member.name] = self._hold(member, inside.get(member.name, []))
                done.append(f"made the namespaces of {member.name}")
        for member in self.members:
            process = fresh.get(member.name) or running[holder(member)]
            if done or not self._is_joined(process):
                self._network.ensure_node(switch, process, member, self.members)
        if HUB_SERVICE not in running:
            self._launcher.launch(self._services.hub(switch, self.record.hub))
            done.append("started the model hub")
        if REGISTRY_SERVICE not in running:
            self._launcher.launch(self._services.registry(switch))
            self.fill_registry(self.record.images)
            done.append("started the registry")
        elif changed := self._changed_images():
            self.fill_registry(changed)
            self._forget_images(changed)
            done += [f"replaced the image {name}" for name in changed]
        return done

    def ensure_nodes(self, port: int) -> list[str]:
        """The processes of every node and the way to the API server; what had to be done."""
        running = namespaces.named(self.places)
        done: list[str] = []
        if API not in running and self._may_start(API):
            self._launcher.launch(self._services.api(running[SWITCH_HOLDER], port))
            done.append("opened the way to the API server")

        def ensure(member: Member) -> list[str]:
            return self._ensure_node(member, running)

        with ThreadPoolExecutor(max_workers=max(1, len(self.members))) as pool:
            for started in pool.map(ensure, self.members):
                done += started
        return done

    def fill_registry(self, images: Mapping[str, str]) -> None:
        """Push these images; a registry that starts keeps layers on disk and forgets which image they belong to."""
        deadline = time.monotonic() + _REGISTRY_SECONDS
        while time.monotonic() < deadline and not self._registry_answers():
            time.sleep(_POLL_SECONDS)
        registry.push(self._programs, images)
        trusted = Identities(self.places).hub().certificate
        for name in [name for name in self.record.fetching if name in images]:
            registry.let_trust(self._programs, name, trusted, self.places.home)
        write_whole(self._pushed, json.dumps(dict(self.record.images)))

    @property
    def _pushed(self) -> Path:
        return self.places.home / "pushed.json"

    def _changed_images(self) -> dict[str, str]:
        """Images whose archives are others than those that were pushed."""
        try:
            pushed = _IMAGES.validate_json(self._pushed.read_bytes())
        except (OSError, ValidationError):
            pushed = {}
        return {name: archive for name, archive in self.record.images.items() if pushed.get(name) != archive}

    def _forget_images(self, names: Collection[str]) -> None:
        """Have nodes fetch images again for new pods; those that run keep what they have."""
        running = namespaces.named(self.places)
        for process in [process for name, process in running.items() if name.endswith(".containerd")]:
            argv = [*self._launcher.in_node(process), str(self._programs["ctr"]), "-n", "k8s.io", "images", "rm"]
            subprocess.run([*argv, *names], capture_output=True, check=False, env=self._programs.environment)

    def _registry_answers(self) -> bool:
        argv = [str(self._programs["crane"]), "catalog", "--insecure", REGISTRY]
        return subprocess.run(argv, capture_output=True, check=False, env=self._programs.environment).returncode == 0

    def _ensure_node(self, member: Member, running: dict[str, int]) -> list[str]:
        done: list[str] = []
        process = running.get(holder(member))
        if process is None:
            return done
        for name in self._services.names_of(member):
            if name in running or not self._may_start(name):
                continue
            self._launcher.launch(self._services.of_node(member, name, process))
            if name.endswith(".containerd"):
                self._wait_for_containerd(process)
            done.append(f"started {name}")
        return done

    def _wait_for_containerd(self, process: int) -> None:
        # The kubelet would try again only after some seconds.
        argv = [*self._launcher.in_node(process), str(self._programs["ctr"]), "version"]
        deadline = time.monotonic() + _CONTAINERD_SECONDS
        while time.monotonic() < deadline:
            if subprocess.run(argv, capture_output=True, check=False, env=self._programs.environment).returncode == 0:
                return
            time.sleep(_POLL_SECONDS)

    def _may_start(self, name: str) -> bool:
        now = time.monotonic()
        if now - self._started.get(name, -_PAUSE_SECONDS) < _PAUSE_SECONDS:
            return False
        self._started[name] = now
        return True

    def _hold(self, member: Member, inside: Sequence[int]) -> int:
        """A process that holds the node's namespaces: again, where others are in them still; else in new ones."""
        service = self._services.node_holder(member)
        if inside:
            return self._launcher.launch(replace(service, enter=self._launcher.in_node(inside[0])))
        namespaces.end_node(self.places, member.name)
        self._forget_pods(member)
        disguise.write_files(self.places, member)
        process = self._launcher.launch(service)
        done = subprocess.run(
            ["nsenter", f"--mount=/proc/{process}/ns/mnt", "sh", "-c", self._script(member)],
            env=self._programs.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise StrataError.of(
                f"live node {member.name}",
                cause=f"its mount namespace cannot be arranged: {done.stderr.strip()}",
                consequence="the node does not start",
                fix="make live-down, then make live; if it stays, this kernel lacks overlay or tmpfs",
            )
        return process

    def _script(self, member: Member) -> str:
        return disguise.script(self.places, self._programs, member)

    def _forget_pods(self, member: Member) -> None:
        """A node whose namespaces are gone begins anew, as after a loss of its disk.

        Nothing is mounted below the folder any more: its mounts were the namespace's own.
        """
        folder = self.places.node(member.name)
        require_unmounted(folder)
        for name in ("kubelet", "containerd", "pods", "over"):
            shutil.rmtree(folder / name, ignore_errors=True)

    def _again_in(self, process: int | None) -> int | None:
        """A new holder of the switch's namespace, where the registry is in it still."""
        if process is None:
            return None
        service = self._services.switch_holder()
        return self._launcher.launch(replace(service, enter=self._launcher.in_switch(process)))

    def _has_link(self) -> bool:
        return os.path.isdir(f"/sys/class/net/{self.places.host_link}")  # noqa: PTH112 - asked every second

    def _is_joined(self, process: int) -> bool:
        """Whether the node has its link; listed in the process's own view of the network."""
        try:
            with open(f"/proc/{process}/net/dev", encoding="ascii") as file:  # noqa: PTH123 - asked every second
                return "eth0:" in file.read()
        except OSError:
            return False


def require_unmounted(folder: object) -> None:
    """Refuse to remove a folder below which something is mounted: that would remove what is mounted.

    Raises:
        StrataError: naming what is mounted.
    """
    with open("/proc/self/mountinfo", encoding="utf-8") as file:  # noqa: PTH123 - no file of ours
        mounted = [line.split()[4] for line in file]
    below = [path for path in mounted if path == str(folder) or path.startswith(f"{folder}/")]
    if below:
        raise StrataError.of(
            "live nodes",
            cause=f"{below[0]} is mounted",
            consequence="removing the folder would remove what is mounted there, so nothing was removed",
            fix=f"umount {below[0]}, then run the same command again",
        )
