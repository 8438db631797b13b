"""Resource groups."""

from __future__ import annotations

from ...provider.rules import Pattern
from ...provider.tables import Call, Kind, Prop
from ...provider.values import Object, text
from . import vocabulary as v


def _identifier(call: Call, inputs: Object) -> str:
    return f"/subscriptions/{v.subscription(call)}/resourceGroups/{text(inputs, 'resourceGroupName')}"


RESOURCE_GROUP = Kind(
    token=v.RESOURCE_GROUP,
    source=f"{v.SPECS}/resources/resource-manager/Microsoft.Resources; {v.RESOURCE_NAMES}",
    service="Microsoft.Resources",
    noun="resource group",
    operation="ResourceGroups",
    make_id=_identifier,
    autoname="resourceGroupName",
    properties={
        "resourceGroupName": Prop(allowed=Pattern(r"[A-Za-z0-9_.()-]{0,89}[A-Za-z0-9_()-]"), fixed=True),
        **v.PLACED,
    },
    compute=v.described("Microsoft.Resources/resourceGroups"),
    missing=("ResourceGroupNotFound", "Resource group '{id}' could not be found."),
    exists=("ResourceGroupExists", "cannot create already existing resource '{id}'"),
)

KINDS = (RESOURCE_GROUP,)
"""Every type of this file."""
