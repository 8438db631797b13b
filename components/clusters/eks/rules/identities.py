"""Rules of who may do what: administrators, roles, keys, and the partition they live in."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ....contracts.errors import Problem
from ...rules.duplicates import duplicate_problems
from ..settings import EksTarget

# EKS user guide, "Create access entries": the principal is an IAM role or user, no session and no group.
# IAM reference, CreateRole: letters, digits and +=,.@-_ in a name, printable ASCII in the path before it.
_NAME = r"[\x21-\x7e]+"
_PRINCIPAL = re.compile(rf"arn:aws:iam::\d{{12}}:(role|user)/{_NAME}")
_POLICY = re.compile(r"arn:aws[a-z-]*:iam::(\d{12}|aws):policy/[\w+=,.@/-]+")
_ROLE = re.compile(rf"arn:aws:iam::\d{{12}}:role/{_NAME}")
_KEY = re.compile(r"arn:aws:kms:([a-z0-9-]+):\d{12}:(key|alias)/.+")
_SESSION = re.compile(r"arn:aws:sts::(\d{12}):assumed-role/([^/]+)/.+")
_OTHER_PARTITIONS = ("cn-", "us-gov-", "us-iso", "eu-isoe-", "eusc-")


def identity_problems(target: EksTarget) -> Iterator[Problem]:
    """What is wrong with the region's partition, the administrators, the roles and the key."""
    if target.region.startswith(_OTHER_PARTITIONS):
        yield Problem(
            field="target.region",
            cause=f"{target.region} is in a partition of AWS of its own",
            consequence="roles are given Amazon's policies by their names in the partition 'aws', which it has not",
            fix="use a region of the partition 'aws', such as us-east-2",
        )
    yield from duplicate_problems("target.admins", target.admins, "EKS takes one access entry for each principal")
    for index, arn in enumerate(target.admins):
        yield from _admin(f"target.admins[{index}]", arn, target.node_role)
    yield from _groups(target)
    yield from _role("cluster_role", target.cluster_role)
    yield from _role("node_role", target.node_role)
    yield from _boundary(target.iam.permissions_boundary)
    yield from _key(target)
    yield from _secret_keys(target)


def _admin(field: str, arn: str, node_role: str | None) -> Iterator[Problem]:
    session = _SESSION.fullmatch(arn)
    if session:
        account, name = session.groups()
        yield Problem(
            field=field,
            cause=f"{arn} is a session, which ends",
            consequence="EKS refuses it, and the next session would have another name",
            fix=f"name the role, such as arn:aws:iam::{account}:role/{name}",
        )
    elif "*" in arn or "?" in arn:
        yield Problem(
            field=field,
            cause=f"{arn} is a pattern",
            consequence="EKS compares letter by letter and would refuse every log-in",
            fix="name each role or user in full",
        )
    elif "/aws-service-role/" in arn:
        yield Problem(
            field=field,
            cause=f"{arn} is a service-linked role",
            consequence="EKS refuses access entries for roles that a service of AWS owns",
            fix="name a role that people or Pulumi take on",
        )
    elif not _PRINCIPAL.fullmatch(arn):
        yield Problem(
            field=field,
            cause=f"{arn} is neither an IAM role nor a user",
            consequence="EKS refuses it after the control plane is made, and nobody could log in",
            fix="name a role, such as arn:aws:iam::111122223333:role/platform",
        )
    elif arn == node_role:
        yield Problem(
            field=field,
            cause=f"{arn} is the role of the nodes",
            consequence="EKS makes an entry for it by itself and refuses a second one; "
            "and every pod on the host network would be an administrator",
            fix="give people and Pulumi a role of their own",
        )


def _groups(target: EksTarget) -> Iterator[Problem]:
    principals = [access.principal for access in target.group_access]
    yield from duplicate_problems("target.group_access", principals, "EKS takes one access entry for each principal")
    for index, access in enumerate(target.group_access):
        field = f"target.group_access[{index}]"
        yield from _admin(f"{field}.principal", access.principal, target.node_role)
        if access.principal in target.admins:
            yield Problem(
                field=f"{field}.principal",
                cause=f"{access.principal} is among the admins",
                consequence="EKS refuses a second entry for it, and an admin needs no group",
                fix="take it out of target.admins or of target.group_access",
            )
        for place, group in enumerate(access.groups):
            if group.startswith("system:"):
                yield Problem(
                    field=f"{field}.groups[{place}]",
                    cause=f"{group} begins with system:",
                    consequence="EKS refuses entries of groups that Kubernetes keeps for itself",
                    fix="name a group of your own, such as search-engineers, and grant it in teams",
                )


def _boundary(arn: str | None) -> Iterator[Problem]:
    if arn is not None and not _POLICY.fullmatch(arn):
        yield Problem(
            field="target.iam.permissions_boundary",
            cause=f"{arn} is no IAM policy",
            consequence="IAM refuses every role that is made with it",
            fix="name a policy, such as arn:aws:iam::111122223333:policy/boundary",
        )


def _role(name: str, arn: str | None) -> Iterator[Problem]:
    if arn is not None and not _ROLE.fullmatch(arn):
        yield Problem(
            field=f"target.{name}",
            cause=f"{arn} is not an IAM role",
            consequence="EKS refuses it",
            fix="write it like arn:aws:iam::111122223333:role/eks, or leave it out and one is made",
        )


def _key(target: EksTarget) -> Iterator[Problem]:
    if target.kms_key is None:
        return
    key = _KEY.fullmatch(target.kms_key)
    if key is None or key[1] != target.region:
        yield Problem(
            field="target.kms_key",
            cause=f"{target.kms_key} is not a KMS key in {target.region}",
            consequence="EKS encrypts with a symmetric key of the cluster's own region, and refuses any other",
            fix=f"write it like arn:aws:kms:{target.region}:111122223333:key/…, or leave it out and one is made",
        )


def _secret_keys(target: EksTarget) -> Iterator[Problem]:
    if target.secrets is None:
        return
    region = target.secrets.region or target.region
    for index, arn in enumerate(target.secrets.kms_keys):
        key = _KEY.fullmatch(arn)
        if key is not None and key[1] != region:
            yield Problem(
                field=f"target.secrets.kms_keys[{index}]",
                cause=f"{arn} is a key of {key[1]}, and the secrets are in {region}",
                consequence="Secrets Manager encrypts with keys of the secret's own region: none that has another key "
                "of yours could be read",
                fix=f"name the key in {region} that encrypts them, or leave it out where AWS's own does",
            )
