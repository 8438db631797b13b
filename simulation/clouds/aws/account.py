"""What the simulated account holds before any program, and how tests put more into it."""

from __future__ import annotations

import json
from dataclasses import replace

from ...provider.errors import CloudError
from ...provider.store import Account, Record
from ...provider.values import Object
from . import vocabulary as v
from .regions import zone_id

CALLER = f"arn:aws:sts::{v.ACCOUNT}:assumed-role/strata-deployer/simulated"
"""Who runs the program; in the stack's file the role behind it is an administrator."""
CALLER_FACT = "caller"
TRANSIT_GATEWAY = "tgw-0a1b2c3d4e5f60718"
PORTS = {"dxcon-fg5678gh": "EqDC2", "dxcon-fh5678gh": "EqDC2", "dxcon-fi5678gh": "CSVA1"}
"""Direct Connect ports of the example's links, by location."""
RESERVATION = "cr-0a1b2c3d4e5f60718"


ZONE, DOMAIN = "Z0123456789ABCDEFGHIJ", "ai.example.com"
"""The zone in which the example's names are written."""


def seed(account: Account) -> None:
    """Fill a new account with what the example stack finds in its own."""
    account.set_fact(v.ACCOUNT_FACT, v.ACCOUNT)
    account.set_fact(CALLER_FACT, CALLER)
    for name in ("strata-deployer", "platform-engineers"):
        seed_role(account, name)
    seed_transit_gateway(account, TRANSIT_GATEWAY)
    for identifier, location in PORTS.items():
        seed_port(account, identifier, location)
    seed_zone(account, ZONE, DOMAIN)
    seed_reservation(account, RESERVATION, machine="p5.48xlarge", zone="us-east-2b", count=2)


def seed_role(account: Account, name: str, path: str = "/") -> Record:
    """A role that people or programs of the account take on."""
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"AWS": f"arn:aws:iam::{v.ACCOUNT}:root"},
                "Action": "sts:AssumeRole",
            }
        ],
    }
    inputs: Object = {"name": name, "path": path, "assumeRolePolicy": json.dumps(trust)}
    return account.seed(v.ROLE, name, inputs, {"arn": f"arn:aws:iam::{v.ACCOUNT}:role{path}{name}"})


def seed_transit_gateway(
    account: Account, identifier: str, region: str = "us-east-2", owner: str = v.ACCOUNT
) -> Record:
    """A gateway to the networks outside; one of another account accepts nothing by itself."""
    arn = f"arn:aws:ec2:{region}:{owner}:transit-gateway/{identifier}"
    computed: Object = {"arn": arn, "region": region, "ownerId": owner, "autoAcceptSharedAttachments": "disable"}
    return account.seed(v.TRANSIT_GATEWAY, identifier, {"amazonSideAsn": 64512}, computed)


def seed_zone(account: Account, identifier: str, domain: str) -> Record:
    """A hosted zone of Route 53."""
    return account.seed(v.HOSTED_ZONE, identifier, {"name": domain}, {"zoneId": identifier})


def seed_port(account: Account, identifier: str, location: str, state: str = "available") -> Record:
    """A Direct Connect port that was ordered by other hands."""
    inputs: Object = {"name": identifier, "bandwidth": "10Gbps", "location": location}
    arn = f"arn:aws:directconnect:us-east-2:{v.ACCOUNT}:dxcon/{identifier}"
    device = f"{location}-{identifier.removeprefix('dxcon-')}"
    computed: Object = {"arn": arn, "awsDevice": device, "ownerAccountId": v.ACCOUNT, "state": state}
    return account.seed(v.DX_CONNECTION, identifier, inputs, {**computed, "region": "us-east-2"})


def seed_group(account: Account, identifier: str, location: str) -> Record:
    """A group of Direct Connect ports that was ordered by other hands."""
    arn = f"arn:aws:directconnect:us-east-2:{v.ACCOUNT}:dxlag/{identifier}"
    inputs: Object = {"name": identifier, "connectionsBandwidth": "10Gbps", "location": location}
    return account.seed(v.DX_GROUP, identifier, inputs, {"arn": arn, "region": "us-east-2"})


def seed_reservation(
    account: Account,
    identifier: str,
    *,
    machine: str,
    zone: str,
    count: int,
    block: bool = False,
    state: str = "active",
) -> Record:
    """Machines that are paid for, whether they run or not.

    Args:
        account: Where.
        identifier: Such as ``cr-0a1b2c3d4e5f60718``.
        machine: Their type.
        zone: Where they are.
        count: How many.
        block: Whether it is a capacity block, which needs the market type of that name.
        state: Such as ``active``, or ``scheduled`` before a block begins.
    """
    inputs: Object = {
        "instanceType": machine,
        "availabilityZone": zone,
        "instanceCount": count,
        "instancePlatform": "Linux/UNIX",
        "instanceMatchCriteria": "targeted",
        "reservationType": "capacity-block" if block else "default",
    }
    computed: Object = {"state": state, "region": zone[:-1]}
    return account.seed(v.CAPACITY_RESERVATION, identifier, inputs, computed)


def place_reservation(account: Account, reservation: Record, group: str) -> None:
    """The machines are in a cluster placement group of that name."""
    arn = f"arn:aws:ec2:{reservation.text('region')}:{v.ACCOUNT}:placement-group/{group}"
    account.seed(v.PLACEMENT_GROUP, group, {"name": group, "strategy": "cluster"}, {})
    account.put(replace(reservation, inputs={**reservation.inputs, "placementGroupArn": arn}))


def seed_vpc(account: Account, identifier: str, cidr: str, region: str = "us-east-2") -> Record:
    """A VPC that other hands made."""
    arn = f"arn:aws:ec2:{region}:{v.ACCOUNT}:vpc/{identifier}"
    inputs: Object = {"cidrBlock": cidr, "enableDnsHostnames": True, "enableDnsSupport": True}
    computed: Object = {"arn": arn, "ownerId": v.ACCOUNT, "region": region, "defaultSecurityGroupId": "sg-" + "0" * 17}
    return account.seed(v.VPC, identifier, inputs, computed)


def seed_subnet(account: Account, identifier: str, vpc: str, cidr: str, zone: str) -> Record:
    """A subnet of it."""
    region = zone[:-1]
    arn = f"arn:aws:ec2:{region}:{v.ACCOUNT}:subnet/{identifier}"
    inputs: Object = {"vpcId": vpc, "cidrBlock": cidr, "availabilityZone": zone}
    computed: Object = {"arn": arn, "availabilityZoneId": zone_id(zone), "ownerId": v.ACCOUNT, "region": region}
    return account.seed(v.SUBNET, identifier, inputs, computed)


def set_quota(account: Account, code: str, value: float) -> None:
    """What the account may have, such as ``L-417A185B`` for vCPUs of P machines."""
    account.set_fact(f"quota:{code}", str(value))


def deny(account: Account, action: str) -> None:
    """Whoever runs the program may not do this, such as ``cloudformation:GetResource``."""
    account.set_fact(f"denied:{action}", "yes")


def require_allowed(account: Account, action: str) -> None:
    """Refuse what whoever runs the program may not do."""
    if account.fact(f"denied:{action}"):
        raise CloudError("AccessDeniedException", f"User is not authorized to perform: {action}")


def set_offering(account: Account, machine: str, *zones: str) -> None:
    """Where, and only where, the account may have a machine type."""
    account.set_fact(f"offering:{machine}", " ".join(zones))
