"""Managed add-ons of EKS."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import cast

from ...provider.errors import CloudError, WaitError
from ...provider.rules import Pattern
from ...provider.store import Account, Record
from ...provider.tables import Call, Kind, Prop, Reference
from ...provider.values import Object, Value, objects, text, truth, whole
from . import vocabulary as v
from .access import require_pod_trust
from .add_on_catalog import CATALOG, default_version, is_on_offer
from .clusters import NOT_FOUND, cluster_of, cluster_reference
from .control_planes import add_on_effects, managed

_INVALID = "InvalidParameterException"
_SEMANTIC_VERSION = r"v(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?"
_TEXT, _OBJECT, _LIST, _NUMBER = "string", "object", "array", "integer"
_VPC_CNI: Mapping[str, str] = {
    **dict.fromkeys(("enableNetworkPolicy", "enableWindowsIpam", "enableWindowsPrefixDelegation"), _TEXT),
    **dict.fromkeys(("affinity", "env", "eniConfig", "init", "nodeAgent", "podAnnotations", "podLabels"), _OBJECT),
    **dict.fromkeys(("resources", "livenessProbe", "readinessProbe"), _OBJECT),
    **dict.fromkeys(("livenessProbeTimeoutSeconds", "readinessProbeTimeoutSeconds"), _NUMBER),
    "tolerations": _LIST,
}
"""Source: aws eks describe-addon-configuration --addon-name vpc-cni, the top of its JSON schema."""
_JSON_NAMES: Mapping[type, str] = {
    str: _TEXT,
    dict: _OBJECT,
    list: _LIST,
    int: _NUMBER,
    bool: "boolean",
    float: "number",
}


def driver_of(name: str) -> str:
    """The CSI driver that an add-on installs; empty for all others."""
    return CATALOG[name].driver if name in CATALOG else ""


def _on_offer(call: Call, inputs: Object) -> None:
    """https://github.com/hashicorp/terraform-provider-aws/issues/32238, aws/containers-roadmap#1429."""
    name, version = text(inputs, "addonName"), text(inputs, "addonVersion")
    cluster = cluster_of(call, inputs)
    if name not in CATALOG:
        raise CloudError(_INVALID, "Addon specified is not supported")
    if version and cluster is not None and not is_on_offer(name, version, cluster.text("version")):
        raise CloudError(_INVALID, "Addon version specified is not supported")


def _configuration(_call: Call, inputs: Object) -> None:
    """https://docs.aws.amazon.com/eks/latest/userguide/kubernetes-field-management.html."""
    written = text(inputs, "configurationValues")
    if not written:
        return
    refused = "ConfigurationValue provided in request is not supported: "
    try:
        values = cast("Value", json.loads(written))
    except ValueError:
        # EKS takes YAML too; this program writes JSON.
        raise CloudError(_INVALID, f"{refused}Configuration values are not valid JSON or YAML") from None
    if not isinstance(values, dict) or text(inputs, "addonName") != "vpc-cni":
        return
    wrong: list[str] = []
    for key, value in values.items():
        expected, found = _VPC_CNI.get(key), _JSON_NAMES.get(type(value), "null")
        if expected is None:
            wrong.append(f"$.{key}: is not defined in the schema and the schema does not allow additional properties")
        elif expected != found:
            wrong.append(f"$.{key}: {found} found, {expected} expected")
    if wrong:
        raise CloudError(_INVALID, f"{refused}Json schema validation failed with error: [{', '.join(wrong)}]")


def _identities(call: Call, inputs: Object) -> None:
    """Words: terraform-aws-eks#3520 and terraform-provider-aws#41483."""
    name = text(inputs, "addonName")
    supported = CATALOG[name].service_accounts
    for association in objects(inputs, "podIdentityAssociations"):
        account = text(association, "serviceAccount")
        if not supported:
            cluster = cluster_of(call, inputs)
            version = text(inputs, "addonVersion") or default_version(name, cluster.text("version") if cluster else "")
            raise CloudError(_INVALID, f"Pod Identity feature is not supported for addon version: {version}")
        if account not in supported:
            raise CloudError(
                _INVALID, f"Service account {account} in pod identity configuration is not supported for addon {name}"
            )
        require_pod_trust(call, text(association, "roleArn"))


