"""Hosted zones of Route 53, and whether pods of a cluster may write records into one."""

from __future__ import annotations

import json
from fnmatch import fnmatchcase
from typing import cast

from ...provider.dns_records import DnsService, Writer
from ...provider.store import Account, Record
from ...provider.values import Object, objects, text, texts
from . import vocabulary as v

_CHANGE = "route53:ChangeResourceRecordSets"


def _may_write(account: Account, writer: Writer, zone: Record) -> bool:
    """By the policies inside of the role that EKS Pod Identity gives to the service account."""
    arn = f"arn:aws:route53:::hostedzone/{zone.identifier}"
    for association in account.where(v.POD_IDENTITY, "clusterName", writer.cluster):
        if (association.text("namespace"), association.text("serviceAccount")) == (writer.namespace, writer.account):
            role = association.text("roleArn").rpartition("/")[2]
            documents = [policy.text("policy") for policy in account.where(v.ROLE_POLICY, "role", role)]
            return any(_allows(cast("Object", json.loads(document)), arn) for document in documents)
    return False


def _allows(document: Object, arn: str) -> bool:
    return any(
        text(statement, "Effect") == "Allow"
        and _CHANGE in texts(statement, "Action")
        and any(fnmatchcase(arn, found) for found in texts(statement, "Resource") or [text(statement, "Resource")])
        for statement in objects(document, "Statement")
    )


DNS = DnsService(
    source="https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/access-control-managing-permissions.html",
    provider="aws",
    zone=v.HOSTED_ZONE,
    record=v.DNS_RECORD,
    domain=lambda zone: zone.text("name"),
    may_write=_may_write,
)
"""Route 53."""
