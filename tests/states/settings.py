"""Settings of the example stacks as 3d70e42 had them, where they are others by now.

Models were scaled by HPAs. A cluster has to be known to have an adapter for that, so the targets say that somebody else
runs one, and the state of the foundation tells it to the stacks above.
"""

from __future__ import annotations

import json
from pathlib import Path

from pydantic import JsonValue, TypeAdapter

from tests.stack_files import replace_text

_ADAPTER = "custom.metrics.k8s.io"
_REPLICAS = "      replicas: 2\n"
_HPA = ("        kind: keda\n", "        kind: hpa\n")
_STATE: TypeAdapter[JsonValue] = TypeAdapter(JsonValue)


def _with_adapter(kind: str) -> tuple[str, str]:
    return (f"    kind: {kind}\n", f"    kind: {kind}\n    apis: [{_ADAPTER}]\n")


_CHANGES: dict[str, tuple[tuple[str, str], ...]] = {
    "dev": (
        _with_adapter("local"),
        (_REPLICAS, _REPLICAS + "      autoscaling:\n        kind: hpa\n        max_replicas: 4\n"),
    ),
    "aws": (_with_adapter("eks"), _HPA),
    "gcp": (_with_adapter("gke"), _HPA),
    "azure": (_with_adapter("aks"), _HPA),
    "onprem": (_with_adapter("kubeadm"), _HPA),
    "aws-foundation": (_with_adapter("eks"),),
    "aws-platform": (("    prometheus: {install: true}\n    keda: {install: true}\n", "    {}\n"),),
    "aws-serving": (_HPA,),
}


def write_settings(source: Path, target: Path, stack: str) -> None:
    """Write the file of a stack as it was then.

    Args:
        source: Folder with today's file.
        target: Folder of the changed one; it may be the same.
        stack: Name of the stack.
    """
    for old, new in _CHANGES.get(stack, ()):
        replace_text(source, target, stack, old, new)
        source = target


def told(stack: str, state: JsonValue) -> JsonValue:
    """The state of a stack, as if it had been brought up with the adapter named."""
    if stack != "aws-foundation":
        return state
    text = json.dumps(state)
    before = '"pod_monitors": false'
    assert before in text, "facts are written in another way"
    return _STATE.validate_json(text.replace(before, f'"apis": ["{_ADAPTER}"], {before}'))
