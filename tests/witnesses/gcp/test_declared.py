"""What the program sends to Google Cloud, by Google's own discovery documents."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from unittest import mock

import pytest
from pydantic import JsonValue

from components.clusters.gke.cluster import GkeClusterArgs, gke_cluster
from simulation.clouds.gcp import vocabulary as v
from simulation.clouds.gcp.cloud import GCP
from tests.simulation.clouds import gke_variants, test_gcp_links
from tests.simulation.clouds.gke_account import recorded
from tests.simulation.clouds.recording import Recorder
from tests.witnesses.declared import INPUTS, Declared, declared

from .discovery import Path as Place
from .judging import judge_inputs
from .published_types import TYPES, UNPUBLISHED

pytestmark = pytest.mark.slow

_SEEDED = {v.HUB, v.CRYPTO_KEY, v.RESERVATION}
"""Types that a simulated project holds and no program makes."""
FAULTS: dict[str, tuple[str, Place, JsonValue, str]] = {
    "a word that no enum has": (
        v.NODE_POOL,
        ("nodeConfig", "reservationAffinity"),
        {"consumeReservationType": "SPECIFIC"},
        "'SPECIFIC' is not one of",
    ),
    "a word of another enum, in a list": (
        v.CLUSTER,
        ("loggingConfig", "enableComponents"),
        ["SYSTEM_COMPONENTS", "DCGM"],
        "'DCGM' is not one of",
    ),
    "lower case": (v.CLUSTER, ("releaseChannel", "channel"), "regular", "'regular' is not one of"),
    "a tier that is not sold": (v.FILESTORE, ("tier",), "PREMIUM_SSD", "'PREMIUM_SSD' is not one of"),
    "a bandwidth between two": (v.ATTACHMENT, ("bandwidth",), "BPS_3G", "'BPS_3G' is not one of"),
    "a misspelled property": (
        v.NODE_POOL,
        ("nodeConfig", "gcfsConfg"),
        {"enabled": True},
        "container.v1 has no NodePool.config.gcfsConfg.enabled",
    ),
    "a property of another type": (
        v.CLUSTER,
        ("flexStart",),
        True,
        "container.v1 has no Cluster.flexStart",
    ),
    "a text in place of a switch": (
        v.CLUSTER,
        ("controlPlaneEndpointsConfig", "dnsEndpointConfig", "allowExternalTraffic"),
        "yes",
        "'yes' is not boolean",
    ),
    "a unit in a number": (v.NODE_POOL, ("nodeConfig", "diskSizeGb"), "100Gi", "'100Gi' is not integer"),
    "a number beyond 32 bits": (v.NODE_POOL, ("nodeConfig", "diskSizeGb"), 2**31, "is not integer (int32)"),
}


def _sent(recorder: Recorder, origin: str) -> Iterator[Declared]:
    assert recorder.problems == [], "a variant that is refused sends less than it would"
    for token, resources in recorder.sent.items():
        for inputs in resources:
            yield Declared(
                origin=origin, token=token, name=str(inputs.get("name", "")), inputs=INPUTS.validate_python(inputs)
            )


def _everything(project: Path, folder: Path) -> Iterator[Declared]:
    (folder / "examples").mkdir()
    yield from declared(project, folder / "examples", "gcp", "gcp")
    for name, (cluster, pools) in gke_variants.CASES.items():
        args = replace(GkeClusterArgs.of(cluster, [*pools, gke_variants.SYSTEM]), labels={"team": "serving"})
        with mock.patch("components.clusters.gke.cluster.refuse"):
            company = gke_variants.company(folder / name)
            yield from _sent(recorded(company, lambda args=args: gke_cluster("prod", args)), name)
    for number, recorder in enumerate(test_gcp_links.variants(folder / "links")):
        yield from _sent(recorder, f"links {number}")


@pytest.fixture(scope="module")
def everything(project: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Declared]:
    return list(_everything(project, tmp_path_factory.mktemp("declared")))


def test_google_has_every_property_and_value_that_is_sent(everything: list[Declared]) -> None:
    found = [
        f"{resource.origin}: {resource.token} {resource.name}: {problem}"
        for resource in everything
        if resource.token not in UNPUBLISHED
        for problem in judge_inputs(resource.token, resource.inputs)
    ]
    assert found == []


def test_every_type_is_sent_and_judged(everything: list[Declared]) -> None:
    sent = {resource.token for resource in everything}
    assert sent == GCP.kinds.keys() - _SEEDED, "a type that nothing sends is judged by nothing"
    assert sent == TYPES.keys() | UNPUBLISHED.keys()


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_found(everything: list[Declared], fault: str) -> None:
    token, place, value, finding = FAULTS[fault]
    sound = next(
        resource
        for resource in everything
        if resource.token == token and (len(place) == 1 or place[0] in resource.inputs)
    )
    assert judge_inputs(token, sound.inputs) == []
    found = judge_inputs(token, _with(sound.inputs, place, value))
    assert len(found) == 1, found
    assert finding in found[0]


def _with(inputs: dict[str, JsonValue], place: Place, value: JsonValue) -> dict[str, JsonValue]:
    name, *below = place
    inside = inputs.get(name)
    return {**inputs, name: _with(inside, tuple(below), value) if below and isinstance(inside, dict) else value}
