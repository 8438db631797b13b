"""Who an object belongs to, as the labels that Kubernetes and Strata agree on.

Owns the label keys. Selectors use only the two that never change for a workload, because a
selector is immutable.
"""

from __future__ import annotations

from dataclasses import dataclass

MANAGED_BY = "strata"


@dataclass(frozen=True, kw_only=True)
class Identity:
    """A workload's place in the platform.

    Attributes:
        name: The application, such as ``vllm``.
        instance: This copy of it, such as ``qwen2-7b``; unique in a namespace.
        component: Its job in the whole, such as ``model-server``.
        part_of: The system that it belongs to.
    """

    name: str
    instance: str
    component: str
    part_of: str = "strata"

    @property
    def selector(self) -> dict[str, str]:
        """Labels that choose this workload's pods."""
        return {"app.kubernetes.io/name": self.name, "app.kubernetes.io/instance": self.instance}

    @property
    def labels(self) -> dict[str, str]:
        """Labels for every object of this workload."""
        return {
            **self.selector,
            "app.kubernetes.io/component": self.component,
            "app.kubernetes.io/part-of": self.part_of,
            "app.kubernetes.io/managed-by": MANAGED_BY,
            "strata.dev/component": self.component,
        }
