"""IAM roles and the policies that are attached to them.

Owns who may take on a role, what the services look for in one, and which actions its policies allow.
"""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Iterator
from typing import cast

from ...provider.errors import CloudError
from ...provider.rules import JsonText, Pattern
from ...provider.store import Account, Record
from ...provider.tables import Call, Kind, Prop, Reference
from ...provider.values import Object, Value, at, objects, text, texts
from . import vocabulary as v
from .managed_policies import KEPT, allow

IAM_API = "https://docs.aws.amazon.com/IAM/latest/APIReference"
_POLICY = "arn:aws:iam::aws:policy/"

MANAGED_POLICIES = frozenset(f"{_POLICY}{name}" for name in KEPT)
"""Source: https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html."""
_SERVICES = frozenset(
    f"{name}.amazonaws.com"
    for name in ("backup", "ec2", "eks", "eks-nodegroup", "elasticfilesystem", "fsx", "lambda", "pods.eks", "s3", "ssm")
)


def _document(record: Record) -> Object:
    written = record.get("assumeRolePolicy")
    if not isinstance(written, str):
        return written if isinstance(written, dict) else {}
    try:
        return cast("Object", json.loads(written))
    except ValueError:
        return {}


def _listed(value: Value) -> list[str]:
    return [value] if isinstance(value, str) else texts(value, "") if isinstance(value, list) else []


def role_of(account: Account, arn: str) -> Record | None:
    """The role of that ARN."""
    return account.find(v.ROLE, "arn", arn)


def trusts(role: Record, service: str, *actions: str) -> bool:
    """Whether a service may take on a role; roles that were there before any program are taken to be right."""
    if role.seeded and not role.get("assumeRolePolicy"):
        return True
    granted: set[str] = set()
    for statement in objects(_document(role), "Statement"):
        services = texts(statement, "Principal.Service") or _listed(at(statement, "Principal.Service"))
        if text(statement, "Effect") == "Allow" and service in services:
            granted.update(_listed(statement.get("Action")))
    return granted >= set(actions) or "sts:*" in granted or "*" in granted


def _attached(account: Account, role: Record) -> list[str]:
    """Names of AWS's policies that are attached to a role, paths included."""
    attachments = account.where(v.ROLE_POLICY_ATTACHMENT, "role", role.text("name"))
    return [attachment.text("policyArn").removeprefix(_POLICY) for attachment in attachments]


def lacks(account: Account, role: Record, policy: str) -> bool:
    """Whether this policy of AWS is not attached; roles that were there before are taken to have it."""
    return not role.seeded and policy not in _attached(account, role)


def may(account: Account, role: Record, *actions: str) -> bool:
    """Whether the role's policies allow all of these; roles that were there before are taken to be right."""
    attached = _attached(account, role)
    return role.seeded or all(allow(attached, action) for action in actions)


def policy_arn(name: str) -> str:
    """ARN of one of AWS's own policies."""
    return f"{_POLICY}{name}"


def _trust_is_well_formed(_call: Call, inputs: Object) -> None:
    """Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_policies.html."""
    document = _document(Record(kind=v.ROLE, identifier="", inputs=inputs))
    statements = objects(document, "Statement")
    if not statements:
        raise CloudError("MalformedPolicyDocument", "Syntax errors in policy.")
    for statement in statements:
        if "Resource" in statement:
            raise CloudError("MalformedPolicyDocument", "Has prohibited field Resource")
        if "Principal" not in statement:
            raise CloudError("MalformedPolicyDocument", "Missing required field Principal")
        for service in texts(statement, "Principal.Service"):
            if service not in _SERVICES:
                raise CloudError("MalformedPolicyDocument", f'Invalid principal in policy: "SERVICE":"{service}"')
        for action in _listed(statement.get("Action")):
            if not action.startswith("sts:"):
                raise CloudError(
                    "MalformedPolicyDocument", "AssumeRole policy may only specify STS AssumeRole actions."
                )


def _role_computed(call: Call, inputs: Object) -> Object:
    path = text(inputs, "path") or "/"
    return {
        "arn": v.arn(call, "iam", f"role{path}{text(inputs, 'name')}", region=""),
        "uniqueId": f"AROA{secrets.token_hex(9).upper()[:17]}",
        "createDate": "2026-01-01T00:00:00Z",
    }


ROLE = Kind(
    token=v.ROLE,
    source=f"{v.REGISTRY}/iam_role; {IAM_API}/API_CreateRole.html",
    service="IAM",
    noun="IAM Role",
    operation="Role",
    autoname="name",
    make_id=v.id_from("name"),
    properties={
        "name": v.named(form=r"[\w+=,.@-]+", longest=64),
        "assumeRolePolicy": Prop(allowed=JsonText()),
        "path": Prop(allowed=Pattern(r"/([!-~]{1,510}/)?"), fixed=True),
        "permissionsBoundary": Prop(allowed=Pattern(r"arn:aws:iam::(\d{12}|aws):policy/[\w+=,.@/-]+")),
        **v.TAGGED,
    },
    demands=(_trust_is_well_formed,),
    compute=_role_computed,
    exists=("EntityAlreadyExists", "Role with name {id} already exists."),
    in_use=("DeleteConflict", "Cannot delete entity, must detach all policies first."),
    missing=("NoSuchEntity", "The role with name {id} cannot be found."),
)


