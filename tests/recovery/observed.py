"""What a cluster holds of ours, in a form in which two runs can be compared."""

from __future__ import annotations

import hashlib
import json

from pydantic import BaseModel, ConfigDict

from stacks.yaml_file import Value
from tests.sandbox import Metadata, Sandbox

_KINDS = (
    "namespace,priorityclass,storageclass,persistentvolumeclaim,deployment,job,service,serviceaccount,secret,configmap,"
    "networkpolicy,horizontalpodautoscaler,podmonitor,resourcequota,limitrange,poddisruptionbudget"
)
# Set by the API server, differently in each cluster.
_BY_SERVER = frozenset({"clusterIP", "clusterIPs", "volumeName", "finalizers"})
# Labels of a Job's pods carry its uid.
_BY_CONTROLLER = frozenset({"batch.kubernetes.io/controller-uid", "controller-uid"})


class _Object(BaseModel):
    model_config = ConfigDict(extra="allow")
    kind: str
    metadata: Metadata


class _List(BaseModel):
    model_config = ConfigDict(extra="ignore")
    items: list[_Object]


def observed(box: Sandbox) -> dict[str, str]:
    """A digest of each object's content by kind, namespace and name."""
    text = box.kubectl("get", _KINDS, "-A", "-l", "app.kubernetes.io/part-of=strata", "-o", "json")
    return {
        f"{found.kind}/{found.metadata.namespace}/{found.metadata.name}": _digest(found)
        for found in _List.model_validate_json(text).items
    }


def _digest(item: _Object) -> str:
    content = {
        name: value for name, value in (item.__pydantic_extra__ or {}).items() if name not in {"status", "apiVersion"}
    }
    text = json.dumps({"labels": item.metadata.labels, **content}, default=str)
    comparable = json.dumps(_without(json.loads(text)), sort_keys=True)
    return hashlib.sha256(comparable.encode()).hexdigest()[:12]


def _without(value: Value) -> Value:
    match value:
        case dict():
            return {key: _without(item) for key, item in value.items() if key not in _BY_SERVER | _BY_CONTROLLER}
        case list():
            return [_without(item) for item in value]
        case _:
            return value
