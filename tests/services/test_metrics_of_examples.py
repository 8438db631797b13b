"""Models of the example stacks are scraped, and scaled by what was scraped."""

from __future__ import annotations

from itertools import takewhile
from pathlib import Path

import pytest

from tests.witnesses.declared import declared


@pytest.mark.parametrize("stack", ["aws", "gcp", "azure", "onprem"])
def test_b3_models_are_scraped_and_scaled_on_every_target(stack: str, project: Path, tmp_path: Path) -> None:
    found = list(takewhile(lambda made: made.origin == stack, declared(project, tmp_path, stack, "kubernetes")))
    charts = {str(made.inputs["chart"]).rpartition("/")[2] for made in found if made.token.endswith(":Chart")}
    assert {"kube-prometheus-stack", "keda"} <= charts
    specs = {(made.inputs["kind"], made.name): made.inputs["spec"] for made in found if "spec" in made.inputs}
    monitor, scaled = specs["PodMonitor", "qwen2-7b-metrics"], specs["ScaledObject", "qwen2-7b-autoscaler"]
    assert isinstance(monitor, dict)
    assert isinstance(scaled, dict)
    assert monitor["podMetricsEndpoints"], "Prometheus has somewhere to ask"
    assert scaled["scaleTargetRef"] == {"apiVersion": "apps/v1", "kind": "Deployment", "name": "qwen2-7b"}
    assert "strata-monitoring" in str(scaled["triggers"]), "KEDA asks that Prometheus"
