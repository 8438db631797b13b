"""The GPU operator's chart on a control plane, with the values that a site of one's own gets."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from components.accelerators import NAMESPACE, deployments
from components.accelerators.gpu_operator import RELEASE, gpu_operator_values
from components.accelerators.operator_rules import wanted_operator
from components.contracts.cluster_facts import ClusterFacts
from stacks.chart_objects import with_chart_objects
from stacks.recording import Registered
from tests.simulation.kube import Kube

DEFINITION, POLICY, DEPLOYMENT = "CustomResourceDefinition", "ClusterPolicy", "Deployment"


def operator_objects(project: Path, facts: ClusterFacts) -> list[Mapping[str, object]]:
    """What the chart makes for these pools, the namespace first."""
    values = gpu_operator_values(wanted_operator(facts, deployments(facts).operator)).rendered()
    chart = str(project / ".strata" / "charts" / "gpu-operator")
    inputs = {"chart": chart, "name": RELEASE, "namespace": NAMESPACE, "values": values}
    given = json.loads(json.dumps(inputs))
    made = with_chart_objects([Registered("kubernetes:helm.sh/v4:Chart", "operator", given, "provider")])
    namespace: Mapping[str, object] = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}}
    return [namespace, *(found.inputs for found in made)]


def apply(kube: Kube, objects: Iterable[Mapping[str, object]]) -> None:
    """Create the objects: definitions first, and what they define once the server knows them."""
    given = list(objects)
    definitions = [found for found in given if found["kind"] == DEFINITION]
    others = [found for found in given if found["kind"] not in {DEFINITION, POLICY}]
    _create(kube, [*definitions, *others])
    kube.run("wait", "--for=condition=Established", "crd", "--all", "--timeout=60s")
    _create(kube, [_of_the_cluster(found) for found in given if found["kind"] == POLICY])


def _of_the_cluster(found: Mapping[str, object]) -> Mapping[str, object]:
    """The object without the namespace that rendering gives every kind that it does not know."""
    plain = json.loads(json.dumps(found))
    plain["metadata"].pop("namespace", None)
    return plain


def _create(kube: Kube, objects: list[Mapping[str, object]]) -> None:
    if objects:
        # Definitions are too large for the annotation of a client-side apply, and a List would be judged by kubectl.
        documents = "\n---\n".join(json.dumps(found) for found in objects)
        kube.run("apply", "--server-side", "-f", "-", stdin=documents)
