"""The rights of whoever deploys, as an IAM policy.

The table is written by ``python -m tests.witnesses.aws.deployer_rights`` from AWS's registry schemas and from what the
provider calls beyond them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from ..deployer_rights import Declared, DeployerRights, Json, Wanted

_SERVICE_LINKED = "iam:CreateServiceLinkedRole"
_ROLE = "aws:iam/role:Role"
_PARAMETER = "ssm:GetParameter"
_READING = ("Describe", "List")


def _policy(wanted: Wanted) -> dict[str, Json]:
    """Roles are changed and passed by name only, so that nobody gets further by one that has more rights."""
    partition = _partition(wanted.resources)
    on_roles = [right for right in wanted.rights if right.startswith("iam:") and right != _SERVICE_LINKED]
    others = [right for right in wanted.rights if not right.startswith("iam:") and right != _PARAMETER]
    statements: list[Json] = [_statement("Resources", _shortened(others), ["*"])]
    if _PARAMETER in wanted.rights:
        # What AWS publishes, such as the names of node images; never a parameter of the account's own.
        statements.append(_statement("PublicParameters", [_PARAMETER], [f"arn:{partition}:ssm:*::parameter/aws/*"]))
    roles = sorted(_roles(wanted.resources, partition))
    if on_roles and roles:
        statements.append(_statement("OwnRoles", on_roles, roles))
    if _SERVICE_LINKED in wanted.rights:
        linked = [f"arn:{partition}:iam::*:role/aws-service-role/*"]
        statements.append(_statement("RolesOfServices", [_SERVICE_LINKED, "iam:GetRole"], linked))
    return {"Version": "2012-10-17", "Statement": statements}


def _statement(name: str, actions: Sequence[str], resources: Sequence[str]) -> dict[str, Json]:
    return {"Sid": name, "Effect": "Allow", "Action": [*actions], "Resource": [*resources]}


def _shortened(actions: Sequence[str]) -> list[str]:
    """With all reads of a service as one: a managed policy holds 6,144 characters (IAM user guide, quotas)."""
    reads = {f"{service}:{verb}" for service, _, name in map(_parted, actions) for verb in _READING if _is(verb, name)}
    kept = [action for action in actions if not any(_is(verb, _parted(action)[2]) for verb in _READING)]
    return sorted([*kept, *(f"{read}*" for read in reads)])


def _parted(action: str) -> tuple[str, str, str]:
    return action.partition(":")


def _is(verb: str, name: str) -> bool:
    return name.startswith(verb)


def _roles(resources: Sequence[Declared], partition: str) -> Iterator[str]:
    """Those that the program makes, and those that it is given."""
    for made in resources:
        for key in ("roleArn", "nodeRoleArn"):
            given = made.inputs.get(key)
            if isinstance(given, str) and ":role/" in given:
                yield given
        name = made.inputs.get("name")
        if made.token == _ROLE and isinstance(name, str):
            path = made.inputs.get("path")
            yield f"arn:{partition}:iam::*:role{path if isinstance(path, str) else '/'}{name}"


def _partition(resources: Sequence[Declared]) -> str:
    """The part of AWS in which the stack's zones lie."""
    zones = [str(made.inputs.get("availabilityZone", "")) for made in resources]
    if any(zone.startswith("cn-") for zone in zones):
        return "aws-cn"
    return "aws-us-gov" if any(zone.startswith("us-gov-") for zone in zones) else "aws"


DEPLOYER_RIGHTS = DeployerRights(
    package="aws",
    table=Path(__file__).with_name("deployer_rights.csv"),
    document=_policy,
    advice=(
        "aws iam create-policy --policy-name strata-deployer --policy-document file://policy.json",
        "aws iam attach-role-policy --role-name strata-deployer --policy-arn <ARN that the first command prints>",
    ),
)
