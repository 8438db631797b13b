"""The autoscaler of a model's Deployment: an HPA or a KEDA ScaledObject."""

from __future__ import annotations

from collections.abc import Iterator

import pulumi
from pulumi_kubernetes import apiextensions, autoscaling

from ..contracts.autoscaling import Autoscaling, HpaScaling, KedaScaling
from ..contracts.errors import Problem
from ..contracts.versions import SCALED_OBJECT_API
from ..workloads.identity import Identity
from ..workloads.metadata import metadata
from .engines.adapter import EngineMetrics


def create_autoscaler(
    resource_name: str,
    scaling: HpaScaling | KedaScaling,
    *,
    namespace: pulumi.Input[str],
    identity: Identity,
    min_replicas: int,
    metrics: EngineMetrics,
    opts: pulumi.ResourceOptions,
) -> pulumi.Resource:
    """The object that scales the Deployment named after the identity."""
    about = metadata(identity, namespace)
    match scaling:
        case HpaScaling():
            return autoscaling.v2.HorizontalPodAutoscaler(
                resource_name, metadata=about, spec=_hpa(scaling, identity, min_replicas, metrics), opts=opts
            )
        case KedaScaling():
            return apiextensions.CustomResource(
                resource_name,
                api_version=SCALED_OBJECT_API,
                kind="ScaledObject",
                metadata=about,
                spec=_scaled_object(scaling, identity, min_replicas, metrics),
                opts=opts,
            )


def _hpa(
    scaling: HpaScaling, identity: Identity, min_replicas: int, metrics: EngineMetrics
) -> autoscaling.v2.HorizontalPodAutoscalerSpecArgs:
    target = autoscaling.v2.MetricTargetArgs(type="AverageValue", average_value=str(scaling.waiting_requests))
    # The custom metrics API serves names without colons.
    metric = autoscaling.v2.MetricIdentifierArgs(name=metrics.waiting.replace(":", "_"))
    return autoscaling.v2.HorizontalPodAutoscalerSpecArgs(
        scale_target_ref=autoscaling.v2.CrossVersionObjectReferenceArgs(
            api_version="apps/v1", kind="Deployment", name=identity.instance
        ),
        min_replicas=min_replicas,
        max_replicas=scaling.max_replicas,
        metrics=[
            autoscaling.v2.MetricSpecArgs(
                type="Pods", pods=autoscaling.v2.PodsMetricSourceArgs(metric=metric, target=target)
            )
        ],
        behavior=autoscaling.v2.HorizontalPodAutoscalerBehaviorArgs(
            scale_down=autoscaling.v2.HPAScalingRulesArgs(
                stabilization_window_seconds=scaling.stabilization.whole_seconds
            )
        ),
    )


def _scaled_object(
    scaling: KedaScaling, identity: Identity, min_replicas: int, metrics: EngineMetrics
) -> dict[str, object]:
    query = f'sum({metrics.waiting}{{{metrics.model_label}="{identity.instance}"}})'
    return {
        "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": identity.instance},
        "minReplicaCount": min_replicas,
        "maxReplicaCount": scaling.max_replicas,
        "pollingInterval": 15,
        "cooldownPeriod": scaling.stabilization.whole_seconds,
        "advanced": {
            "horizontalPodAutoscalerConfig": {
                "behavior": {"scaleDown": {"stabilizationWindowSeconds": scaling.stabilization.whole_seconds}}
            }
        },
        "triggers": [
            {
                "type": "prometheus",
                "metricType": "AverageValue",
                "metadata": {
                    "serverAddress": _address(scaling),
                    "query": query,
                    "threshold": str(scaling.waiting_requests),
                    # A query that finds nothing is a broken query, not an idle server.
                    "ignoreNullValues": "false",
                },
            }
        ],
    }


def _address(scaling: KedaScaling) -> str:
    if scaling.prometheus is None:
        raise LookupError("the constructor refuses a model that is scaled by KEDA without a Prometheus")
    return scaling.prometheus


def address_problems(scaling: Autoscaling, path: str) -> Iterator[Problem]:
    """A model that KEDA scales by the answers of nobody.

    Args:
        scaling: Who owns the number of replicas.
        path: Path of that argument, such as ``autoscaling``.
    """
    if isinstance(scaling, KedaScaling) and scaling.prometheus is None:
        yield Problem(
            field=f"{path}.prometheus",
            cause="is left out",
            consequence="KEDA would have nobody to ask how many requests wait",
            fix="pass the address of a Prometheus, such as http://prometheus.monitoring:9090",
        )


def with_address(scaling: Autoscaling, prometheus: str | None) -> Autoscaling:
    """The same autoscaler, asking this Prometheus where it names none of its own.

    Args:
        scaling: Who owns the number of replicas.
        prometheus: The cluster's Prometheus, where it is known.
    """
    if isinstance(scaling, KedaScaling) and scaling.prometheus is None:
        return scaling.model_copy(update={"prometheus": prometheus})
    return scaling
