"""The simulated Azure's tables by what Azure publishes: names, values, what is only read, what cannot be changed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from simulation.clouds.azure import vocabulary as v
from simulation.clouds.azure.cloud import AZURE
from simulation.provider.tables import Prop
from tests.witnesses.azure.judging import faults_of_inputs, faults_of_table
from tests.witnesses.azure.witnesses import CHANGES_REFUSED, EXCEPTIONS, TOKENS, not_excepted, witnesses


def faults(token: str, **planted: Prop) -> list[str]:
    """What is wrong with a table, with these properties in it."""
    named = {path.replace("__", "."): prop for path, prop in planted.items()}
    kind = AZURE.kinds[token]
    table = replace(kind, properties={**kind.properties, **named})
    refused = CHANGES_REFUSED.get(token, frozenset())
    return [fault for witness in witnesses(token) for fault in faults_of_table(witness, table, refused)]


@pytest.mark.parametrize("token", TOKENS)
def test_a_table_is_what_azure_publishes(token: str) -> None:
    assert not_excepted(token, faults(token)) == []


def test_every_exception_is_needed() -> None:
    found = {(token, fault) for token in TOKENS for fault in faults(token)}
    found |= {(token, fault) for token in TOKENS for given in witnesses(token) for fault in faults_of_inputs(given, {})}
    assert EXCEPTIONS.keys() <= found


@pytest.mark.parametrize(
    ("token", "path", "prop", "complaint"),
    [
        # The first is what these tests found: the API version that the provider calls does not know it.
        (v.AGENT_POOL, "osSKU", v.one_of("Ubuntu", "Ubuntu2404"), "osSKU: 'Ubuntu2404' is none of"),
        (v.AGENT_POOL, "scaleDownMode", v.one_of("Delete", default="Remove"), "scaleDownMode: 'Remove' is none of"),
        (v.AGENT_POOL, "gpuProfile__drivers", Prop(), "gpuProfile.drivers: no such property"),
        (v.AGENT_POOL, "currentOrchestratorVersion", Prop(), "currentOrchestratorVersion: only read"),
        (v.CLUSTER, "autoUpgradeProfile__nodeOSUpgradeChannel", v.one_of("node-image"), "'node-image' is none of"),
        (v.CLUSTER, "agentPoolProfiles__gpuProfile__driver", v.one_of("Yes"), "gpuProfile.driver: 'Yes' is none of"),
        (v.CLUSTER, "currentKubernetesVersion", Prop(), "currentKubernetesVersion: only read"),
        (v.PUBLIC_ADDRESS, "sku__name", v.one_of("Premium"), "sku.name: 'Premium' is none of"),
        (v.ROLE_ASSIGNMENT, "principalType", v.one_of("Robot"), "principalType: 'Robot' is none of"),
        (v.ZONE_LINK, "location", Prop(), "location: can only be set when it is made"),
    ],
)
def test_a_planted_fault_is_found(token: str, path: str, prop: Prop, complaint: str) -> None:
    assert any(complaint in fault for fault in faults(token, **{path: prop})), faults(token, **{path: prop})
