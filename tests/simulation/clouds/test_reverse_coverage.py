"""Every entry of the tables is something that the program sets, in at least one of the ways in which it can be run.

An entry that nothing sets is tested by nothing but its own mistakes, and says of a cloud what nobody asked. The other
direction, that the tables lack nothing that the program sets, is what every run against them shows.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from unittest import mock

import pytest

from components.clusters.aks.cluster import AksClusterArgs, aks_cluster
from components.clusters.eks.cluster import EksClusterArgs, eks_cluster
from components.clusters.eks.settings import LoadBalancerController
from components.clusters.gke.cluster import GkeClusterArgs, gke_cluster
from simulation.clouds.aws.cloud import AWS
from simulation.clouds.azure.cloud import AZURE
from simulation.clouds.gcp.cloud import GCP
from simulation.provider.tables import Cloud
from simulation.provider.values import Value
from tests.simulation.clouds import (
    aks_variants,
    eks_variants,
    gke_variants,
    test_aws_links,
    test_azure_links,
    test_gcp_links,
)
from tests.simulation.clouds.aws_program import recorded
from tests.simulation.clouds.azure_account import AzureAccount
from tests.simulation.clouds.gke_account import recorded as recorded_in
from tests.simulation.clouds.recording import Recorder, run_program

_OWN = {"team": "serving"}
"""Tags and labels that a caller adds to everything."""


@dataclass
class Sent:
    """Dotted paths of everything that programs sent to a cloud.

    Attributes:
        properties: By type.
        configuration: To its provider.
    """

    properties: dict[str, set[str]] = field(default_factory=lambda: defaultdict[str, set[str]](set))
    configuration: set[str] = field(default_factory=set[str])

    def add(self, recorder: Recorder) -> None:
        for token, resources in recorder.sent.items():
            for inputs in resources:
                self.properties[token].update(_paths(inputs))
        for inputs in recorder.configured:
            self.configuration.update(_paths({name: _decoded(value) for name, value in inputs.items()}))


def _decoded(value: Value) -> Value:
    """Providers get what is no text as JSON."""
    if isinstance(value, str) and value[:1] in {"{", "["}:
        decoded: Value = json.loads(value)
        return decoded
    return value


def _paths(value: Value, path: str = "") -> Iterator[str]:
    match value:
        case dict():
            for key, inner in value.items():
                below = f"{path}.{key}" if path else key
                yield below
                yield from _paths(inner, below)
        case list():
            for inner in value:
                yield from _paths(inner, path)
        case _:
            return


def _eks(folder: Path) -> Iterator[Recorder]:
    block = eks_variants.in_a_block(datetime.now(UTC) + timedelta(days=7))
    variants = {name: (cluster, eks_variants.pools_of(cluster)) for name, cluster in eks_variants.CLUSTERS.items()}
    variants["in a capacity block"] = (eks_variants.target(), [block, eks_variants.POOLS[0]])
    balanced = eks_variants.target().model_copy(update={"load_balancer_controller": LoadBalancerController.INSTALLED})
    variants["with load balancers"] = (balanced, [*eks_variants.POOLS])
    for name, (cluster, pools) in variants.items():
        args = replace(EksClusterArgs.of(cluster, pools), tags=_OWN)
        yield recorded(eks_variants.company(folder / name), lambda args=args: eks_cluster("prod", args))


def _gke(folder: Path) -> Iterator[Recorder]:
    for name, (cluster, pools) in gke_variants.CASES.items():
        args = replace(GkeClusterArgs.of(cluster, [*pools, gke_variants.SYSTEM]), labels=_OWN)
        yield recorded_in(gke_variants.company(folder / name), lambda args=args: gke_cluster("prod", args))


def _aks(folder: Path) -> Iterator[Recorder]:
    for name, (cluster, pools) in aks_variants.CLUSTERS.items():
        azure = AzureAccount(folder / name)
        args = AksClusterArgs.of(cluster, pools)
        yield run_program(azure.cloud, "azure-native", lambda args=args: aks_cluster("prod", args), azure.plane)


def _all_from(cloud: Cloud, found: Iterator[Recorder]) -> list[str]:
    sent, problems = Sent(), list[str]()
    for recorder in found:
        sent.add(recorder)
        problems += recorder.problems
    assert problems == [], "a variant that is refused sends less than it would"
    return [
        *_never_set(cloud, sent),
        *(f"provider: {path}" for path in cloud.configuration.keys() - sent.configuration),
    ]


def _never_set(cloud: Cloud, sent: Sent) -> Iterator[str]:
    """Entries that nothing sets; one that several types share, such as tags, is set where any of them has it."""
    entries = [(kind, path, prop) for kind in cloud.kinds.values() for path, prop in kind.properties.items()]
    known = {id(prop) for kind, path, prop in entries if path in sent.properties[kind.token] or path == kind.autoname}
    for kind, path, prop in entries:
        if id(prop) not in known:
            yield f"{kind.token}: {path}"


_CLOUDS: dict[str, tuple[Cloud, list[Callable[[Path], Iterator[Recorder]]]]] = {
    "aws": (AWS, [_eks, test_aws_links.variants]),
    "azure": (AZURE, [_aks, test_azure_links.variants]),
    "gcp": (GCP, [_gke, test_gcp_links.variants]),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", _CLOUDS)
def test_every_entry_is_set_by_some_variant_of_the_program(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cloud, sources = _CLOUDS[name]
    for package in ("eks", "gke", "aks"):
        # Which of the variants the rules let through is not what this is about.
        monkeypatch.setattr(f"components.clusters.{package}.cluster.refuse", mock.Mock(), raising=False)
    recorders = (recorder for source in sources for recorder in source(tmp_path))
    assert _all_from(cloud, recorders) == []
