"""A managed cluster is answered with every pool, those included that were made on their own."""

from __future__ import annotations

from pathlib import Path
from unittest import mock

import pytest
from pulumi.provider.experimental import provider as protocol

from components.clusters.aks.cluster import AksClusterArgs, aks_cluster
from simulation.provider.values import Object, Value, object_from_wire, object_to_wire, objects, text
from tests.simulation.clouds.aks_variants import CPU, target
from tests.simulation.clouds.aws_account import Made, finished
from tests.simulation.clouds.azure_account import AzureAccount
from tests.simulation.clouds.recording import run_program


@pytest.fixture
def azure(tmp_path: Path) -> AzureAccount:
    made = AzureAccount(tmp_path)
    made.stand()
    return made


def refreshed(azure: AzureAccount, made: Made, inputs: Object, outputs: Object) -> tuple[Object, Object]:
    """Inputs and outputs of a state after a refresh."""
    request = protocol.ReadRequest(
        "urn:pulumi:test::strata::" + made.token + "::it",
        made.identifier,
        object_to_wire(outputs),
        object_to_wire(inputs),
    )
    answer = finished(azure.cloud.provider.read(request))
    return object_from_wire(answer.inputs or {}), object_from_wire(answer.properties or {})


def names(state: Object) -> list[str]:
    return [text(pool, "name") for pool in objects(state, "agentPoolProfiles")]


def test_b8_a_refresh_takes_pools_of_their_own_into_the_cluster_once(azure: AzureAccount) -> None:
    cluster, written = azure.cluster(), azure.cluster_inputs()
    azure.gpus()
    inputs, outputs = refreshed(azure, cluster, written, cluster.outputs)
    assert names(inputs) == names(outputs) == ["system", "h100"]
    # An update sends what the program says; the answer is the same as before, and so is the next refresh.
    changed = azure.cloud.update(cluster, **written)
    assert names(changed.outputs) == ["system", "h100"]
    assert names(refreshed(azure, cluster, written, changed.outputs)[0]) == ["system"]


def test_b8_an_update_may_send_pools_of_their_own_along(azure: AzureAccount) -> None:
    cluster = azure.cluster()
    pool = azure.gpus()
    inputs, _ = refreshed(azure, cluster, azure.cluster_inputs(), cluster.outputs)
    tags: Value = {"team": "serving"}
    assert names(azure.cloud.update(cluster, **{**inputs, "tags": tags}).outputs) == ["system", "h100"]
    azure.cloud.delete(pool)
    azure.gpus()


@pytest.mark.parametrize(
    ("changes", "ignored"),
    [({}, True), ({"count": 4}, False)],
    ids=["as it is written", "with another count"],
)
def test_b8_pools_are_left_alone_while_akss_own_runs_as_it_is_written(
    tmp_path: Path, changes: dict[str, object], *, ignored: bool
) -> None:
    azure = AzureAccount(tmp_path)
    written = target()
    args = AksClusterArgs.of(written, (CPU,))
    assert run_program(azure.cloud, "azure-native", lambda: aks_cluster("prod", args), azure.plane).problems == []
    system = written.system_pool.model_copy(update=changes)
    again = AksClusterArgs.of(written.model_copy(update={"system_pool": system}), (CPU,))
    with mock.patch("pulumi_azure_native.containerservice.ManagedCluster") as cluster:
        cluster.side_effect = RuntimeError("seen")
        with pytest.raises(RuntimeError, match="seen"):
            run_program(azure.cloud, "azure-native", lambda: aks_cluster("prod", again), azure.plane)
    assert (cluster.call_args.kwargs["opts"].ignore_changes == ["agentPoolProfiles"]) is ignored
