"""Services that are on, service accounts, and who may do what."""

from __future__ import annotations

import re

from ...provider.errors import CloudError
from ...provider.rules import Between, OneOf, Pattern
from ...provider.tables import Call, Kind, Prop, Reference
from ...provider.values import Object, text, truth
from . import vocabulary as v

_SERVICES = (
    "cloudkms.googleapis.com",
    "cloudquotas.googleapis.com",
    "cloudresourcemanager.googleapis.com",
    "compute.googleapis.com",
    "container.googleapis.com",
    "containerfilesystem.googleapis.com",
    "dns.googleapis.com",
    "file.googleapis.com",
    "iam.googleapis.com",
    "lustre.googleapis.com",
    "networkconnectivity.googleapis.com",
    "secretmanager.googleapis.com",
    "servicenetworking.googleapis.com",
    "storage.googleapis.com",
)
_ROLES = frozenset(
    {
        "roles/artifactregistry.reader",
        "roles/cloudkms.cryptoKeyEncrypterDecrypter",
        "roles/container.admin",
        "roles/container.clusterViewer",
        "roles/container.defaultNodeServiceAccount",
        "roles/dns.admin",
        "roles/dns.reader",
        "roles/logging.logWriter",
        "roles/monitoring.metricWriter",
        "roles/monitoring.viewer",
        "roles/secretmanager.secretAccessor",
        "roles/serviceusage.serviceUsageConsumer",
        "roles/stackdriver.resourceMetadata.writer",
        "roles/storage.objectAdmin",
        "roles/storage.objectUser",
        "roles/storage.objectViewer",
    }
)
"""Source: https://cloud.google.com/iam/docs/roles-permissions."""
_MEMBER = Pattern(
    r"(user|group|serviceAccount|domain|principal|principalSet):\S+",
    "invalid value for member (IAM members must have one of the values outlined here: "
    "https://cloud.google.com/billing/docs/reference/rest/v1/Policy#Binding)",
)
GKE_AGENT = f"serviceAccount:service-{v.PROJECT_NUMBER}@container-engine-robot.iam.gserviceaccount.com"

SERVICE = Kind(
    token=v.SERVICE,
    source=f"{v.REGISTRY}/google_project_service",
    service="serviceusage",
    noun="Project Service",
    operation="Service",
    make_id=v.path_id("{project}/{service}"),
    properties={
        "service": Prop(allowed=OneOf(*_SERVICES), fixed=True),
        "disableOnDestroy": Prop(managed=True),
        **v.IN_PROJECT,
    },
    # What is enabled already stays so: the provider asks for a batch of services, and Google answers that it is done.
    adopts=True,
    stays=lambda properties: not truth(properties, "disableOnDestroy", default=True),
    missing=("notFound", "Service '{id}' was not found"),
    minutes=0.3,
)


def _account_computed(call: Call, inputs: Object) -> Object:
    email = f"{text(inputs, 'accountId')}@{v.project_of(call, inputs)}.iam.gserviceaccount.com"
    return {
        "email": email,
        "name": call.identifier,
        "member": f"serviceAccount:{email}",
        "uniqueId": str(int(v.digest(email), 16) + 10**20),
        "project": v.project_of(call, inputs),
    }


def _account_id(call: Call, inputs: Object) -> str:
    project = v.project_of(call, inputs)
    return f"projects/{project}/serviceAccounts/{text(inputs, 'accountId')}@{project}.iam.gserviceaccount.com"


SERVICE_ACCOUNT = Kind(
    token=v.SERVICE_ACCOUNT,
    source=f"{v.REGISTRY}/google_service_account",
    service="iam",
    noun="service account",
    operation="ServiceAccount",
    make_id=_account_id,
    properties={
        # https://cloud.google.com/iam/docs/service-accounts-create: 6 to 30 characters.
        "accountId": Prop(
            allowed=Pattern(
                r"[a-z](?:[-a-z0-9]{4,28}[a-z0-9])",
                '"account_id" doesn\'t match regexp "^[a-z](?:[-a-z0-9]{4,28}[a-z0-9])$"',
            ),
            fixed=True,
        ),
        "displayName": Prop(allowed=Between(0, 100)),
        **v.DESCRIBED,
        **v.IN_PROJECT,
    },
    on_create=(v.needs("iam.googleapis.com", "Identity and Access Management (IAM) API"),),
    compute=_account_computed,
    exists=("alreadyExists", "Service account {id} already exists within project"),
    missing=("notFound", "Unknown service account"),
)


