"""The lists of Azure Resource Manager, asked as the program asks them."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from components.clusters.aks.account import sizes_not_offered, version_not_offered
from components.clusters.aks.arm import ResourceManager
from components.clusters.aks.quotas import too_small_quotas, wanted_vcpus
from components.clusters.aks.registrations import missing_providers
from components.clusters.aks.settings import AksTarget
from components.contracts.capacity import OnDemand
from components.contracts.errors import StrataError
from simulation.clouds.azure import vocabulary as v
from simulation.clouds.azure.account import set_quota
from simulation.clouds.azure.resource_manager import TOKEN, serve_lists
from stacks.reading import read_stack
from stacks.settings import Settings
from tests.simulation.clouds.aks_variants import gpus, target
from tests.simulation.clouds.azure_account import AzureAccount

TARGET = target()
GPUS = gpus(OnDemand())
_STACK = read_stack(Path(__file__).parents[3], "azure").settings


@pytest.fixture
def azure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AzureAccount:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    monkeypatch.setenv("ARM_ENDPOINT", f"http://127.0.0.1:{port}")
    made = AzureAccount(tmp_path)
    serve_lists(made.cloud.store)
    return made


def manager(token: str = TOKEN) -> ResourceManager:
    return ResourceManager(v.SUBSCRIPTION, "eastus2", token)


@pytest.mark.usefixtures("azure")
def test_the_example_stack_finds_all_it_needs() -> None:
    assert isinstance(_STACK, Settings)
    assert isinstance(_STACK.target, AksTarget)
    sizes = manager().sizes()
    wanted = wanted_vcpus(_STACK.target, _STACK.node_pools, sizes, {})
    assert list(too_small_quotas(_STACK.target, wanted, manager().usages())) == []
    assert list(sizes_not_offered(_STACK.target, _STACK.node_pools, sizes)) == []
    assert list(version_not_offered(_STACK.target, manager().kubernetes_versions())) == []


def test_what_runs_is_counted_and_what_is_given_is_the_limit(azure: AzureAccount) -> None:
    azure.stand()
    azure.cluster()
    azure.gpus()
    with azure.cloud.store.transaction() as account:
        set_quota(account, "standardNDSH100v5Family", 288)
    usage = manager().usages()["standardNDSH100v5Family"]
    assert (usage.current_value, usage.limit) == (192, 288)


def test_a3_a_stack_that_runs_does_not_need_its_quota_again(azure: AzureAccount) -> None:
    """Recorded form: agent pools of a cluster are listed with those of other hands (pulumi-azure-native#2059)."""
    azure.stand()
    azure.cluster()
    azure.gpus(count=2)
    with azure.cloud.store.transaction() as account:
        set_quota(account, "standardNDSH100v5Family", 192)
    running = manager().pools("prod", "prod")
    assert {name: pool.properties.count for name, pool in running.items()} == {"system": 2, "h100": 2}
    target, pools = TARGET, [GPUS]
    wanted = wanted_vcpus(target, pools, manager().sizes(), running)
    assert list(too_small_quotas(target, wanted, manager().usages())) == []
    larger = wanted_vcpus(target, [GPUS.model_copy(update={"count": 3})], manager().sizes(), running)
    (problem,) = too_small_quotas(target, larger, manager().usages())
    assert "need 96 vCPUs" in problem.cause


@pytest.mark.usefixtures("azure")
def test_a3_a_cluster_that_does_not_exist_runs_nothing() -> None:
    assert manager().pools("prod", "nothing-yet") == {}


def test_b13_what_is_not_registered_is_told(azure: AzureAccount) -> None:
    assert list(missing_providers(TARGET, manager().provider_states())) == []
    assert manager().feature_state("Microsoft.ContainerService", "AKSInfinibandSupport") == "Registered"
    assert manager().feature_state("Microsoft.ContainerService", "TrustedAccessPreview") is None
    with azure.cloud.store.transaction() as account:
        account.set_fact("provider:microsoft.insights", "NotRegistered")
        account.set_fact("feature:Microsoft.ContainerService/AKSInfinibandSupport", "NotRegistered")
    (problem,) = missing_providers(TARGET, manager().provider_states())
    assert problem.cause == "it is not registered to use Microsoft.Insights"
    assert manager().feature_state("Microsoft.ContainerService", "AKSInfinibandSupport") == "NotRegistered"


@pytest.mark.usefixtures("azure")
def test_a_stranger_gets_no_list() -> None:
    with pytest.raises(StrataError, match="az login"):
        manager("of somebody else").usages()


def test_a_server_that_does_not_answer_is_said_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ARM_ENDPOINT", "http://127.0.0.1:1")
    with pytest.raises(StrataError, match="did not answer"):
        manager().kubernetes_versions()
