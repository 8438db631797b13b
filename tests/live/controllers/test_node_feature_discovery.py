"""Node feature discovery, with the values that it gets beside the GPU operator, labels nodes by a rule of ours."""

from __future__ import annotations

import platform

import pytest
from pydantic import JsonValue

from components.contracts.versions import NODE_FEATURE_DISCOVERY
from simulation.live.members import LIVE_LABEL
from tests.live.controllers.stack import Stack

pytestmark = [pytest.mark.engine, pytest.mark.live, pytest.mark.slow]
_SPACE = "node-feature-discovery"
_RULE: dict[str, JsonValue] = {
    "apiVersion": "nfd.k8s-sigs.io/v1alpha1",
    "kind": "NodeFeatureRule",
    "metadata": {"name": "linux"},
    "spec": {
        "rules": [
            {
                "name": "a kernel of Linux",
                "labels": {"feature.node.kubernetes.io/strata-kernel": "@kernel.version.major"},
                "matchFeatures": [{"feature": "kernel.version", "matchExpressions": {"major": {"op": "Exists"}}}],
            }
        ]
    },
}


@pytest.fixture(scope="module")
def installed(stack: Stack) -> Stack:
    image = NODE_FEATURE_DISCOVERY
    stack.pushed(image.reference())
    values: dict[str, JsonValue] = {
        "image": {"repository": f"{image.registry}/{image.repository}", "tag": image.tag},
        "worker": {"tolerations": [{"operator": "Exists"}], "nodeSelector": {LIVE_LABEL: "true"}},
    }
    stack.installed("node-feature-discovery", "nfd", _SPACE, values)
    return stack


def test_master_workers_and_collector_are_ready(installed: Stack) -> None:
    names = [f"nfd-node-feature-discovery-{part}" for part in ("master", "gc", "worker")]
    kinds = ("deployment", "deployment", "daemonset")
    installed.rolled_out(_SPACE, *(f"{kind}/{name}" for kind, name in zip(kinds, names, strict=True)))


def test_a_rule_of_ours_labels_every_live_node(installed: Stack) -> None:
    installed.applied(_RULE)
    path = r"jsonpath={.metadata.labels.feature\.node\.kubernetes\.io/strata-kernel}"
    major = platform.release().partition(".")[0]
    for node in installed.asked("get", "nodes", f"--selector={LIVE_LABEL}=true", "-o", "name").split():
        installed.within(
            lambda node=node: installed.asked("get", node, "-o", path) == major,
            lambda: installed.about(_SPACE) + installed.asked("get", "nodefeatures", "-A"),
        )
