"""Helm charts of others as components: where a chart is taken from, and what is said to it.

Every chart is a ``helm.v4.Chart``: each of its objects is a resource, which previews, policies and rendered files show.
Such a chart runs no hooks, so one whose function depends on hooks is not for this module.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field

import pulumi
from pulumi_kubernetes import helm
from pydantic import BaseModel, ConfigDict, JsonValue
from pydantic.alias_generators import to_camel

from ..contracts.sources import ChartMirror
from ..contracts.versions import Chart
from . import definitions_first


class ChartValues(BaseModel):
    """Values of a chart as a type: what is set here reaches the chart, all else keeps the chart's default.

    Fields are the chart's keys in snake case. None leaves a key out.
    """

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        strict=True,
        alias_generator=to_camel,
        validate_by_name=True,
        validate_by_alias=True,
    )

    def rendered(self) -> dict[str, JsonValue]:
        """The values as Helm takes them."""
        values: dict[str, JsonValue] = self.model_dump(mode="json", by_alias=True, exclude_none=True)
        return values


@dataclass(frozen=True, kw_only=True)
class ChartRelease:
    """One chart as it is deployed.

    Attributes:
        chart: The pinned chart.
        release: Name of the release, by which the chart names its objects.
        namespace: Where its objects go; a plain text, as a chart with unknown inputs shows no objects in a preview.
        values: Its values.
        mirror: Where it is taken from; None takes the chart's own repository.
        skip_crds: Whether another chart brings its definitions.
        late: Further values that are known only once something exists, by the chart's own key; until then previews show
            no objects.
    """

    chart: Chart
    release: str
    namespace: str
    values: ChartValues
    mirror: ChartMirror | None = None
    skip_crds: bool = False
    late: Mapping[str, pulumi.Input[str]] = field(default_factory=dict[str, pulumi.Input[str]])


def deploy_chart(resource_name: str, wanted: ChartRelease, opts: pulumi.ResourceOptions) -> helm.v4.Chart:
    """Declare the objects of a chart, its definitions before what starts pods.

    Nothing waits for its pods: DaemonSets of devices are never ready while one node is broken, and workloads that
    need them wait by themselves.

    Args:
        resource_name: Name of the resource, and prefix of those of its objects.
        wanted: The chart.
        opts: Options of the resource.
    """
    chart, mirror = wanted.chart, wanted.mirror
    # A registry holds a chart at an address of its own; a repository is asked for one by its name.
    folder = mirror or (chart.repository if chart.repository.startswith("oci://") else None)
    return helm.v4.Chart(
        resource_name,
        name=wanted.release,
        namespace=wanted.namespace,
        chart=f"{folder.rstrip('/')}/{chart.name}" if folder else chart.name,
        repository_opts=None if folder else helm.v4.RepositoryOptsArgs(repo=chart.repository),
        # A folder has the one version that it has.
        version=None if mirror and not mirror.startswith("oci://") else chart.version,
        values={**wanted.values.rendered(), **wanted.late},
        skip_await=True,
        skip_crds=wanted.skip_crds or None,
        post_renderer=helm.v4.PostRendererArgs(command=sys.executable, args=[definitions_first.__file__]),
        opts=opts,
    )
