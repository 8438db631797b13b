"""The rights of whoever deploys, as a custom role of the project.

The table is by hand, each row with the page of Google's that it is from; two published lists judge it in the tests.
"""

from __future__ import annotations

from pathlib import Path

from ..deployer_rights import DeployerRights, Json, Wanted

_GRANT = "gcp:projects/iAMMember:IAMMember"
_BIND = "gcloud projects add-iam-policy-binding <project> --member=<deployer>"


def _role(wanted: Wanted) -> dict[str, Json]:
    """A role as `gcloud iam roles create --file` takes it."""
    roles = sorted({str(made.inputs["role"]) for made in wanted.resources if made.token == _GRANT})
    granted = f"; grants {', '.join(roles)}" if roles else ""
    return {
        "title": f"Strata deployer of {wanted.stack}",
        "description": f"Brings the stack {wanted.stack} up and down{granted}"[:256],
        "stage": "GA",
        "includedPermissions": [*wanted.rights],
    }


DEPLOYER_RIGHTS = DeployerRights(
    package="gcp",
    table=Path(__file__).with_name("deployer_rights.csv"),
    document=_role,
    advice=(
        "gcloud iam roles create strataDeployer --project=<project> --file=role.json",
        f"{_BIND} --role=projects/<project>/roles/strataDeployer",
        # https://docs.cloud.google.com/kubernetes-engine/docs/how-to/iam: roles on the project act in its clusters.
        f"{_BIND} --role=roles/container.admin  # the objects inside of the cluster",
    ),
)
