"""KMS keys and their aliases."""

from __future__ import annotations

import uuid

from ...provider.rules import Between, Pattern
from ...provider.tables import Call, Kind, Prop, Reference
from ...provider.values import Object, text
from . import vocabulary as v


def _key_id(_call: Call, _inputs: Object) -> str:
    return str(uuid.uuid4())


def _key_computed(call: Call, _inputs: Object) -> Object:
    return {"arn": v.arn(call, "kms", f"key/{call.identifier}"), "keyId": call.identifier}


KEY = Kind(
    token=v.KEY,
    source=f"{v.REGISTRY}/kms_key; https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateKey.html",
    service="KMS",
    noun="KMS Key",
    operation="Key",
    make_id=_key_id,
    properties={
        "description": Prop(allowed=Between(0, 8192), managed=True),
        # ScheduleKeyDeletion takes 7 to 30 days.
        "deletionWindowInDays": Prop(allowed=Between(7, 30)),
        "enableKeyRotation": Prop(default=False),
        **v.TAGGED,
    },
    compute=_key_computed,
    missing=("NotFoundException", "Key '{id}' does not exist"),
)


def _alias_computed(call: Call, inputs: Object) -> Object:
    key = text(inputs, "targetKeyId")
    return {"arn": v.arn(call, "kms", text(inputs, "name")), "targetKeyArn": v.arn(call, "kms", f"key/{key}")}


ALIAS = Kind(
    token=v.ALIAS,
    source=f"{v.REGISTRY}/kms_alias; https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateAlias.html",
    service="KMS",
    noun="KMS Alias",
    operation="Alias",
    make_id=v.id_from("name"),
    properties={
        "name": Prop(
            allowed=Pattern(
                r"(?!alias/aws/)alias/[0-9A-Za-z_/-]{1,250}",
                "name must begin with 'alias/' and be comprised of only [0-9A-Za-z_/-]; 'alias/aws/' is AWS's own",
            ),
            fixed=True,
        ),
        "targetKeyId": Prop(
            refers=Reference(kinds=(v.KEY,), code="NotFoundException", message="Invalid keyId '{value}'", holds=False)
        ),
    },
    compute=_alias_computed,
    exists=("AlreadyExistsException", "An alias with the name {id} already exists"),
    missing=("NotFoundException", "Alias {id} is not found."),
)

KINDS = (KEY, ALIAS)
"""Every type of this file."""
