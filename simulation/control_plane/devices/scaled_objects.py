"""What stands in for KEDA's operator: the HPA of each ScaledObject, which Kubernetes' own controller carries out.

No metric is ever served, so such an HPA keeps the smallest number of replicas and does no more. Each ScaledObject gets
KEDA's finalizer: one that is deleted while no operator works stays. Source: github.com/kedacore/keda v2.20.2,
controllers/keda/hpa.go, scaledobject_controller.go and scaledobject_finalizer.go; pkg/scalers/prometheus_scaler.go.
"""

from __future__ import annotations

from pydantic import Field, JsonValue

from ..api import Answer, Api, Json

_GROUP = "keda.sh/v1alpha1"
_SCALED_OBJECTS = f"/apis/{_GROUP}/scaledobjects"
_METRICS_API = "/apis/apiregistration.k8s.io/v1/apiservices/v1beta1.external.metrics.k8s.io"
_MANAGER = "keda-operator"
_FINALIZER = "finalizer.keda.sh"
_OWNED = "scaledobject.keda.sh/name"
"""Label by which KEDA's adapter finds the ScaledObject of a metric."""


class _Metadata(Answer):
    name: str
    namespace: str
    uid: str
    generation: int = 0
    labels: dict[str, str] = {}
    finalizers: list[str] = []
    deleted: str = Field(default="", alias="deletionTimestamp")


class _Workload(Answer):
    name: str
    of_kind: str = Field(default="Deployment", alias="kind")
    version: str = Field(default="apps/v1", alias="apiVersion")


class _HpaConfig(Answer):
    behavior: dict[str, JsonValue] | None = None


class _Advanced(Answer):
    hpa: _HpaConfig = Field(default=_HpaConfig(), alias="horizontalPodAutoscalerConfig")


class _Query(Answer):
    threshold: str = "0"


class _Trigger(Answer):
    type: str
    metric: str = Field(default="AverageValue", alias="metricType")
    metadata: _Query


class _Spec(Answer):
    workload: _Workload = Field(alias="scaleTargetRef")
    least: int = Field(default=0, alias="minReplicaCount")
    most: int = Field(default=100, alias="maxReplicaCount")
    advanced: _Advanced = _Advanced()
    triggers: list[_Trigger]


class ScaledObject(Answer):
    """What scales one Deployment."""

    metadata: _Metadata
    spec: _Spec

    @property
    def path(self) -> str:
        """Its path."""
        return f"/apis/{_GROUP}/namespaces/{self.metadata.namespace}/scaledobjects/{self.metadata.name}"

    @property
    def is_known(self) -> bool:
        """Whether answers of Prometheus alone scale it; of other triggers the simulation makes no HPA."""
        return all(trigger.type == "prometheus" for trigger in self.spec.triggers)

    @property
    def hpa_name(self) -> str:
        """Name of its HPA."""
        return f"keda-hpa-{self.metadata.name}"

    @property
    def hpa_path(self) -> str:
        """Path of its HPA."""
        folder = f"/apis/autoscaling/v2/namespaces/{self.metadata.namespace}/horizontalpodautoscalers"
        return f"{folder}/{self.hpa_name}"


class _ApiServiceSpec(Answer):
    authority: str = Field(default="", alias="caBundle")
    is_unchecked: bool = Field(default=False, alias="insecureSkipTLSVerify")

    @property
    def is_trusted(self) -> bool:
        return bool(self.authority) or self.is_unchecked


class _ApiService(Answer):
    spec: _ApiServiceSpec


class _ScaledObjects(Answer):
    items: list[ScaledObject]


class KedaOperator:
    """The ScaledObjects whose HPA is there, each in the generation that it was made for."""

    def __init__(self) -> None:
        self._done: dict[str, int] = {}

    def settle(self, api: Api) -> None:
        """Bring every ScaledObject a step further.

        Raises:
            StrataError: when the API server is gone.
            ApiError: when it refuses a request.
        """
        _vouch_for_adapter(api)
        found = api.find(_SCALED_OBJECTS)
        for scaled in _ScaledObjects.model_validate_json(found).items if found else ():
            about = scaled.metadata
            if about.deleted:
                self._done.pop(about.uid, None)
                _let_go(api, scaled)
            elif self._done.get(about.uid) != about.generation:
                _keep(api, scaled)
                self._done[about.uid] = about.generation


def _vouch_for_adapter(api: Api) -> None:
    """Have the API server believe whoever answers for KEDA's adapter, which has no certificate here.

    The operator writes its own authority there instead (pkg/certificates/certificate_manager.go).
    """
    found = api.find(_METRICS_API)
    if found and not _ApiService.model_validate_json(found).spec.is_trusted:
        api.merge_if_there(_METRICS_API, {"spec": {"insecureSkipTLSVerify": True}}, _MANAGER)


def _keep(api: Api, scaled: ScaledObject) -> None:
    about = scaled.metadata
    if _FINALIZER not in about.finalizers or about.labels.get(_OWNED) != about.name:
        finalizers = sorted({*about.finalizers, _FINALIZER})
        api.merge(scaled.path, {"metadata": {"finalizers": finalizers, "labels": {_OWNED: about.name}}}, _MANAGER)
    if scaled.is_known:
        api.apply(scaled.hpa_path, hpa_of(scaled))


def _let_go(api: Api, scaled: ScaledObject) -> None:
    others = [name for name in scaled.metadata.finalizers if name != _FINALIZER]
    api.merge_if_there(scaled.path, {"metadata": {"finalizers": others}}, _MANAGER)


def hpa_of(scaled: ScaledObject) -> Json:
    """The HPA of a ScaledObject, which goes with it.

    Args:
        scaled: The ScaledObject.
    """
    about, spec = scaled.metadata, scaled.spec
    body: dict[str, Json] = {
        "scaleTargetRef": {
            "apiVersion": spec.workload.version,
            "kind": spec.workload.of_kind,
            "name": spec.workload.name,
        },
        "minReplicas": max(1, spec.least),
        "maxReplicas": spec.most,
        "metrics": [_metric(scaled, number, trigger) for number, trigger in enumerate(spec.triggers)],
    }
    if spec.advanced.hpa.behavior:
        body["behavior"] = spec.advanced.hpa.behavior
    owner = {"apiVersion": _GROUP, "kind": "ScaledObject", "name": about.name, "uid": about.uid}
    return {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": {
            "name": scaled.hpa_name,
            "namespace": about.namespace,
            "labels": {**about.labels, "app.kubernetes.io/managed-by": "keda-operator", _OWNED: about.name},
            "ownerReferences": [{**owner, "controller": True, "blockOwnerDeletion": True}],
        },
        "spec": body,
    }


def _metric(scaled: ScaledObject, number: int, trigger: _Trigger) -> Json:
    return {
        "type": "External",
        "external": {
            "metric": {
                "name": f"s{number}-{trigger.type}",
                "selector": {"matchLabels": {_OWNED: scaled.metadata.name}},
            },
            "target": {"type": trigger.metric, "averageValue": trigger.metadata.threshold},
        },
    }
