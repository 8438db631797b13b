"""Storage classes that Strata makes; those that exist already are only named by the facts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import pulumi
from pulumi_kubernetes import storage

from ..clusters import VolumeSource
from ..contracts.arguments import checked, checked_arguments
from ..contracts.cluster_facts import StorageFacts, VolumeClass
from ..contracts.customize import ObjectCustomize
from ..contracts.errors import Problem, raise_problems
from ..workloads.customize_rules import object_problems
from ..workloads.metadata import platform_metadata

NO_PROVISIONER = "kubernetes.io/no-provisioner"
"""Provisioner of classes whose volumes exist: it makes none (Kubernetes documentation, "Storage Classes", Local)."""


@checked_arguments
@dataclass(frozen=True, kw_only=True)
class StorageClassesArgs:
    """Which classes there are to be.

    Attributes:
        facts: What is known at preview.
        sources: What is known later, by class name.
        customize: Labels and annotations that the user adds.
    """

    facts: StorageFacts
    sources: Mapping[str, VolumeSource] = field(default_factory=dict[str, VolumeSource])
    customize: ObjectCustomize = field(default_factory=ObjectCustomize)


def refusals(args: StorageClassesArgs) -> Iterator[Problem]:
    """What the constructor of ``StorageClasses`` refuses."""
    yield from object_problems(args.customize, "customize")


class StorageClasses(pulumi.ComponentResource):
    """One StorageClass for each managed ``VolumeClass`` of the facts.

    Shared volumes bind at once: a claim that waits for a pod would stop a plain ``up``. The volume of a file system
    that is one whole volume is not made here but with its claim, by ``ModelCatalog``.

    Attributes:
        names: Class names by what they are for.
    """

    names: dict[str, str]

    @checked
    def __init__(self, name: str, args: StorageClassesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        raise_problems(refusals(args))
        super().__init__("strata:storage:StorageClasses", name, None, opts)
        facts, self._customize, self._name = args.facts, args.customize, name
        classes = {
            "read_write_once": facts.read_write_once,
            "read_write_many": facts.read_write_many,
            **({"scratch": facts.scratch} if facts.scratch else {}),
        }
        for volume_class in {entry.name: entry for entry in classes.values() if entry.managed}.values():
            self._storage_class(
                f"{name}-{volume_class.name}", volume_class, args.sources.get(volume_class.name, VolumeSource())
            )
        self.names = {purpose: entry.name for purpose, entry in classes.items()}
        self.register_outputs({"names": self.names})

    def former_volume(self, class_name: str) -> pulumi.Alias:
        """Where earlier versions had the PersistentVolume of a class: as a child of this component.

        Args:
            class_name: Name of the class.
        """
        return pulumi.Alias(name=f"{self._name}-{class_name}", parent=self)

    def _storage_class(self, label: str, volume_class: VolumeClass, source: VolumeSource) -> None:
        storage.v1.StorageClass(
            label,
            metadata=platform_metadata(volume_class.name, self._customize),
            # A driver would buy a second file system for any other claim of the class, with its own defaults.
            provisioner=NO_PROVISIONER if source.volume else volume_class.provisioner,
            parameters={**volume_class.parameters, **source.parameters} or None,
            reclaim_policy="Delete",
            allow_volume_expansion=True,
            volume_binding_mode=volume_class.binding.value,
            opts=pulumi.ResourceOptions(
                parent=self,
                # A class cannot be changed; one that an earlier version made with the driver is not replaced, as the
                # catalog's claim finds its volume through either.
                ignore_changes=["provisioner"] if source.volume else None,
            ),
        )
