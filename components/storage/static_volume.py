"""The PersistentVolume of a file system that is one whole volume, such as FSx for Lustre or Filestore.

The layer that owns the claim owns the volume: both are made and removed together. A claim that is deleted leaves its
uid in the volume, which is then Released and never binds again, not even to a claim of the same name (Kubernetes
documentation, "Persistent Volumes", Retain: delete the PersistentVolume and create another). In a stack of scope
``all`` every layer goes at once; where model servers have a stack of their own, its ``down`` removes claim and volume
and its next ``up`` makes both again, while a volume of the platform would stay Released. The data stays either way: the
file system belongs to the foundation.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from pulumi_kubernetes import core, meta

from ..clusters import Cluster, StaticVolume
from ..contracts.arguments import checked_arguments


@checked_arguments
@dataclass(frozen=True, kw_only=True)
class CatalogVolume:
    """The file system of a catalog, where it is one whole volume.

    Attributes:
        source: The file system.
        aliases: Where an earlier version had the PersistentVolume in the same program.
    """

    source: StaticVolume
    aliases: Sequence[pulumi.Alias] = ()


def catalog_volume(cluster: Cluster, aliases: Sequence[pulumi.Alias] = ()) -> CatalogVolume | None:
    """The volume that a catalog on the cluster's shared storage takes; None where a driver makes one for each claim.

    Args:
        cluster: The cluster.
        aliases: Where an earlier version had the PersistentVolume in the same program.
    """
    source = cluster.volume_sources.get(cluster.facts.storage.read_write_many.name)
    return CatalogVolume(source=source.volume, aliases=aliases) if source and source.volume else None


def persistent_volume(
    label: str,
    *,
    metadata: meta.v1.ObjectMetaArgs,
    storage_class: str,
    source: StaticVolume,
    claim: tuple[pulumi.Input[str], str],
    opts: pulumi.ResourceOptions,
) -> core.v1.PersistentVolume:
    """The volume, reserved for one claim.

    Args:
        label: Name of the resource.
        metadata: Name and labels of the object.
        storage_class: Class that the claim asks for.
        source: The file system.
        claim: Namespace and name of the claim. Its uid is left to the controller: one that is written here would bind
            the volume to a claim that does not exist yet.
        opts: Options of the resource.
    """
    namespace, name = claim
    return core.v1.PersistentVolume(
        label,
        metadata=metadata,
        spec=core.v1.PersistentVolumeSpecArgs(
            storage_class_name=storage_class,
            capacity={"storage": source.capacity},
            access_modes=["ReadWriteMany"],
            # The file system belongs to the foundation; a claim that goes takes nothing with it.
            persistent_volume_reclaim_policy="Retain",
            claim_ref=core.v1.ObjectReferenceArgs(
                api_version="v1", kind="PersistentVolumeClaim", namespace=namespace, name=name
            ),
            csi=core.v1.CSIPersistentVolumeSourceArgs(
                driver=source.driver, volume_handle=source.handle, volume_attributes=source.attributes
            ),
        ),
        # Kubernetes refuses another handle: a volume keeps the one that an earlier version gave it.
        opts=pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(ignore_changes=["spec.csi.volumeHandle"])),
    )
