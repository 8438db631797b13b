"""Priority classes: who is placed first and who gives way when GPUs are short."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum

import pulumi
from pulumi_kubernetes import scheduling

from ..contracts.arguments import checked
from ..contracts.customize import ObjectCustomize
from ..contracts.errors import Problem, raise_problems
from ..workloads.customize_rules import object_problems
from ..workloads.metadata import platform_metadata


class Priority(Enum):
    """Class name, value and what it is for, highest first."""

    SERVING = ("strata-serving", 100_000, "Model servers and what their answers depend on.")
    STANDARD = ("strata-standard", 10_000, "Everything else of the platform.")
    BATCH = ("strata-batch", 1_000, "Jobs that may wait and be preempted.")

    @property
    def class_name(self) -> str:
        """Name of the PriorityClass."""
        return self.value[0]


def refusals(customize: ObjectCustomize) -> Iterator[Problem]:
    """What the constructor of ``PriorityClasses`` refuses."""
    yield from object_problems(customize, "customize")


class PriorityClasses(pulumi.ComponentResource):
    """One PriorityClass for each ``Priority``."""

    @checked
    def __init__(
        self,
        name: str,
        opts: pulumi.ResourceOptions | None = None,
        *,
        customize: ObjectCustomize | None = None,
    ) -> None:
        added = customize or ObjectCustomize()
        raise_problems(refusals(added))
        super().__init__("strata:operations:PriorityClasses", name, None, opts)
        for priority in Priority:
            class_name, value, description = priority.value
            scheduling.v1.PriorityClass(
                f"{name}-{class_name}",
                metadata=platform_metadata(class_name, added),
                value=value,
                global_default=False,
                description=description,
                preemption_policy="PreemptLowerPriority",
                opts=pulumi.ResourceOptions(parent=self),
            )
        self.register_outputs({"classes": [priority.class_name for priority in Priority]})
