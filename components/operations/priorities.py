"""Priority classes: who is placed first and who gives way when GPUs are short."""

from __future__ import annotations

from enum import Enum

import pulumi
from pulumi_kubernetes import meta, scheduling

from ..workloads.identity import MANAGED_BY


class Priority(Enum):
    """Class name, value and what it is for, highest first."""

    SERVING = ("strata-serving", 100_000, "Model servers and what their answers depend on.")
    STANDARD = ("strata-standard", 10_000, "Everything else of the platform.")
    BATCH = ("strata-batch", 1_000, "Jobs that may wait and be preempted.")

    @property
    def class_name(self) -> str:
        """Name of the PriorityClass."""
        return self.value[0]


class PriorityClasses(pulumi.ComponentResource):
    """One PriorityClass for each ``Priority``."""

    def __init__(self, name: str, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("strata:operations:PriorityClasses", name, None, opts)
        for priority in Priority:
            class_name, value, description = priority.value
            scheduling.v1.PriorityClass(
                f"{name}-{class_name}",
                metadata=meta.v1.ObjectMetaArgs(
                    name=class_name,
                    labels={"app.kubernetes.io/managed-by": MANAGED_BY, "app.kubernetes.io/part-of": "strata"},
                ),
                value=value,
                global_default=False,
                description=description,
                preemption_policy="PreemptLowerPriority",
                opts=pulumi.ResourceOptions(parent=self),
            )
        self.register_outputs({"classes": [priority.class_name for priority in Priority]})
