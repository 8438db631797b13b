"""The objects by which an HPA or KEDA scales a model's servers."""

from __future__ import annotations

import json

from components.contracts.autoscaling import FixedReplicas, HpaScaling, KedaScaling
from components.contracts.quantities import Duration

from .plans import plan, service, with_role
from .test_vllm_command_line import RELEASE

THREE = with_role(plan(), replicas=3)
HPA = HpaScaling(kind="hpa", max_replicas=7, waiting_requests=5, stabilization=Duration(90))
KEDA = KedaScaling(
    kind="keda", max_replicas=7, waiting_requests=5, stabilization=Duration(90), prometheus="http://prometheus:9090"
)
SCALERS = ("HorizontalPodAutoscaler", "ScaledObject")


def test_fixed_replicas_are_the_plan_s_and_nothing_else_scales() -> None:
    made = service(THREE, autoscaling=FixedReplicas())
    assert made.only("Deployment").at("spec", "replicas") == 3
    assert not [found for kind in SCALERS for found in made.of(kind)]


def test_an_autoscaler_owns_the_replicas_alone() -> None:
    for scaling in (HPA, KEDA):
        made = service(THREE, autoscaling=scaling)
        assert made.only("Deployment").at("spec", "replicas") is None, "each update would undo the autoscaler's work"
        assert len([found for kind in SCALERS for found in made.of(kind)]) == 1, "two would fight"


def test_an_hpa_keeps_the_plan_s_replicas_and_adds_one_when_requests_wait() -> None:
    made = service(THREE, autoscaling=HPA)
    hpa = made.only("HorizontalPodAutoscaler")
    assert hpa.at("spec", "minReplicas") == 3
    assert hpa.at("spec", "maxReplicas") == 7
    target = hpa.at("spec", "scaleTargetRef")
    deployment = made.only("Deployment")
    assert target == {"apiVersion": "apps/v1", "kind": "Deployment", "name": deployment.at("metadata", "name")}
    assert hpa.at("metadata", "namespace") == deployment.at("metadata", "namespace")
    pods = hpa.at("spec", "metrics", 0, "pods")
    # prometheus-adapter replaces the colon, which no name of the custom metrics API may hold.
    name = "vllm_num_requests_waiting"
    assert pods == {"metric": {"name": name}, "target": {"type": "AverageValue", "averageValue": "5"}}
    assert name.replace("_", ":", 1) in RELEASE.metrics
    assert hpa.at("spec", "behavior", "scaleDown", "stabilizationWindowSeconds") == 90


def test_keda_keeps_the_plan_s_replicas_and_asks_prometheus_for_this_model_only() -> None:
    made = service(THREE, autoscaling=KEDA)
    scaler = made.only("ScaledObject")
    assert scaler.at("apiVersion") == "keda.sh/v1alpha1"
    assert scaler.at("spec", "minReplicaCount") == 3
    assert scaler.at("spec", "maxReplicaCount") == 7
    assert scaler.at("spec", "scaleTargetRef", "name") == made.only("Deployment").at("metadata", "name")
    trigger = scaler.at("spec", "triggers", 0)
    assert isinstance(trigger, dict)
    assert (trigger["type"], trigger["metricType"]) == ("prometheus", "AverageValue")
    assert trigger["metadata"] == {
        "serverAddress": "http://prometheus:9090",
        "query": 'sum(vllm:num_requests_waiting{model_name="chat"})',
        "threshold": "5",
        "ignoreNullValues": "false",
    }


def test_keda_takes_a_replica_away_no_sooner_than_asked() -> None:
    scaler = service(THREE, autoscaling=KEDA).only("ScaledObject")
    behavior = scaler.at("spec", "advanced", "horizontalPodAutoscalerConfig", "behavior")
    assert behavior == {"scaleDown": {"stabilizationWindowSeconds": 90}}
    assert scaler.at("spec", "cooldownPeriod") == 90


def test_keda_reads_every_value_of_a_trigger_as_text() -> None:
    metadata = service(THREE, autoscaling=KEDA).only("ScaledObject").at("spec", "triggers", 0, "metadata")
    assert isinstance(metadata, dict)
    assert {type(value) for value in metadata.values()} == {str}, f"KEDA refuses {json.dumps(metadata)}"
