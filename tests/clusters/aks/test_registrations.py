"""What the subscription has to be registered for: resource providers, and the feature of InfiniBand."""

from __future__ import annotations

import pulumi
import pytest

from components.clusters.aks.registrations import missing_feature, missing_providers
from components.clusters.aks.settings import AksTarget, LustreStorage
from components.contracts.pools import NodePool
from components.contracts.quantities import ByteSize

from .pools import ZONES, cpu_pool, gpu_pool, target

# As Azure answers; the last one is spelled so (hashicorp/go-azure-helpers, resourceproviders).
_PROVIDERS = (
    "Microsoft.Compute",
    "Microsoft.ContainerService",
    "Microsoft.ManagedIdentity",
    "Microsoft.Network",
    "Microsoft.OperationalInsights",
    "Microsoft.Storage",
    "microsoft.insights",
)
REGISTERED = dict.fromkeys(_PROVIDERS, "Registered")
LUSTRE = LustreStorage(kind="lustre", zone=ZONES[0], capacity=ByteSize.gib(1024 * 16), throughput=250)


def missing(cluster: AksTarget, **states: str) -> list[str]:
    named = {name.replace("_", "."): state for name, state in states.items()}
    return [problem.fix for problem in missing_providers(cluster, {**REGISTERED, **named})]


def test_b13_a_subscription_that_is_registered_for_all_is_let_through() -> None:
    assert missing(target()) == []


def test_b13_resource_providers_that_are_not_registered_are_one_problem_with_the_commands() -> None:
    states = {"Microsoft_ContainerService": "NotRegistered", "Microsoft_Storage": "Registering"}
    assert missing(target(), **states) == [
        (
            "run az provider register --wait --namespace Microsoft.ContainerService && "
            "az provider register --wait --namespace Microsoft.Storage"
        )
    ]


@pytest.mark.parametrize(
    ("changes", "provider"),
    [
        ({"shared_storage": LUSTRE}, "Microsoft.StorageCache"),
        ({"local_volumes": True}, "Microsoft.KubernetesConfiguration"),
    ],
)
def test_b13_what_a_setting_needs_is_asked_for_with_that_setting_only(
    changes: dict[str, object], provider: str
) -> None:
    (fix,) = missing(target().model_copy(update=changes))
    assert fix == f"run az provider register --wait --namespace {provider}"


def test_b13_pools_on_a_cluster_that_exists_need_no_logs_of_their_own() -> None:
    adopted = target().model_copy(update={"adopt_cluster": True})
    assert missing(adopted, Microsoft_OperationalInsights="NotRegistered") == []
    assert len(missing(target(), Microsoft_OperationalInsights="NotRegistered")) == 1


def asked(*pools: NodePool, state: str | None) -> list[str]:
    return [problem.cause for problem in missing_feature(pools, lambda: state)]


def test_b13_a_feature_that_was_never_registered_is_a_problem() -> None:
    (cause,) = asked(cpu_pool(), gpu_pool(), state="NotRegistered")
    assert cause == "the feature AKSInfinibandSupport is NotRegistered"
    assert asked(gpu_pool(), state="Registered") == []


def test_b13_a_feature_that_azure_does_not_know_any_more_refuses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Recorded: azure-cli issue 32059, a feature that became general "could not be found"."""
    warnings: list[str] = []
    monkeypatch.setattr(pulumi.log, "warn", warnings.append)
    assert asked(gpu_pool(), state=None) == []
    (warning,) = warnings
    assert "AKSInfinibandSupport" in warning


def test_b13_nothing_is_asked_for_pools_without_infiniband() -> None:
    def ask() -> str:
        pytest.fail("asked for nothing")

    assert list(missing_feature([cpu_pool()], ask)) == []
