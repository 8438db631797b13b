"""What the program sends to Azure by what Azure publishes, over all examples, variants and ways to have a cluster."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from unittest import mock

import pytest
from pydantic import JsonValue

from components.clusters.aks.cluster import AksClusterArgs, aks_cluster
from simulation.clouds.azure import vocabulary as v
from tests.simulation.clouds import aks_variants, test_azure_links
from tests.simulation.clouds.azure_account import AzureAccount
from tests.simulation.clouds.recording import Recorder, run_program
from tests.witnesses.azure.judging import faults_of_inputs
from tests.witnesses.azure.witnesses import TOKENS, not_excepted, witnesses
from tests.witnesses.declared import INPUTS, declared

_SEEDED = {v.RESERVATION_GROUP}
"""What the subscription holds before any program."""


def faults(token: str, inputs: Mapping[str, JsonValue]) -> list[str]:
    """What Azure would not take of a resource."""
    return [fault for witness in witnesses(token) for fault in faults_of_inputs(witness, inputs)]


def _recorders(folder: Path) -> Iterator[Recorder]:
    for name, (cluster, pools) in aks_variants.CLUSTERS.items():
        azure = AzureAccount(folder / name)
        args = AksClusterArgs.of(cluster, pools)
        yield run_program(azure.cloud, "azure-native", lambda args=args: aks_cluster("prod", args), azure.plane)
    yield from test_azure_links.variants(folder)


@pytest.fixture(scope="module")
def sent(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[dict[str, JsonValue]]]:
    """Inputs of everything that the ways to have a cluster and a link send, by type."""
    found: dict[str, list[dict[str, JsonValue]]] = {}
    with mock.patch("components.clusters.aks.cluster.refuse"):
        for recorder in _recorders(tmp_path_factory.mktemp("accounts")):
            for token, inputs in recorder.sent.items():
                found.setdefault(token, []).extend(INPUTS.validate_python(given) for given in inputs)
    return found


@pytest.mark.slow
@pytest.mark.parametrize("token", [token for token in TOKENS if token not in _SEEDED])
def test_what_the_program_sends_is_published(token: str, sent: dict[str, list[dict[str, JsonValue]]]) -> None:
    assert sent[token], "nothing sends it"
    assert not_excepted(token, (fault for inputs in sent[token] for fault in faults(token, inputs))) == []


@pytest.mark.slow
def test_what_the_example_and_its_variants_declare_is_published(project: Path, tmp_path: Path) -> None:
    found = list(declared(project, tmp_path, "azure", "azure-native"))
    assert {resource.token for resource in found} >= {v.CLUSTER, v.AGENT_POOL, v.SUBNET, v.FILE_SHARE}
    wrong = {
        f"{resource.origin}: {resource.name}: {fault}"
        for resource in found
        for fault in not_excepted(resource.token, faults(resource.token, resource.inputs))
    }
    assert wrong == set()


POOL: dict[str, JsonValue] = {
    "resourceGroupName": "prod",
    "resourceName": "prod",
    "agentPoolName": "h100",
    "vmSize": "Standard_ND96isr_H100_v5",
    "gpuProfile": {"driver": "Install"},
    "upgradeSettings": {"maxSurge": "1"},
}


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"gpuProfile": {"driver": "install"}}, "gpuProfile.driver: 'install' is none of Install, None"),
        ({"gpuProfile": {"nvidia": {"managementMode": "Managed"}}}, "gpuProfile.nvidia: no such property"),
        ({"scaleSetPriority": "Low"}, "scaleSetPriority: 'Low' is none of"),
        ({"currentOrchestratorVersion": "1.34.5"}, "currentOrchestratorVersion: only read"),
        ({"maxSurge": "1"}, "maxSurge: no such property"),
        ({"upgradeSettings": {"surge": "1"}}, "upgradeSettings.surge: no such property"),
        ({"resourceGroupName": None}, "resourceGroupName: required"),
    ],
)
def test_a_planted_fault_in_a_pool_is_found(changes: dict[str, JsonValue], complaint: str) -> None:
    planted = {name: value for name, value in {**POOL, **changes}.items() if value is not None}
    assert faults(v.AGENT_POOL, POOL) == []
    assert any(complaint in fault for fault in faults(v.AGENT_POOL, planted)), faults(v.AGENT_POOL, planted)


def test_a_planted_fault_inside_of_a_list_is_found() -> None:
    cluster: dict[str, JsonValue] = {
        "resourceGroupName": "prod",
        "agentPoolProfiles": [{"name": "system", "mode": "system"}],
    }
    assert any("agentPoolProfiles.mode: 'system' is none of" in fault for fault in faults(v.CLUSTER, cluster))
