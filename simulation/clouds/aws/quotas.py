"""Service quotas: what AWS gives an account at first, and what this account was given since."""

from __future__ import annotations

from dataclasses import dataclass

from ...provider.errors import CloudError
from ...provider.tables import Call
from .machine_types import known, machine


@dataclass(frozen=True)
class Quota:
    """One quota.

    Attributes:
        service: Code of its service.
        name: As the console shows it.
        given: What a new account has.
        here: What this account has.
    """

    service: str
    name: str
    given: float
    here: float


QUOTAS = {
    "L-417A185B": Quota("ec2", "Running On-Demand P instances", 0, 768),
    "L-7212CCBC": Quota("ec2", "All P Spot Instance Requests", 0, 192),
    "L-DB2E81BA": Quota("ec2", "Running On-Demand G and VT instances", 0, 768),
    "L-3819A6DF": Quota("ec2", "All G and VT Spot Instance Requests", 0, 192),
    "L-1216C47A": Quota("ec2", "Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances", 5, 640),
    "L-34B43A08": Quota("ec2", "All Standard (A, C, D, H, I, M, R, T, Z) Spot Instance Requests", 5, 256),
    "L-0263D0A3": Quota("ec2", "EC2-VPC Elastic IPs", 5, 5),
    "L-F678F1CE": Quota("vpc", "VPCs per Region", 5, 5),
    "L-407747CB": Quota("vpc", "Subnets per VPC", 200, 200),
    "L-0EA8095F": Quota("vpc", "Inbound or outbound rules per security group", 60, 60),
    "L-FE5A380F": Quota("vpc", "NAT gateways per Availability Zone", 5, 5),
    "L-29B6F2EB": Quota("vpc", "Interface VPC endpoints per VPC", 50, 50),
}
"""Sources: the Service Quotas console; https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html;
https://docs.aws.amazon.com/ec2/latest/instancetypes/ec2-instance-quotas.html."""

_FAMILIES = {
    ("P", False): "L-417A185B",
    ("P", True): "L-7212CCBC",
    ("G", False): "L-DB2E81BA",
    ("G", True): "L-3819A6DF",
    ("Standard", False): "L-1216C47A",
    ("Standard", True): "L-34B43A08",
}


def quota(call: Call, code: str) -> float:
    """What the account may have of it; the fact ``quota:<code>`` is what tests change."""
    own = call.account.fact(f"quota:{code}")
    return float(own) if own is not None else QUOTAS[code].here


def vcpu_refusal(call: Call, machine_name: str, running: int, *, spot: bool) -> CloudError | None:
    """Why EC2 starts no more machines of a type.

    Args:
        call: The call that would start them.
        machine_name: Their type.
        running: vCPUs of the same family that would run afterwards.
        spot: Whether they are spot ones.
    """
    code = _FAMILIES[known(machine_name).quota, spot]
    limit = quota(call, code)
    if machine(machine_name) is None or running <= limit:
        return None
    if spot:
        return CloudError("MaxSpotInstanceCountExceeded", "Max spot instance count exceeded")
    # https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
    return CloudError(
        "VcpuLimitExceeded",
        f"You have requested more vCPU capacity than your current vCPU limit of {limit:g} allows for the instance "
        "bucket that the specified instance type belongs to. Please visit "
        "http://aws.amazon.com/contact-us/ec2-request to request an adjustment to this limit.",
    )
