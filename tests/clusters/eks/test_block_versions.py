"""An upgrade of the control plane goes past pools in capacity blocks, which EKS updates only while they are empty."""

from __future__ import annotations

import pulumi

from tests.conformance.engine import run
from tests.conformance.programs import CLOUD_CLUSTERS


def test_b2_nodes_of_a_block_keep_the_version_that_they_were_made_with() -> None:
    made = run(lambda: CLOUD_CLUSTERS["eks with lustre and a block"]("prod", pulumi.ResourceOptions())).made
    ignored = {
        group.inputs["nodeGroupName"]: group.ignores for group in made if group.token == "aws:eks/nodeGroup:NodeGroup"
    }
    kept = {"version", "releaseVersion"}
    assert {name: kept <= ignores for name, ignores in ignored.items()} == {"system": False, "h100": True}
