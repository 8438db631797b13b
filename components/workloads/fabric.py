"""What a pod's part of the fabric is in Kubernetes: devices, folders, rights, the container beside it, nearness.

Owns the translation of ``PodFabric`` and decides nothing: whoever builds a pod passes each part on as it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from pulumi_kubernetes import core, meta

from ..contracts.fabric import HostMount, PodFabric, TrafficDaemon
from ..contracts.quantities import ByteSize, CpuAmount
from ..contracts.versions import IMAGES
from .resources import Resources
from .security import container_security, root_security

# Busy loops over queues of packets; the manifests ask for nothing, and quotas count what is asked for.
_DAEMON = Resources(cpu=CpuAmount.cores(2), memory=ByteSize.gib(4), ephemeral_storage=ByteSize.gib(1))
_NEAREST = 100
"""The largest weight that Kubernetes takes."""


def fabric_resources(own: Resources, fabric: PodFabric) -> Resources:
    """The container's resources with its cards."""
    claims = (*own.claims, *(claim.name for claim in fabric.claims))
    return replace(own, devices={**own.devices, **fabric.devices}, claims=claims)


def fabric_command(argv: Sequence[str], fabric: PodFabric) -> list[str]:
    """The command, started by a shell that has read the settings of what is installed on the node."""
    if not fabric.settings_script:
        return list(argv)
    return ["/bin/bash", "-c", 'source "$0" && exec "$@"', fabric.settings_script, *argv]


def fabric_security(fabric: PodFabric) -> core.v1.SecurityContextArgs:
    """The rights of the container; none where it needs none."""
    if fabric.privileged:
        return core.v1.SecurityContextArgs(
            privileged=True, allow_privilege_escalation=True, run_as_non_root=False, run_as_user=0
        )
    return root_security(fabric.capabilities) if fabric.runs_as_root else container_security()


def fabric_mounts(mounts: Iterable[HostMount]) -> list[core.v1.VolumeMountArgs]:
    """Folders of the node in a container."""
    return [
        core.v1.VolumeMountArgs(name=mount.name, mount_path=mount.mount_path, read_only=mount.read_only)
        for mount in mounts
    ]


def fabric_volumes(fabric: PodFabric) -> list[core.v1.VolumeArgs]:
    """The same folders as volumes of the pod, each once."""
    beside = fabric.daemon.mounts if fabric.daemon else ()
    paths = {mount.name: mount.host_path for mount in (*fabric.mounts, *beside)}
    return [
        core.v1.VolumeArgs(name=name, host_path=core.v1.HostPathVolumeSourceArgs(path=path))
        for name, path in paths.items()
    ]


def fabric_daemons(
    fabric: PodFabric, mirror: str | None = None, digests: Mapping[str, str] | None = None
) -> list[core.v1.ContainerArgs]:
    """The container beside the server, where the fabric has one.

    Args:
        fabric: What the pod needs.
        mirror: Registry that replaces the image's own.
        digests: ``sha256:…`` by image name.
    """
    return [] if fabric.daemon is None else [_daemon(fabric.daemon, mirror, digests or {})]


def _daemon(daemon: TrafficDaemon, mirror: str | None, digests: Mapping[str, str]) -> core.v1.ContainerArgs:
    return core.v1.ContainerArgs(
        name=daemon.name,
        image=IMAGES[daemon.image].reference(mirror, digests.get(daemon.image)),
        image_pull_policy="IfNotPresent",
        command=list(daemon.command),
        env=[core.v1.EnvVarArgs(name=name, value=value) for name, value in daemon.environment],
        security_context=root_security(daemon.capabilities, read_only=False),
        resources=_DAEMON.args(),
        volume_mounts=fabric_mounts(daemon.mounts),
    )


def near_each_other(fabric: PodFabric, selector: Mapping[str, str]) -> core.v1.AffinityArgs | None:
    """A preference for nodes near those of the same server: the narrower the circle, the stronger.

    Args:
        fabric: What the pod needs.
        selector: Labels of the pods of that server.
    """
    if not fabric.near:
        return None
    steps = len(fabric.near)
    return core.v1.AffinityArgs(
        pod_affinity=core.v1.PodAffinityArgs(
            preferred_during_scheduling_ignored_during_execution=[
                core.v1.WeightedPodAffinityTermArgs(
                    weight=_NEAREST * (place + 1) // steps,
                    pod_affinity_term=core.v1.PodAffinityTermArgs(
                        topology_key=label, label_selector=meta.v1.LabelSelectorArgs(match_labels=dict(selector))
                    ),
                )
                for place, label in enumerate(fabric.near)
            ]
        )
    )
