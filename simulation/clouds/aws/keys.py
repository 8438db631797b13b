"""KMS keys and their aliases."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

from ...provider.rules import Between, JsonText, Pattern
from ...provider.tables import Call, Kind, Prop, Reference
from ...provider.typecheck import Failure
from ...provider.values import Object, text, truth
from . import vocabulary as v

_SPECS = (
    "SYMMETRIC_DEFAULT",
    "RSA_2048",
    "RSA_3072",
    "RSA_4096",
    "ECC_NIST_P256",
    "ECC_NIST_P384",
    "ECC_NIST_P521",
    "HMAC_256",
)


def _key_id(_call: Call, _inputs: Object) -> str:
    return str(uuid.uuid4())


def _key_computed(call: Call, _inputs: Object) -> Object:
    return {"arn": v.arn(call, "kms", f"key/{call.identifier}"), "keyId": call.identifier}


def _only_symmetric_keys_rotate(inputs: Object) -> Iterator[Failure]:
    spec = text(inputs, "customerMasterKeySpec") or "SYMMETRIC_DEFAULT"
    if truth(inputs, "enableKeyRotation") and spec != "SYMMETRIC_DEFAULT":
        yield Failure("enableKeyRotation", "UnsupportedOperationException: only symmetric keys rotate by themselves")


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
        "rotationPeriodInDays": Prop(allowed=Between(90, 2560), managed=True),
        "isEnabled": Prop(default=True),
        "keyUsage": v.one_of("ENCRYPT_DECRYPT", "SIGN_VERIFY", "GENERATE_VERIFY_MAC", fixed=True),
        "customerMasterKeySpec": v.one_of(*_SPECS, fixed=True),
        "multiRegion": Prop(fixed=True, default=False),
        "policy": Prop(allowed=JsonText(), managed=True),
        **v.TAGGED,
    },
    checks=(_only_symmetric_keys_rotate,),
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
        **v.PLACED,
    },
    compute=_alias_computed,
    exists=("AlreadyExistsException", "An alias with the name {id} already exists"),
    missing=("NotFoundException", "Alias {id} is not found."),
)

KINDS = (KEY, ALIAS)
"""Every type of this file."""
