"""The EFA device plugin as objects of ours.

Its chart is in no Go module, and is one DaemonSet, which differs from this one only in how nodes are chosen: by a list
of machine types there, by pool here. Source: aws/eks-charts, ``stable/aws-efa-k8s-device-plugin`` v0.5.30.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import pulumi
from pulumi_kubernetes import apps, core

from ..contracts.cluster_facts import PoolFacts
from ..contracts.customize import ObjectCustomize
from ..contracts.versions import EFA_DEVICE_PLUGIN
from ..workloads.daemons import daemon_set, on_pools, tolerations_of
from ..workloads.identity import Identity

IMAGE_NAME = "efa-device-plugin"
"""Name of the image, and of the DaemonSet."""
# Folder on the host, how it is mounted, and whether it is made where it is missing.
_FOLDERS = (
    ("device-plugins", "/var/lib/kubelet/device-plugins", None),
    ("infiniband", "/dev/infiniband", None),
    # The plugin looks there for AWS' own accelerators, and the chart makes the folder on every node.
    ("neuron-tools", "/opt/aws/neuron", "DirectoryOrCreate"),
)


@dataclass(frozen=True, kw_only=True)
class FabricPlugin:
    """The plugin on some pools.

    Attributes:
        pools: Pools whose devices it advertises.
        namespace: Where it runs.
        image_mirror: Registry that replaces the image's own.
        image_digest: ``sha256:…`` of the image.
        customize: Labels and annotations that the user adds.
    """

    pools: Sequence[PoolFacts]
    namespace: str
    image_mirror: str | None = None
    image_digest: str | None = None
    customize: ObjectCustomize = field(default_factory=ObjectCustomize)


def deploy_fabric_plugin(resource_name: str, wanted: FabricPlugin, opts: pulumi.ResourceOptions) -> apps.v1.DaemonSet:
    """Declare the plugin; nothing waits for its pods, as one broken node would hold up the rest.

    Args:
        resource_name: Name of the resource.
        wanted: Where it runs.
        opts: Options of the resource.
    """
    identity = Identity(name=IMAGE_NAME, instance=IMAGE_NAME, component="device-plugin", customize=wanted.customize)
    return daemon_set(resource_name, identity, wanted.namespace, _pod(wanted), opts)


def _pod(wanted: FabricPlugin) -> core.v1.PodSpecArgs:
    return core.v1.PodSpecArgs(
        containers=[_container(wanted)],
        volumes=[
            core.v1.VolumeArgs(name=name, host_path=core.v1.HostPathVolumeSourceArgs(path=path, type=kind))
            for name, path, kind in _FOLDERS
        ],
        affinity=on_pools(wanted.pools),
        tolerations=tolerations_of(wanted.pools),
        # Names of the host's network interfaces are how the plugin tells its devices.
        host_network=True,
        priority_class_name="system-node-critical",
        automount_service_account_token=False,
        enable_service_links=False,
    )


def _container(wanted: FabricPlugin) -> core.v1.ContainerArgs:
    return core.v1.ContainerArgs(
        name=IMAGE_NAME,
        image=EFA_DEVICE_PLUGIN.reference(wanted.image_mirror, wanted.image_digest),
        image_pull_policy="IfNotPresent",
        # As published: it opens devices of the host and writes a socket that belongs to root.
        security_context=core.v1.SecurityContextArgs(
            privileged=True, allow_privilege_escalation=True, run_as_non_root=False, run_as_user=0
        ),
        resources=core.v1.ResourceRequirementsArgs(
            requests={"cpu": "10m", "memory": "20Mi", "ephemeral-storage": "10Mi"},
            limits={"cpu": "500m", "memory": "256Mi", "ephemeral-storage": "100Mi"},
        ),
        volume_mounts=[core.v1.VolumeMountArgs(name=name, mount_path=path) for name, path, _ in _FOLDERS],
    )
