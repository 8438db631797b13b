"""Helm charts by Helm itself, and which keys their values know."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import yaml
from pydantic import BaseModel, JsonValue, TypeAdapter

from components.workloads.definitions_first import definitions_first
from stacks.chart_objects import with_chart_objects
from tests.manifests.conftest import tool
from tests.manifests.examples import Recording

Body = dict[str, JsonValue]
_BODY: TypeAdapter[Body] = TypeAdapter(Body)
FREE: Mapping[tuple[str, str], str] = {
    ("metrics-server", "resources.limits"): "resources of a container, of which the chart sets only some",
    ("aws-load-balancer-controller", "podSecurityContext.seccompProfile"): "likewise what a pod may do",
    ("aws-load-balancer-controller", "securityContext.capabilities"): "likewise what a container may do",
}
"""Values that only seem to be unknown, by chart and path."""
_ASKED = re.compile(r"\.Values\.([\w.]+)")


class Given(BaseModel, extra="allow"):
    """What the program gives a chart's resource."""

    chart: str
    name: str
    namespace: str
    values: Body
    skipCrds: bool = False  # noqa: N815 - the provider's spelling


def given(recording: Recording) -> Given:
    """The same, read."""
    return Given.model_validate_json(json.dumps(dict(recording.resource.inputs)))


def by_helm(project: Path, recording: Recording, folder: Path) -> dict[tuple[str, ...], Body]:
    """The objects of `helm template`, which also holds the values against the chart's own schema.

    Args:
        project: Folder of the project.
        recording: A chart.
        folder: Where to write the values.

    Raises:
        AssertionError: Helm refuses it.
    """
    wanted = given(recording)
    values = folder / "values.json"
    values.write_text(json.dumps(wanted.values))
    definitions = () if wanted.skipCrds else ("--include-crds",)
    command = ("helm", "template", wanted.name, wanted.chart, f"--namespace={wanted.namespace}", "--no-hooks")
    environment = {"HELM_CACHE_HOME": str(folder), "HELM_CONFIG_HOME": str(folder), "HELM_DATA_HOME": str(folder)}
    done = tool(
        project,
        *(*command, f"--kube-version={recording.kubernetes}", f"--values={values}", *definitions),
        environment=environment,
    )
    assert done.returncode == 0, f"{recording.origin}: {done.stderr}"
    # The provider has Helm run it as a post-renderer, which this Helm takes as a plugin only.
    manifests = definitions_first(done.stdout)
    documents = (document for document in yaml.safe_load_all(manifests) if document is not None)
    return _named(_BODY.validate_json(json.dumps(document, default=str)) for document in documents)


def by_the_provider(recording: Recording) -> dict[tuple[str, ...], Body]:
    """The objects of a run."""
    made = with_chart_objects([recording.resource], recording.kubernetes)
    return _named(_BODY.validate_python(dict(found.inputs)) for found in made)


def _named(objects: Iterator[Body]) -> dict[tuple[str, ...], Body]:
    found: dict[tuple[str, ...], Body] = {}
    for body in objects:
        about = body["metadata"]
        assert isinstance(about, dict)
        key = (str(body["apiVersion"]), str(body["kind"]), str(about["name"]))
        assert key not in found, f"{key} twice"
        found[key] = body
    return found


def alike(ours: Body, helms: Body, namespace: str) -> bool:
    """Whether both are one object: the provider leaves null out, and names the namespace where the chart does not."""
    about = helms["metadata"]
    assert isinstance(about, dict)
    if "namespace" not in about:
        mine = ours["metadata"]
        assert isinstance(mine, dict)
        if mine.get("namespace") == namespace:
            helms = {**helms, "metadata": {**about, "namespace": namespace}}
    return _without_null(ours) == _without_null(helms)


def _without_null(value: JsonValue) -> JsonValue:
    match value:
        case dict():
            return {key: _without_null(part) for key, part in value.items() if part is not None}
        case list():
            return [_without_null(part) for part in value]
        case _:
            return value


def unknown_values(chart: Path, values: Mapping[str, JsonValue]) -> set[str]:
    """Values that a chart would ignore, by path.

    Helm takes any key; the chart knows those of its ``values.yaml``, of its schema, and those that its templates ask
    for. Below an empty value of the chart everything is the user's, such as labels of a pod: objects show that.
    """
    found = _unknown(values, _defaults(chart), {*_asked(chart), *_in_schema(chart)}, "")
    return {path for path in found if (chart.name, path) not in FREE}


def _unknown(values: Mapping[str, JsonValue], known: Body, asked: set[str], path: str) -> Iterator[str]:
    for key, value in values.items():
        here = f"{path}{key}"
        default = known.get(key)
        if key not in known and not any(f"{name}.".startswith(f"{here}.") for name in asked):
            yield here
        elif isinstance(value, dict) and isinstance(default, dict) and default:
            yield from _unknown(value, default, asked, f"{here}.")


def _in_schema(chart: Path) -> Iterator[str]:
    """Keys that flat definitions of the chart's schema name by their paths, as cert-manager's do."""
    file = chart / "values.schema.json"
    if file.is_file():
        definitions = _BODY.validate_json(file.read_text()).get("$defs", {})
        assert isinstance(definitions, dict)
        yield from (name.removeprefix("helm-values.") for name in definitions)


def _defaults(chart: Path) -> Body:
    file = chart / "values.yaml"
    found = _BODY.validate_python(yaml.safe_load(file.read_text()) or {}) if file.is_file() else {}
    for part in _parts(chart):
        own = found.get(part.name)
        found[part.name] = {**_defaults(part), **(own if isinstance(own, dict) else {})}
    return found


def _parts(chart: Path) -> list[Path]:
    return [folder for folder in (chart / "charts").glob("*") if (folder / "Chart.yaml").is_file()]


class _Dependency(BaseModel, extra="ignore"):
    name: str
    condition: str = ""


class _About(BaseModel, extra="ignore"):
    dependencies: list[_Dependency] = []


def _asked(chart: Path) -> Iterator[str]:
    """Keys that templates or switches of parts ask for, some of which values name only in comments."""
    about = _About.model_validate(yaml.safe_load((chart / "Chart.yaml").read_text()))
    yield from (key for part in about.dependencies for key in part.condition.split(",") if key)
    for template in (chart / "templates").rglob("*"):
        if template.is_file():
            yield from _ASKED.findall(template.read_text())
    for part in _parts(chart):
        yield from (f"{part.name}.{key}" for key in _asked(part))
