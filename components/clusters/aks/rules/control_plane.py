"""Rules of the control plane: versions, and what an adopted cluster does not take."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from ....contracts.errors import Problem
from ....contracts.maintenance import Maintenance
from ....networks.azure.settings import CreatedVnet
from ...lifecycles import offered_versions
from ...rules.adopted import ignored_setting_problems
from ...rules.versions import VERSION_FIELD, is_newer, unoffered_version
from ..settings import AksTarget, Support
from ..versions import AKS_VERSIONS
from .maintenance import maintenance_problems


def control_plane_problems(target: AksTarget, now: datetime) -> Iterator[Problem]:
    """What is wrong with the control plane."""
    yield from _version(target, now.date())
    yield from maintenance_problems(target.maintenance)
    if target.adopt_cluster:
        yield from _adopted(target)


def _version(target: AksTarget, today: date) -> Iterator[Problem]:
    version, offered = target.kubernetes_version, offered_versions(AKS_VERSIONS, today)
    if is_newer(version, AKS_VERSIONS):
        # The table was read on some day; whether the region offers the version is asked at preview.
        return
    if version not in offered:
        yield unoffered_version("AKS", version, offered)
        return
    lifecycle = AKS_VERSIONS[version]
    if target.support is Support.STANDARD and not target.adopt_cluster and not lifecycle.in_standard_support(today):
        yield Problem(
            field=VERSION_FIELD,
            cause=f"standard support of Kubernetes {version} ended before {lifecycle.standard_until}",
            consequence="AKS refuses new clusters of it without long-term support, and upgrades old ones by itself",
            fix=f"raise it by one minor version at a time to {offered[-1]}; "
            f"or write support: {Support.EXTENDED.value}, at the price of the Premium tier",
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
        "maintenance": target.maintenance != Maintenance(),
    }
    yield from ignored_setting_problems(ignored)
