"""What the simulated project holds before any program, and how tests put more into it."""

from __future__ import annotations

from ...provider.store import Account, Record
from ...provider.values import Object
from . import vocabulary as v
from .quotas import fact_of

HUB = f"projects/{v.PROJECT}/locations/global/hubs/company"
"""Joins the company's networks; the example stack's."""
INTERCONNECTS = {"iad-1": "iad-zone1-1", "iad-2": "iad-zone2-1", "ord-1": "ord-zone1-7", "ord-2": "ord-zone2-7"}
"""Interconnects of the example's links, by facility."""
RESERVATION = "h200"
ZONE, DOMAIN = "ai-example-com", "ai.example.com"
"""The zone in which the example's names are written."""
_BY_DEFAULT = ("serviceusage", "storage")
"""Enabled in every new project: https://cloud.google.com/service-usage/docs/enabled-service#default."""
_BY_HAND = (
    *("cloudquotas", "cloudresourcemanager", "compute", "container", "containerfilesystem", "dns", "file"),
    *("iam", "networkconnectivity", "secretmanager"),
)
"""What somebody enabled in the example's project, as the first preview of a new one asks for."""


def seed(account: Account) -> None:
    """Fill a new project with what the example stack finds in its own."""
    account.set_fact(v.PROJECT_FACT, v.PROJECT)
    for name in (*_BY_DEFAULT, *_BY_HAND):
        service = f"{name}.googleapis.com"
        account.seed(v.SERVICE, f"{v.PROJECT}/{service}", {"service": service, "project": v.PROJECT})
    account.seed(v.HUB, HUB, {"name": "company"})
    for name, location in INTERCONNECTS.items():
        seed_interconnect(account, name, location)
    seed_zone(account, ZONE, DOMAIN)
    seed_reservation(account, RESERVATION, machine="a3-ultragpu-8g", zone="us-central1-b", count=4)


def disable(account: Account, *names: str) -> None:
    """Leave APIs off, such as ``cloudquotas``, as they are in a new project."""
    for name in names or _BY_HAND:
        account.remove(v.SERVICE, f"{v.PROJECT}/{name}.googleapis.com")


def seed_interconnect(account: Account, name: str, location: str, state: str = "ACTIVE") -> Record:
    """An interconnect that was ordered by other hands."""
    path = f"projects/{v.PROJECT}/global/interconnects/{name}"
    where = f"{v.SELF}/projects/{v.PROJECT}/global/interconnectLocations/{location}"
    inputs: Object = {"name": name, "location": where, "interconnectType": "DEDICATED", "requestedLinkCount": 1}
    return account.seed(v.INTERCONNECT, path, inputs, {"selfLink": f"{v.SELF}/{path}", "state": state})


def seed_reservation(account: Account, name: str, *, machine: str, zone: str, count: int) -> Record:
    """Machines that are paid for, whether they run or not.

    Args:
        account: Where.
        name: Name of the reservation.
        machine: Their type.
        zone: Where they are.
        count: How many.
    """
    inputs: Object = {"name": name, "zone": zone, "machineType": machine, "count": count, "specific": True}
    return account.seed(v.RESERVATION, f"projects/{v.PROJECT}/zones/{zone}/reservations/{name}", inputs)


def seed_network(account: Account, name: str, project: str = v.PROJECT) -> Record:
    """A VPC that other hands made."""
    path = f"projects/{project}/global/networks/{name}"
    return account.seed(v.NETWORK, path, {"name": name}, {"selfLink": f"{v.SELF}/{path}"})


def share_network(account: Account, host: str, *grants: tuple[str, str]) -> None:
    """Let the project use the networks of another one.

    Args:
        account: Where.
        host: Id of the host project.
        grants: Roles in the host project, each with its member.
    """
    account.set_fact(v.HOST_FACT.format(host), "attached")
    for role, member in grants:
        inputs: Object = {"project": host, "role": role, "member": member}
        account.seed(v.IAM_MEMBER, f"{host}/{role}/{member}", inputs)


def seed_subnet(
    account: Account, name: str, network: str, cidr: str, region: str, *, project: str = v.PROJECT, **ranges: str
) -> Record:
    """A subnet of it, with secondary ranges by name."""
    path = f"projects/{project}/regions/{region}/subnetworks/{name}"
    inputs: Object = {
        "name": name,
        "network": f"projects/{project}/global/networks/{network}",
        "region": region,
        "ipCidrRange": cidr,
        "secondaryIpRanges": [{"rangeName": range_name, "ipCidrRange": held} for range_name, held in ranges.items()],
    }
    return account.seed(v.SUBNETWORK, path, inputs, {"selfLink": f"{v.SELF}/{path}"})


def seed_zone(account: Account, name: str, domain: str) -> Record:
    """A managed zone of Cloud DNS."""
    path = f"projects/{v.PROJECT}/managedZones/{name}"
    return account.seed(v.MANAGED_ZONE, path, {"name": name, "dnsName": f"{domain}."})


def seed_key(account: Account, name: str) -> Record:
    """A key of Cloud KMS by its path."""
    return account.seed(v.CRYPTO_KEY, name, {"name": v.last(name)})


def set_quota(account: Account, code: str, value: int | None) -> None:
    """What the project may have, such as ``NVIDIA-L4-GPUS-per-project-region``; None where it was never granted any."""
    account.set_fact(f"quota:{code}", fact_of(value))


def set_offering(account: Account, machine: str, *zones: str) -> None:
    """Where, and only where, the project may have a machine type."""
    account.set_fact(f"offering:{machine}", " ".join(zones))


def set_stock(account: Account, machine: str, count: int) -> None:
    """How many machines of a type each zone has left for pools without a reservation."""
    account.set_fact(f"stock:{machine}", str(count))
