"""Rules of the control plane: versions, and what an adopted cluster does not take."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from ....contracts.errors import Problem
from ....networks.azure.settings import CreatedVnet
from ...rules.versions import minor
from ..settings import AksTarget, Support
from ..versions import AKS_VERSIONS, in_standard_support, is_offered


def control_plane_problems(target: AksTarget, now: datetime) -> Iterator[Problem]:
    """What is wrong with the control plane."""
    yield from _version(target, now.date())
    if target.adopt_cluster:
        yield from _adopted(target)


def _version(target: AksTarget, today: date) -> Iterator[Problem]:
    field, version = "target.kubernetes_version", target.kubernetes_version
    newest = max((each for each in AKS_VERSIONS if is_offered(each, today)), key=minor, default=None)
    if not is_offered(version, today):
        offered = ", ".join(each for each in AKS_VERSIONS if is_offered(each, today))
        yield Problem(
            field=field,
            cause=f"AKS does not offer Kubernetes {version}",
            consequence="no cluster can be made with it, and AKS upgrades one that runs it by itself",
            fix=f"use one of: {offered}" if newest else "bring the table of AKS versions up to date",
        )
    elif target.support is Support.STANDARD and not target.adopt_cluster and not in_standard_support(version, today):
        yield Problem(
            field=field,
            cause=f"standard support of Kubernetes {version} ended before {AKS_VERSIONS[version].standard_until}",
            consequence="AKS refuses new clusters of it without long-term support, and upgrades old ones by itself",
            fix=f"raise it by one minor version at a time to {newest}; "
            f"or write support: {Support.LONG_TERM.value}, at the price of the Premium tier",
        )


def _adopted(target: AksTarget) -> Iterator[Problem]:
    if isinstance(target.network, CreatedVnet):
        yield Problem(
            field="target.network.kind",
            cause="the cluster exists, so its network does too",
            consequence="nodes in a new network could not reach the control plane, and AKS refuses such a pool",
            fix="write kind: adopt with the cluster's network and its subnets",
        )
    ignored = {
        "cluster_identity": target.cluster_identity is not None,
        "node_identity": target.node_identity is not None,
        "private_dns_zone": target.private_dns_zone is not None,
        "kms_key": target.kms_key is not None,
        "support": target.support is not Support.STANDARD,
    }
    for name, given in ignored.items():
        if given:
            yield Problem(
                field=f"target.{name}",
                cause="an adopted control plane stays as it is",
                consequence="the setting would be ignored",
                fix="remove it, or change the control plane where it is managed",
            )
