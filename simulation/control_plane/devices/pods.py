"""Pods of node agents as the API shows them: what runs where, and which configuration it reads."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePosixPath

from pydantic import Field

from ..api import Answer
from .agents import Agent, agent_of


class _Owner(Answer):
    workload: str = Field(default="", alias="kind")


class _Metadata(Answer):
    name: str
    namespace: str = ""
    uid: str
    owners: list[_Owner] = Field(default=[], alias="ownerReferences")


class _Variable(Answer):
    name: str
    value: str = ""


class _Mount(Answer):
    name: str
    path: str = Field(default="", alias="mountPath")


class _Container(Answer):
    image: str = ""
    command: list[str] = []
    args: list[str] = []
    env: list[_Variable] = []
    mounts: list[_Mount] = Field(default=[], alias="volumeMounts")


class _ConfigMap(Answer):
    name: str = ""


class _Volume(Answer):
    name: str
    config_map: _ConfigMap | None = Field(default=None, alias="configMap")


class _Spec(Answer):
    node: str = Field(default="", alias="nodeName")
    containers: list[_Container] = []
    initial: list[_Container] = Field(default=[], alias="initContainers")
    volumes: list[_Volume] = []


class _Condition(Answer):
    type: str
    status: str


class _Status(Answer):
    phase: str = ""
    conditions: list[_Condition] = []


class SeenPod(Answer):
    """A pod."""

    metadata: _Metadata
    spec: _Spec
    status: _Status = _Status()


@dataclass(frozen=True)
class AgentPod:
    """A pod that has containers of node agents."""

    seen: SeenPod

    @property
    def uid(self) -> str:
        """Identifies it."""
        return self.seen.metadata.uid

    @property
    def node(self) -> str:
        """Where it runs; empty while nobody decided."""
        return self.seen.spec.node

    @property
    def namespace(self) -> str:
        """Its namespace."""
        return self.seen.metadata.namespace

    @property
    def works(self) -> bool:
        """Whether it is running and ready."""
        status = self.seen.status
        ready = any(condition.type == "Ready" and condition.status == "True" for condition in status.conditions)
        return ready and status.phase == "Running"

    @property
    def is_daemon(self) -> bool:
        """Whether a DaemonSet made it."""
        return any(owner.workload == "DaemonSet" for owner in self.seen.metadata.owners)

    @cached_property
    def agents(self) -> frozenset[Agent]:
        """What its containers do."""
        spec = self.seen.spec
        found = {agent_of(container.image, [*container.command, *container.args]) for container in spec.containers}
        # Driver installers do their work before a container that only waits.
        found |= {agent_of(container.image) for container in spec.initial} & {Agent.DRIVER}
        return frozenset(agent for agent in found if agent is not None)

    def setting(self, variable: str, option: str = "") -> str:
        """A setting in the environment or on the command line of any container; empty where there is none."""
        for container in self._containers():
            for word in container.args:
                if option and word.startswith(f"{option}="):
                    return word.partition("=")[2]
            for entry in container.env:
                if entry.name == variable and entry.value:
                    return entry.value
        return ""

    def config_map(self, folder: str = "") -> str:
        """Name of the ConfigMap that is mounted there; of the first that it has where no folder is given."""
        maps = {volume.name: volume.config_map.name for volume in self.seen.spec.volumes if volume.config_map}
        if not folder:
            return next(iter(maps.values()), "")
        wanted = PurePosixPath(folder)
        mounts = (mount for container in self._containers() for mount in container.mounts)
        return next(
            (maps[mount.name] for mount in mounts if PurePosixPath(mount.path) == wanted and mount.name in maps), ""
        )

    def _containers(self) -> Iterator[_Container]:
        yield from self.seen.spec.containers
        yield from self.seen.spec.initial