def _member_exists(call: Call, inputs: Object) -> None:
    """https://cloud.google.com/iam/docs/troubleshooting-access; agents of Google's own are always there."""
    kind, _, email = text(inputs, "member").partition(":")
    agent = ".iam.gserviceaccount.com" in email and email.startswith("service-")
    if kind == "serviceAccount" and not agent and call.account.find(v.SERVICE_ACCOUNT, "email", email) is None:
        raise CloudError("badRequest", f"Service account {email} does not exist.")


def _role_exists(_call: Call, inputs: Object) -> None:
    role = text(inputs, "role")
    if role not in _ROLES:
        raise CloudError("badRequest", f"Role {role} is not supported for this resource.")


_BINDING = {"role": Prop(allowed=Pattern(r"(roles|projects/[^/]+/roles)/\S+"), fixed=True)}
_CONDITIONS = "https://cloud.google.com/iam/docs/conditions-overview"


def _binding_id(call: Call, inputs: Object) -> str:
    """Bindings of one role and member with other conditions are other bindings: google provider, ``iam_member.go``."""
    path = v.path_id("{project}/{role}/{member}")(call, inputs)
    title = text(inputs, "condition.title")
    return f"{path}/{title}" if title else path


def _condition_holds_somewhere(_call: Call, inputs: Object) -> None:
    """https://cloud.google.com/iam/docs/conditions-resource-attributes: secrets are named by the project's number."""
    expression = text(inputs, "condition.expression")
    if "/secrets/" in expression and not re.search(r"\bprojects/\d+/secrets/", expression):
        raise CloudError("badRequest", f"The condition {expression} names no secret of Secret Manager.")


IAM_MEMBER = Kind(
    token=v.IAM_MEMBER,
    source=f"{v.REGISTRY}/google_project_iam",
    service="cloudresourcemanager",
    noun="IAM Member",
    operation="IamPolicy",
    make_id=_binding_id,
    properties={
        **_BINDING,
        "member": Prop(allowed=_MEMBER, fixed=True),
        "condition": Prop(fixed=True, source=_CONDITIONS),
        "condition.title": Prop(allowed=Between(1, 100), fixed=True, source=_CONDITIONS),
        "condition.expression": Prop(allowed=Between(1, 2048), fixed=True, source=_CONDITIONS),
        **v.IN_PROJECT,
    },
    on_create=(
        v.needs("cloudresourcemanager.googleapis.com", "Cloud Resource Manager API"),
        _role_exists,
        _member_exists,
        _condition_holds_somewhere,
    ),
    missing=("notFound", "Binding '{id}' was not found"),
)

KEY_MEMBER = Kind(
    token=v.KEY_MEMBER,
    source=f"{v.REGISTRY}/google_kms_crypto_key_iam",
    service="cloudkms",
    noun="IAM Member for KMS CryptoKey",
    operation="IamPolicy",
    make_id=v.path_id("{cryptoKeyId}/{role}/{member}"),
    properties={
        **_BINDING,
        "member": Prop(allowed=_MEMBER, fixed=True),
        "cryptoKeyId": Prop(
            fixed=True,
            refers=Reference(
                kinds=(v.CRYPTO_KEY,), code="notFound", message="CryptoKey {value} not found.", holds=False
            ),
        ),
    },
    on_create=(_role_exists, _member_exists),
    missing=("notFound", "Binding '{id}' was not found"),
)

ZONE_MEMBER = Kind(
    token=v.ZONE_MEMBER,
    source=f"{v.REGISTRY}/dns_managed_zone_iam",
    service="dns",
    noun="IAM Member for Cloud DNS ManagedZone",
    operation="IamPolicy",
    make_id=v.path_id("projects/{project}/managedZones/{managedZone}/{role}/{member}"),
    properties={
        **_BINDING,
        **v.IN_PROJECT,
        "member": Prop(allowed=_MEMBER, fixed=True),
        "managedZone": Prop(
            fixed=True,
            refers=Reference(
                kinds=(v.MANAGED_ZONE,),
                by="name",
                code="notFound",
                message="The 'parameters.managedZone' resource named '{value}' does not exist.",
            ),
        ),
    },
    on_create=(v.needs("dns.googleapis.com", "Cloud DNS API"), _role_exists, _member_exists),
    missing=("notFound", "Binding '{id}' was not found"),
)

KINDS = (SERVICE, SERVICE_ACCOUNT, IAM_MEMBER, KEY_MEMBER, ZONE_MEMBER)
"""Every type of this file."""
