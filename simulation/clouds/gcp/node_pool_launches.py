"""What keeps the machines of a node pool from coming up after GKE took it.

All of these appear minutes after the call, as the error of its operation. Words:
https://cloud.google.com/kubernetes-engine/docs/troubleshooting/cluster-autoscaler-scale-up and
https://cloud.google.com/compute/docs/resource-error.
"""

from __future__ import annotations

import ipaddress
import re

from ...provider.errors import CloudError
from ...provider.store import Account, Record
from ...provider.tables import Call
from ...provider.values import objects, text, texts, truth, whole
from . import vocabulary as v
from .machine_types import hardware
from .quotas import ALL_GPUS, quota, quotas_of


def require_machines(account: Account, pool: Record) -> None:
    """The machines come up and join.

    Raises:
        CloudError: with the error of the operation when they do not.
    """
    per_zone = _per_zone(pool)
    zones = texts(pool.properties, "nodeLocations")
    total = per_zone * len(zones)
    if not total:
        return
    call = Call(account=account, region=pool.text("location"), identifier=pool.identifier)
    kind = text(pool.properties, "nodeConfig.machineType")
    _reserved(call, pool, kind, total)
    _quota(call, pool, kind, total)
    _stock(call, pool, kind, zones, per_zone)
    _addresses(call, pool)


def _per_zone(pool: Record) -> int:
    given = pool.get("nodeCount")
    return int(given) if isinstance(given, int) else whole(pool.properties, "initialNodeCount")


def _reservation(pool: Record) -> str:
    values = texts(pool.properties, "nodeConfig.reservationAffinity.values")
    found = re.fullmatch(
        r"(?:projects/[^/]+/reservations/)?([^/]+)(?:/reservationBlocks/.*)?", values[0] if values else ""
    )
    return found[1] if found else ""


def _reserved(call: Call, pool: Record, kind: str, total: int) -> None:
    name = _reservation(pool)
    if not name:
        if hardware(kind).reserved_only:
            raise CloudError("ZONE_RESOURCE_POOL_EXHAUSTED", f"Machine type {kind} is available by reservation only.")
        return
    found = call.account.find(v.RESERVATION, "name", name)
    if found is None or found.text("machineType") != kind:
        has = found.text("machineType") if found else "nothing"
        raise CloudError(
            "ZONE_RESOURCE_POOL_EXHAUSTED",
            f"Reservation {name} does not match: it holds {has}, and instances of {kind} were requested.",
        )
    taken = sum(
        _per_zone(other) * len(texts(other.properties, "nodeLocations"))
        for other in call.account.records(v.NODE_POOL)
        if other.identifier != pool.identifier and _reservation(other) == name
    )
    if taken + total > whole(found.properties, "count"):
        raise CloudError(
            "ZONE_RESOURCE_POOL_EXHAUSTED",
            f"Specified reservation {name} does not have available resources for the request.",
        )


def _quota(call: Call, pool: Record, kind: str, total: int) -> None:
    if _reservation(pool):
        return
    for code, each in quotas_of(call, kind, spot=_is_spot(pool)).items():
        running = total * each
        for other in call.account.records(v.NODE_POOL):
            theirs = quotas_of(call, text(other.properties, "nodeConfig.machineType"), spot=_is_spot(other))
            if other.identifier != pool.identifier and not _reservation(other):
                running += theirs.get(code, 0) * _per_zone(other) * len(texts(other.properties, "nodeLocations"))
        limit = quota(call, code)
        if running > limit:
            place = "globally." if code == ALL_GPUS else f"in region {pool.text('location')}."
            raise CloudError("QUOTA_EXCEEDED", f"Quota '{code}' exceeded.  Limit: {limit} {place}")


def _is_spot(pool: Record) -> bool:
    return (
        truth(pool.properties, "nodeConfig.spot")
        or truth(pool.properties, "nodeConfig.flexStart")
        or truth(pool.properties, "queuedProvisioning.enabled")
    )


def _stock(call: Call, pool: Record, kind: str, zones: list[str], per_zone: int) -> None:
    """The fact ``stock:<type>`` is what tests change."""
    stock = call.account.fact(f"stock:{kind}")
    if stock is None or _reservation(pool) or per_zone <= int(stock):
        return
    link = f"{v.SELF}/projects/{v.PROJECT}/zones/{zones[0]}"
    raise CloudError(
        "ZONE_RESOURCE_POOL_EXHAUSTED",
        f"Instance 'gke-{pool.text('name')}' creation failed: The zone '{link.removeprefix(v.SELF + '/')}' does not "
        "have enough resources available to fulfill the request.  Try a different zone, or try again later.",
    )


def _addresses(call: Call, pool: Record) -> None:
    """Each node takes a slice of the pods' range: https://cloud.google.com/kubernetes-engine/docs/concepts/alias-ips."""
    cluster = call.account.get(v.CLUSTER, pool.text("cluster"))
    subnet = call.account.get(v.SUBNETWORK, cluster.text("subnetwork")) if cluster else None
    if cluster is None or subnet is None:
        return
    name = cluster.text("ipAllocationPolicy.clusterSecondaryRangeName")
    ranges = {
        text(secondary, "rangeName"): text(secondary, "ipCidrRange")
        for secondary in objects(subnet.properties, "secondaryIpRanges")
    }
    pods = ipaddress.IPv4Network(ranges.get(name, "10.0.0.0/8"))
    most = whole(pool.properties, "maxPodsPerNode", whole(cluster.properties, "defaultMaxPodsPerNode", 110))
    prefix = 32 - (2 * most - 1).bit_length()
    nodes = sum(
        _per_zone(other) * len(texts(other.properties, "nodeLocations"))
        for other in call.account.where(v.NODE_POOL, "cluster", cluster.identifier)
    )
    if nodes > 2 ** max(prefix - pods.prefixlen, 0):
        raise CloudError(
            "IP_SPACE_EXHAUSTED",
            f"Instance 'gke-{pool.text('name')}' creation failed: IP space of "
            f"'{subnet.identifier}-{name}' is exhausted.",
        )
