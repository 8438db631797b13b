"""What keeps an agent pool's machines from coming up: quota, capacity, reservations."""

from __future__ import annotations

from ...provider.errors import CloudError
from ...provider.store import Account, Record
from ...provider.tables import Call
from ...provider.values import Object, objects, text, texts, whole
from . import vocabulary as v
from .machine_sizes import family, limit, offered_in, size


def used(account: Account, quota: str, without: str = "") -> int:
    """Cores of a quota that run in the subscription, less those of one pool."""
    return sum(
        _vcpus(pool) for identifier, pool in _pools(account) if identifier != without and quota in quotas_of(pool)
    )


def quotas_of(pool: Object) -> tuple[str, ...]:
    """The quotas that a pool's machines count against.

    https://learn.microsoft.com/azure/virtual-machines/quotas: spot machines have one of the region's own.
    """
    if text(pool, "scaleSetPriority") == "Spot":
        return ("lowPriorityCores",)
    return ("cores", family(text(pool, "vmSize")))


def require_quota(call: Call, pool: Object, identifier: str) -> None:
    """Words: https://learn.microsoft.com/azure/aks/error-code-quotaexceeded, asked before anything is made.

    Raises:
        CloudError: when the subscription may not have that many.
    """
    if text(pool, "capacityReservationGroupID"):
        return
    for quota in quotas_of(pool):
        running, most = used(call.account, quota, identifier), limit(call, quota)
        if running + _vcpus(pool) > most:
            raise CloudError(
                "QuotaExceeded",
                "Preflight validation check for resource(s) for container service in resource group failed. Message: "
                f"Operation could not be completed as it results in exceeding approved {quota} Cores quota. Additional "
                f"details - Deployment Model: Resource Manager, Location: {call.region}, Current Limit: {most}, "
                "Current "
                f"Usage: {running}, Additional Required: {_vcpus(pool)}, (Minimum) New Limit Required: "
                f"{running + _vcpus(pool)}. Submit a request for Quota increase.",
            )


def require_size(call: Call, pool: Object) -> None:
    """Words: https://learn.microsoft.com/troubleshoot/azure/azure-kubernetes/create-upgrade-delete/error-code-skunotavailable.

    Raises:
        CloudError: when the subscription has no such size there.
    """
    name = text(pool, "vmSize")
    known = size(name)
    if known is None or call.account.fact(f"barred:{name}"):
        raise CloudError(
            "SkuNotAvailable" if known else "InvalidParameter",
            f"The VM size of {name} is not allowed in your subscription in location '{call.region}'. For more details, "
            "please visit https://aka.ms/cpu-quota",
        )
    wrong = [zone for zone in texts(pool, "availabilityZones") if zone not in offered_in(call, name)]
    if wrong:
        raise CloudError(
            "AvailabilityZoneNotSupported",
            f"Preflight validation check for resource(s) for container service failed. Message: The zone(s) "
            f"'{','.join(wrong)}' for resource 'agentPool' is not supported for VM size {name}. The supported "
            "zones for "
            f"location '{call.region}' are '{','.join(offered_in(call, name))}'",
        )


def require_reservation(call: Call, pool: Object, identifier: str) -> None:
    """https://learn.microsoft.com/azure/aks/use-capacity-reservation-groups, limitations.

    Raises:
        CloudError: when the reservation is not for these machines.
    """
    reservation = text(pool, "capacityReservationGroupID")
    group = call.account.get(v.RESERVATION_GROUP, reservation) if reservation else None
    if group is None:
        return
    zones = texts(pool, "availabilityZones")
    held = sum(
        whole(reserved, "capacity")
        for reserved in objects(group.inputs, "reservations")
        if text(reserved, "size") == text(pool, "vmSize") and (text(reserved, "zone") in zones or not zones)
    )
    taken = sum(
        whole(other, "count")
        for other_id, other in _pools(call.account)
        if other_id != identifier and text(other, "capacityReservationGroupID") == reservation
    )
    if not held:
        raise CloudError(
            "CapacityReservationGroupMismatch",
            f"The capacity reservation group {reservation} has no capacity reservation of {text(pool, 'vmSize')} in "
            f"zone(s) '{','.join(zones)}'.",
        )
    if taken + whole(pool, "count", 1) > held:
        raise CloudError(
            "OverconstrainedZonalAllocationRequest",
            "Allocation failed. VM(s) with the following constraints cannot be allocated, because the condition is too "
            "restrictive. Please remove some constraints and try again. Constraints applied are: - Differencing "
            "(Ephemeral) "
            "Disks or not - Networking Constraints (such as Accelerated Networking or IPv6) - Capacity "
            "Reservation - VM Size",
        )


def require_machines(account: Account, record: Record, pool: Object) -> None:
    """What only shows once machines are asked for: the fact ``sold-out:<size>``.

    Words: https://learn.microsoft.com/troubleshoot/azure/azure-kubernetes/create-upgrade-delete/error-code-zonalallocation-allocationfailed.

    Raises:
        CloudError: when Azure has no machines.
    """
    name = text(pool, "vmSize")
    if account.fact(f"sold-out:{name}") is None:
        return
    if texts(pool, "availabilityZones"):
        raise CloudError("ZonalAllocationFailed", zonal_words(record))
    raise CloudError("AllocationFailed", allocation_words(record))


def zonal_words(record: Record) -> str:
    """What Azure says when a zone has no machines."""
    del record
    return (
        "Allocation failed. We do not have sufficient capacity for the requested VM size in this zone. Read more about "
        "improving likelihood of allocation success at http://aka.ms/allocation-guidance"
    )


def allocation_words(record: Record) -> str:
    """What Azure says when a region has no machines."""
    del record
    return (
        "Allocation failed. If you are trying to add a new VM to a Virtual Machine Scale Set with a single "
        "placement group "
        "or update/resize an existing VM in a Virtual Machine Scale Set with a single placement group, please "
        "note that "
        "such allocation is scoped to a single cluster, and it is possible that the cluster is out of capacity."
    )


def inline_pools(cluster: Record) -> list[Object]:
    """Pools that a cluster was made with; a change of it may send others along, which are objects of their own."""
    return [pool for pool in objects(cluster.inputs, "agentPoolProfiles") if text(pool, "mode") == "System"]


def _pools(account: Account) -> list[tuple[str, Object]]:
    own = [(agent_pool.identifier, agent_pool.properties) for agent_pool in account.records(v.AGENT_POOL)]
    inline = [
        (f"{cluster.identifier}/agentPools/{text(pool, 'name')}", pool)
        for cluster in account.records(v.CLUSTER)
        for pool in inline_pools(cluster)
    ]
    return [*own, *inline]


def _vcpus(pool: Object) -> int:
    known = size(text(pool, "vmSize"))
    return known.vcpus * whole(pool, "count", 1) if known else 0
