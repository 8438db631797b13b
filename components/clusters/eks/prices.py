"""List prices of what an EKS cluster is made of besides machines, each with its region, day and source.

Machines are priced by the instance catalog. What could not be read anywhere is None here.
"""

from __future__ import annotations

from ...planner.catalogs.instances import Price

HOURS_PER_MONTH = 730.0
"""Hours by which AWS' own calculator turns a month into hours."""
_REGION = "us-east-1"
_EKS = "cloudburn.io, Amazon EKS pricing, after aws.amazon.com/eks/pricing"
_VPC = "factualminds.com, Amazon VPC pricing, after aws.amazon.com/vpc/pricing"


def _monthly(usd: float, date: str, source: str) -> Price:
    return Price(usd_per_hour=usd / HOURS_PER_MONTH, region=_REGION, date=date, source=source)


CONTROL_PLANE = Price(usd_per_hour=0.10, region=_REGION, date="2026-04-01", source=_EKS)
"""In standard support."""
CONTROL_PLANE_EXTENDED = Price(usd_per_hour=0.60, region=_REGION, date="2026-04-01", source=_EKS)
"""In extended support."""
NAT_GATEWAY = Price(usd_per_hour=0.045, region=_REGION, date="2026-06-13", source=_VPC)
"""Of one gateway; bytes are extra, 0.045 dollars for each GB."""
PUBLIC_ADDRESS = Price(usd_per_hour=0.005, region=_REGION, date="2026-06-13", source=_VPC)
"""Of one public IPv4 address, in use or not."""
TRANSIT_ATTACHMENT = Price(usd_per_hour=0.05, region=_REGION, date="2026-06-13", source=_VPC)
"""Of one VPC; bytes are extra, 0.02 dollars for each GB."""
INTERFACE_ENDPOINT = Price(usd_per_hour=0.01, region=_REGION, date="2026-06-13", source=_VPC)
"""Of one service in one zone; bytes are extra, 0.01 dollars for each GB."""
ROOT_VOLUME_GIB = _monthly(0.08, "2020-12-01", "AWS News Blog, New Amazon EBS gp3 volume")
"""Of one GiB of gp3 with its included throughput."""
EFS_GIB = _monthly(0.30, "2026-06-13", "factualminds.com, Amazon EFS pricing, after aws.amazon.com/efs/pricing")
"""Of one GiB stored; elastic throughput is extra, 0.03 dollars for each GB read and 0.06 written."""
LUSTRE_GIB: dict[int, Price | None] = {
    125: _monthly(0.145, "2026-11-20", "c3x.dev, aws_fsx_lustre_file_system, after aws.amazon.com/fsx/lustre/pricing"),
    250: None,
    500: None,
    1000: None,
}
"""Of one GiB of a persistent SSD file system, by MB/s for each TiB."""