def _policies_per_role(call: Call, inputs: Object) -> None:
    """Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html."""
    if len(call.account.where(v.ROLE_POLICY_ATTACHMENT, "role", text(inputs, "role"))) >= 10:  # noqa: PLR2004 - as above
        raise CloudError("LimitExceeded", "Cannot exceed quota for PoliciesPerRole: 10")


def _attachment_id(_call: Call, inputs: Object) -> str:
    # Attaching twice is no error, so the provider makes an id of its own.
    return f"{text(inputs, 'role')}-{secrets.token_hex(13)}"


ROLE_POLICY_ATTACHMENT = Kind(
    token=v.ROLE_POLICY_ATTACHMENT,
    source=f"{v.REGISTRY}/iam_role_policy_attachment; {IAM_API}/API_AttachRolePolicy.html",
    service="IAM",
    noun="IAM Role Policy Attachment",
    operation="RolePolicy",
    make_id=_attachment_id,
    properties={
        "role": Prop(
            fixed=True,
            refers=Reference(
                kinds=(v.ROLE,),
                by="name",
                code="NoSuchEntity",
                message="The role with name {value} cannot be found.",
            ),
        ),
        "policyArn": Prop(
            fixed=True,
            allowed=Pattern(r"arn:aws[a-z-]*:iam::(\d{12}|aws):policy/.+", "is an invalid ARN"),
            refers=Reference(
                kinds=(),
                by="arn",
                code="NoSuchEntity",
                message="Policy {value} does not exist or is not attachable.",
                outside=MANAGED_POLICIES,
            ),
        ),
    },
    on_create=(_policies_per_role,),
)


# Characters of all policies inside of a role, white space apart: the page of _policies_per_role.
_INLINE_CHARACTERS = 10_240
_STATEMENT_KEYS = frozenset(
    {"Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Condition"}
)  # Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html


def _inline_is_well_formed(call: Call, inputs: Object) -> None:
    """Words: https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutRolePolicy.html and aws-cdk issue 19276."""
    written = text(inputs, "policy")
    document = cast("Object", json.loads(written))
    statements = objects(document, "Statement")
    if not statements:
        raise CloudError("MalformedPolicyDocument", "Syntax errors in policy.")
    for statement in statements:
        if "Principal" in statement:
            raise CloudError("MalformedPolicyDocument", "Policy document should not specify a principal.")
        if not statement.keys() <= _STATEMENT_KEYS or not {"Effect", "Action", "Resource"} <= statement.keys():
            raise CloudError("MalformedPolicyDocument", "Syntax errors in policy.")
        for action in _listed(statement["Action"]):
            if not re.fullmatch(r"\*|[a-z0-9-]+:[A-Za-z0-9*?]+", action):
                raise CloudError(
                    "MalformedPolicyDocument", "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2"
                )
    role, name = text(inputs, "role"), text(inputs, "name")
    others = [found.text("policy") for found in call.account.where(v.ROLE_POLICY, "role", role)]
    own = call.account.get(v.ROLE_POLICY, f"{role}:{name}")
    used = sum(len("".join(other.split())) for other in others) - (
        len("".join(own.text("policy").split())) if own else 0
    )
    if used + len("".join(written.split())) > _INLINE_CHARACTERS:
        raise CloudError("LimitExceeded", f"Maximum policy size of {_INLINE_CHARACTERS} bytes exceeded for role {role}")


ROLE_POLICY = Kind(
    token=v.ROLE_POLICY,
    source=f"{v.REGISTRY}/iam_role_policy; {IAM_API}/API_PutRolePolicy.html",
    service="IAM",
    noun="IAM Role Policy",
    operation="RolePolicy",
    autoname="name",
    make_id=v.id_from("role", "name"),
    properties={
        "name": v.named(form=r"[\w+=,.@-]+", longest=128),
        "role": Prop(
            fixed=True,
            refers=Reference(
                kinds=(v.ROLE,),
                by="name",
                code="NoSuchEntity",
                message="The role with name {value} cannot be found.",
            ),
        ),
        "policy": Prop(allowed=JsonText()),
    },
    demands=(_inline_is_well_formed,),
)


def own_account(call: Call, arn: str) -> bool:
    """Whether an ARN is one of this account."""
    return arn.split(":")[4:5] == [v.owner(call)]


def missing_roles(call: Call, arns: Iterator[str]) -> Iterator[str]:
    """Those of the ARNs that are roles of this account and do not exist."""
    for arn in arns:
        if own_account(call, arn) and ":role/" in arn and role_of(call.account, arn) is None:
            yield arn


KINDS = (ROLE, ROLE_POLICY_ATTACHMENT, ROLE_POLICY)
"""Every type of this file."""
