"""Records which keys the values of a release of the GPU operator's chart have.

``python -m tests.accelerators.record_gpu_operator <folder deployments/gpu-operator of a checkout> <tag>`` writes
``gpu_operator_keys.json`` beside this file.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import yaml

RECORD = Path(__file__).with_name("gpu_operator_keys.json")
DISCOVERY = "node-feature-discovery"
_ASKED = re.compile(r"\.Values\.([\w.]+)")


def key_paths(values: object, path: str = "") -> Iterator[str]:
    """Every key of nested values, as ``driver.manager.image``."""
    if not isinstance(values, dict):
        return
    for key, value in cast("dict[str, object]", values).items():
        here = f"{path}{key}"
        yield here
        yield from key_paths(value, f"{here}.")


def chart_keys(chart: Path) -> set[str]:
    """The keys that a chart and its subchart of node feature discovery know: of their values, or asked for."""
    subchart = chart / "charts" / DISCOVERY
    values = yaml.safe_load((chart / "values.yaml").read_text())
    of_subchart = yaml.safe_load((subchart / "values.yaml").read_text())
    return {
        *key_paths(values),
        *key_paths({DISCOVERY: of_subchart}),
        *_asked(chart / "templates"),
        *(f"{DISCOVERY}.{key}" for key in _asked(subchart / "templates")),
    }


def _asked(templates: Path) -> Iterator[str]:
    """Keys that templates ask for, some of which values name only in comments."""
    for template in templates.iterdir():
        yield from _ASKED.findall(template.read_text())


def main() -> int:
    """Write the record."""
    folder, tag = Path(sys.argv[1]), sys.argv[2]
    record = {"source": f"NVIDIA/gpu-operator {tag}, deployments/gpu-operator", "keys": sorted(chart_keys(folder))}
    RECORD.write_text(json.dumps(record, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
