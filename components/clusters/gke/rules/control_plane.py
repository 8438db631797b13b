"""Rules of the control plane: version, ways in, zones, and what an adopted cluster does not take."""

from __future__ import annotations

import re
from collections.abc import Iterator
from math import ceil

from ....contracts.api_access import PublicAccess
from ....contracts.errors import Problem
from ....contracts.maintenance import Maintenance
from ....contracts.versions import KUBERNETES_OLDEST
from ....networks.gcp.settings import AdoptedVpc, CreatedVpc
from ...rules.adopted import ignored_setting_problems
from ...rules.api_access import access_problems
from ...rules.duplicates import duplicate_problems
from ...rules.versions import minor
from ...rules.zones import foreign_zone_problems
from ..settings import ApiEndpoint, ControlPlaneLog, GkeTarget, ReleaseChannel, Support

# GKE documentation, how-to/authorized-networks, limitations.
_MOST_NETWORKS = 100
_SHORTEST_WINDOW, _DAY, _LEAST_MAINTENANCE = 4, 24, 48


def control_plane_problems(target: GkeTarget) -> Iterator[Problem]:
    """What is wrong with the control plane."""
    yield from _version(target)
    yield from _zones(target)
    if target.adopt_cluster:
        yield from _adopted(target)
        return
    yield from _endpoint_access(target)
    yield from _maintenance(target.maintenance)
    if target.support is Support.EXTENDED and target.release_channel is not ReleaseChannel.REGULAR:
        yield Problem(
            field="target.release_channel",
            cause=f"extended support is a release channel of its own, and this is {target.release_channel.value}",
            consequence="one of the two would be ignored",
            fix="remove release_channel: versions come as in REGULAR; or remove support",
        )


def _maintenance(maintenance: Maintenance) -> Iterator[Problem]:
    """GKE documentation, concepts/maintenance-windows-and-exclusions, limitations."""
    hours = maintenance.duration.whole_seconds / 3600
    days = len(set(maintenance.days))
    in_32_days = 4 * days * hours
    if _SHORTEST_WINDOW <= hours <= _DAY and in_32_days >= _LEAST_MAINTENANCE:
        return
    needed = max(_SHORTEST_WINDOW, ceil(_LEAST_MAINTENANCE / (4 * days)))
    yield Problem(
        field="target.maintenance.duration",
        cause=f"{maintenance.duration} on {days} days a week",
        consequence=f"GKE refuses windows that are shorter than {_SHORTEST_WINDOW}h or longer than a day, or that "
        f"leave it less than {_LEAST_MAINTENANCE} hours in 32 days",
        fix=f"use {needed}h",
    )


def _version(target: GkeTarget) -> Iterator[Problem]:
    if minor(target.kubernetes_version) < minor(KUBERNETES_OLDEST):
        yield Problem(
            field="target.kubernetes_version",
            cause=f"Kubernetes {target.kubernetes_version} is older than {KUBERNETES_OLDEST}",
            consequence="GKE offers it no more, and servers could not drain",
            fix=f'use {KUBERNETES_OLDEST} or newer, such as "1.34"',
        )


def _zones(target: GkeTarget) -> Iterator[Problem]:
    yield from duplicate_problems(
        "target.control_plane_logs", target.control_plane_logs, "GKE refuses a log that is there already"
    )
    yield from duplicate_problems("target.network.zones", target.zones, "its nodes would be counted twice")
    example = next(zone for zone in (f"{target.region}-{letter}" for letter in "abcdef") if zone not in target.zones)
    zones = [(f"target.network.zones[{index}]", zone) for index, zone in enumerate(target.zones)]
    own = re.compile(rf"{re.escape(target.region)}-[a-z]+\d*")
    yield from foreign_zone_problems(
        target.region,
        zones,
        [(field, zone) for field, zone in zones if not own.fullmatch(zone)],
        consequence="GKE takes the nodes of a regional cluster into zones of its region only",
        example=example,
    )


def _endpoint_access(target: GkeTarget) -> Iterator[Problem]:
    access, by_name = target.api_access, target.api_endpoint is ApiEndpoint.DNS
    if by_name and access.cidrs:
        yield Problem(
            field="target.api_access.cidrs",
            cause="the DNS endpoint admits identities and looks at no network",
            consequence="the list would protect nothing: whoever holds a token gets in from anywhere in Google Cloud",
            fix="write api_endpoint: ip to admit networks, or kind: private without cidrs",
        )
    elif by_name and isinstance(access, PublicAccess):
        return
    elif not by_name:
        joined = () if isinstance(target.network, CreatedVpc) and not target.network.hub else None
        yield from access_problems(access, joined)
    yield from duplicate_problems(
        "target.api_access.cidrs", access.cidrs, "GKE refuses a network that is there already"
    )
    if len(access.cidrs) > _MOST_NETWORKS:
        yield Problem(
            field="target.api_access.cidrs",
            cause=f"{len(access.cidrs)} networks",
            consequence=f"GKE takes {_MOST_NETWORKS} authorized networks, and refuses the cluster",
            fix="join neighbouring networks",
        )
    if by_name and target.control_plane_cidr:
        yield Problem(
            field="target.control_plane_cidr",
            cause="a control plane that is reached by its DNS endpoint has no address in the VPC",
            consequence="the range would be lost to everything else",
            fix="remove it, or write api_endpoint: ip",
        )


def _adopted(target: GkeTarget) -> Iterator[Problem]:
    if not isinstance(target.network, AdoptedVpc):
        yield Problem(
            field="target.network.kind",
            cause="the cluster exists, so its VPC does too",
            consequence="a second VPC would be made that no node is in",
            fix="write kind: adopt with the network and the subnet of the cluster",
        )
    ignored = {
        "admins": bool(target.admins),
        "control_plane_cidr": target.control_plane_cidr is not None,
        "kms_key": target.kms_key is not None,
        "control_plane_logs": set(target.control_plane_logs) != set(ControlPlaneLog),
        "maintenance": target.maintenance != Maintenance(),
        "support": target.support is not Support.STANDARD,
        "release_channel": target.release_channel is not ReleaseChannel.REGULAR,
    }
    yield from ignored_setting_problems(ignored)
