"""Charts of services as the provider renders them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TypeAlias

from components.workloads.charts import ChartValues
from stacks.chart_objects import with_chart_objects
from stacks.recording import Registered

Rendered: TypeAlias = dict[tuple[str, str], dict[str, object]]
"""Objects by kind and name."""


def rendered(chart: Path, values: ChartValues, release: str, namespace: str = "services") -> Rendered:
    """The objects of a chart in a folder, with these values."""
    given = {"chart": str(chart), "name": release, "namespace": namespace, "values": values.rendered()}
    inputs = json.loads(json.dumps(given))
    objects = with_chart_objects([Registered("kubernetes:helm.sh/v4:Chart", release, inputs, "provider")])
    return {(str(found.inputs["kind"]), _name(found)): dict(found.inputs) for found in objects}


def _name(found: Registered) -> str:
    about = found.inputs["metadata"]
    assert isinstance(about, dict)
    return str(about["name"])
