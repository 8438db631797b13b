"""Which workload an object belongs to, as labels.

Owns the label keys. Selectors use only the two that never change for a workload, because a
selector is immutable.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from ..contracts.customize import ObjectCustomize

MANAGED_BY = "strata"
PLATFORM_LABELS = {"app.kubernetes.io/managed-by": MANAGED_BY, "app.kubernetes.io/part-of": "strata"}
"""Labels of objects that belong to no workload, such as namespaces and classes."""


@dataclass(frozen=True, kw_only=True)
class Identity:
    """A workload's place in the platform.

    Attributes:
        name: The application, such as ``vllm``.
        instance: This copy of it, such as ``qwen2-7b``; unique in a namespace.
        component: Its role, such as ``model-server``.
        part_of: The system that it belongs to.
        customize: Labels and annotations that the user adds to every object of it.
    """

    name: str
    instance: str
    component: str
    part_of: str = "strata"
    customize: ObjectCustomize = field(default_factory=ObjectCustomize)

    @property
    def selector(self) -> dict[str, str]:
        """Labels that choose this workload's pods."""
        return {"app.kubernetes.io/name": self.name, "app.kubernetes.io/instance": self.instance}

    @property
    def labels(self) -> dict[str, str]:
        """Labels for every object of this workload."""
        return {
            **self.customize.labels,
            **self.selector,
            "app.kubernetes.io/component": self.component,
            "app.kubernetes.io/part-of": self.part_of,
            "app.kubernetes.io/managed-by": MANAGED_BY,
            "strata.dev/component": self.component,
        }
