"""What a preview in a new subscription can show."""

from __future__ import annotations

from pathlib import Path

from simulation.clouds.azure import vocabulary as v
from simulation.provider.values import UNKNOWN, Object
from tests.simulation.clouds.azure_account import AzureAccount


def test_identities_that_are_not_made_yet_have_the_shape_of_answers(tmp_path: Path) -> None:
    azure = AzureAccount(tmp_path)
    identity: Object = {"type": "UserAssigned", "userAssignedIdentities": [UNKNOWN]}
    seen = azure.cloud.preview(
        v.CLUSTER, resourceName="prod", resourceGroupName="prod", dnsPrefix="prod", identity=identity
    )
    assert seen["identity"] == {"type": "UserAssigned", "userAssignedIdentities": UNKNOWN}, "a list would be an error"