def _computed(call: Call, inputs: Object) -> Object:
    cluster = cluster_of(call, inputs)
    name = text(inputs, "addonName")
    resource = f"addon/{text(inputs, 'clusterName')}/{name}/{v.random_id('addon')(call, inputs)}"
    return {
        "arn": v.arn(call, "eks", resource),
        "addonVersion": default_version(name, cluster.text("version") if cluster else ""),
        "createdAt": "2026-01-01T00:00:00Z",
        "modifiedAt": "2026-01-01T00:00:00Z",
    }


def require_running(account: Account, add_on: Record) -> None:
    """The add-on's pods come up.

    Raises:
        CloudError: when they do not, in the words in which the provider ends its waiting.
    """
    entry = CATALOG[add_on.text("addonName")]
    cluster = account.get(v.CLUSTER, add_on.text("clusterName"))
    own = cluster is not None and truth(cluster.properties, "bootstrapSelfManagedAddons", default=True)
    if entry.self_managed and own and add_on.text("resolveConflictsOnCreate") != "OVERWRITE":
        # https://docs.aws.amazon.com/eks/latest/userguide/add-ons-troubleshooting.html
        raise CloudError(
            "ConfigurationConflict",
            "Conflicts found when trying to apply. Will not continue due to resolve conflicts mode.",
        )
    if entry.controller and not _free_nodes(account, add_on.text("clusterName")):
        # https://github.com/pulumi/pulumi-eks/issues/1819
        raise WaitError(
            "InsufficientNumberOfReplicas",
            "timeout while waiting for state to become 'ACTIVE' (last state: 'DEGRADED', timeout: 20m0s)",
        )


def _free_nodes(account: Account, cluster: str) -> int:
    """Nodes on which pods run that tolerate nothing."""
    return sum(
        whole(group.properties, "scalingConfig.desiredSize")
        for group in account.where(v.NODE_GROUP, "clusterName", cluster)
        if group.status != "CREATE_FAILED"
        and not any(text(taint, "effect") != "PREFER_NO_SCHEDULE" for taint in objects(group.properties, "taints"))
    )


_TO_ROLE = Reference(
    kinds=(v.ROLE,), by="arn", code=_INVALID, message="Role provided in the request does not exist.", holds=False
)

ADDON = Kind(
    token=v.ADDON,
    source=f"{v.REGISTRY}/eks_addon; {v.EKS_API}/API_CreateAddon.html",
    service="EKS",
    noun="EKS Add-On",
    operation="Addon",
    make_id=v.id_from("clusterName", "addonName"),
    properties={
        "clusterName": Prop(fixed=True, refers=cluster_reference()),
        "addonName": Prop(fixed=True),
        "addonVersion": Prop(allowed=Pattern(_SEMANTIC_VERSION, "must follow semantic version format"), managed=True),
        "configurationValues": Prop(managed=True),
        "podIdentityAssociations": Prop(unordered=True),
        "podIdentityAssociations.roleArn": Prop(refers=_TO_ROLE),
        "podIdentityAssociations.serviceAccount": Prop(),
        "resolveConflictsOnCreate": v.one_of("NONE", "OVERWRITE"),
        "resolveConflictsOnUpdate": v.one_of("NONE", "OVERWRITE", "PRESERVE"),
        **v.TAGGED,
    },
    demands=(_on_offer, _configuration, _identities),
    compute=_computed,
    exists=("ResourceInUseException", "Addon already exists."),
    missing=(NOT_FOUND, "No addon: {id} found in cluster."),
    minutes=1,
    delete_minutes=1,
    effects=add_on_effects(managed, driver_of, require_running),
)

KINDS = (ADDON,)
"""Every type of this file."""
