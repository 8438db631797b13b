"""Who owns the number of replicas: the plan, an HPA or KEDA, exactly one of them.

Both autoscalers look at the number of requests that wait in the engine's queue: GPU utilisation
says nothing about a server that batches.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from .addresses import with_real_port
from .forms import Form
from .model import Contract
from .quantities import Duration, whole_seconds_between
from .traffic import Count

# MaxStabilizationWindowSeconds of kubernetes/pkg/apis/autoscaling/validation, which is what KEDA's HPA meets as well.
Stabilization = Annotated[Duration, whole_seconds_between("0s", "1h")]
"""0s to 1h in whole seconds."""


class FixedReplicas(Contract):
    """The plan's number of replicas, always."""

    kind: Literal["fixed"] = "fixed"


class HpaScaling(Contract):
    """A HorizontalPodAutoscaler on a pod metric, which an adapter such as prometheus-adapter must provide."""

    kind: Literal["hpa"] = "hpa"
    max_replicas: Count
    """Largest number of replicas; the smallest is the plan's number."""
    waiting_requests: Annotated[int, Field(ge=1)] = 8
    """Requests waiting per replica above which one is added."""
    stabilization: Stabilization = Duration(300)
    """How long the load has to stay low before a replica is removed, 0s to 1h in whole seconds."""


class KedaScaling(Contract):
    """A KEDA ScaledObject on a Prometheus query."""

    kind: Literal["keda"] = "keda"
    max_replicas: Count
    """Largest number of replicas; the smallest is the plan's number."""
    prometheus: (
        Annotated[
            str,
            Form(r"https?://[^\s@/?#]+(/[^\s@?#]*)?", "http://prometheus.monitoring:9090"),
            AfterValidator(with_real_port),
        ]
        | None
    ) = None
    """Address of Prometheus, such as ``http://prometheus.monitoring:9090``; left out, the one that Strata runs."""
    waiting_requests: Annotated[int, Field(ge=1)] = 8
    """Requests waiting per replica above which one is added."""
    stabilization: Stabilization = Duration(300)
    """How long the load has to stay low before a replica is removed, 0s to 1h in whole seconds."""


Autoscaling = Annotated[FixedReplicas | HpaScaling | KedaScaling, Field(discriminator="kind")]
"""Who owns the number of replicas."""
