"""Storage classes that Strata makes; those that exist already are only named by the facts."""

from __future__ import annotations

import pulumi
from pulumi_kubernetes import meta, storage

from ..contracts.cluster_facts import StorageFacts
from ..workloads.identity import MANAGED_BY


class StorageClasses(pulumi.ComponentResource):
    """One StorageClass for each managed ``VolumeClass`` of the facts.

    Attributes:
        names: Class names by what they are for.
    """

    names: dict[str, str]

    def __init__(self, name: str, facts: StorageFacts, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("strata:storage:StorageClasses", name, None, opts)
        classes = {
            "read_write_once": facts.read_write_once,
            "read_write_many": facts.read_write_many,
            **({"scratch": facts.scratch} if facts.scratch else {}),
        }
        for volume_class in {entry.name: entry for entry in classes.values() if entry.managed}.values():
            storage.v1.StorageClass(
                f"{name}-{volume_class.name}",
                metadata=meta.v1.ObjectMetaArgs(
                    name=volume_class.name,
                    labels={"app.kubernetes.io/managed-by": MANAGED_BY, "app.kubernetes.io/part-of": "strata"},
                ),
                provisioner=volume_class.provisioner,
                parameters=volume_class.parameters or None,
                reclaim_policy="Delete",
                allow_volume_expansion=True,
                # Shared volumes are reachable everywhere; a claim that waits for a pod would stop a plain `up`.
                volume_binding_mode="Immediate",
                opts=pulumi.ResourceOptions(parent=self),
            )
        self.names = {purpose: entry.name for purpose, entry in classes.items()}
        self.register_outputs({"names": self.names})
