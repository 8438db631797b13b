"""Every way in which the program makes an EKS cluster, as far as it sends AWS something else."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from components.clusters.eks.settings import (
    EfaLayout,
    EksTarget,
    GroupAccess,
    HostedZone,
    HostedZones,
    IamRoles,
    LustreStorage,
    SecretsManager,
)
from components.contracts.api_access import PrivateAccess, PublicAccess
from components.contracts.capacity import CapacityBlock, Reservation, Spot
from components.contracts.pools import CpuPool, GpuPool, NodePool, PoolRange
from components.contracts.quantities import ByteSize
from components.networks.aws.settings import CreatedVpc, TransitAttachment
from components.networks.nat import NatGateways
from simulation.clouds.aws import vocabulary as v
from simulation.clouds.aws.account import RESERVATION, TRANSIT_GATEWAY, seed_reservation
from tests.simulation.clouds.aws_account import AwsAccount

KEY = "arn:aws:kms:us-east-2:111122223333:key/1a2b3c4d-0000-4000-8000-000000000000"
"""A key that a variant has to find in its account."""
BLOCK = "cr-0b1c2d3e4f5061728"
"""A capacity block, likewise."""
A, B, C = "us-east-2a", "us-east-2b", "us-east-2c"


def target(**changes: object) -> EksTarget:
    """The cluster of the variants, with some settings changed."""
    known = EksTarget(
        kind="eks",
        name="prod",
        region="us-east-2",
        kubernetes_version="1.34",
        network=CreatedVpc(
            kind="create",
            cidr="10.20.0.0/16",
            zones=(A, B, C),
            transit=TransitAttachment(gateway=TRANSIT_GATEWAY, routes=("10.250.0.0/16",)),
        ),
        api_access=PrivateAccess(kind="private", cidrs=("10.250.0.0/16",)),
        admins=("arn:aws:iam::111122223333:role/strata-deployer",),
    )
    return known.model_copy(update=changes)


POOLS = (
    CpuPool(kind="cpu", name="cpu", instance_type="m7i.8xlarge", count=3, zones=(A, B)),
    GpuPool(
        kind="gpu",
        name="h100",
        instance_type="p5.48xlarge",
        count=2,
        zones=(B,),
        capacity=Reservation(kind="reservation", id=RESERVATION),
    ),
    GpuPool(
        kind="gpu",
        name="l40s",
        instance_type="g6e.12xlarge",
        count=1,
        zones=(A,),
        autoscaled=PoolRange(minimum=1, maximum=4),
        capacity=Spot(kind="spot"),
    ),
    GpuPool(kind="gpu", name="h200", instance_type="p5en.48xlarge", count=2, zones=(A,)),
)
CLUSTERS = {
    "private-with-efs": target(),
    "lustre-and-both-kinds-of-interfaces": target(
        shared_storage=LustreStorage(kind="lustre", zone=B, capacity=ByteSize.gib(4800), throughput=1000, efa=True),
        efa_layout=EfaLayout.BANDWIDTH_OPTIMISED,
    ),
    "without-nat": target(
        network=CreatedVpc(kind="create", cidr="10.20.0.0/16", zones=(A, B), nat=NatGateways.NONE),
    ),
    "one-nat": target(
        network=CreatedVpc(kind="create", cidr="10.20.0.0/16", zones=(A, B), nat=NatGateways.SINGLE),
    ),
    "services-in-a-range-of-ones-own": target(
        network=CreatedVpc(kind="create", cidr="10.20.0.0/16", zones=(A, B), services="172.21.0.0/16"),
    ),
    "public-with-a-key-of-ones-own": target(
        api_access=PublicAccess(kind="public-cidrs", cidrs=("198.51.100.0/24",)), kms_key=KEY
    ),
    "roles-as-the-account-asks": target(
        iam=IamRoles(path="/teams/platform/", permissions_boundary="arn:aws:iam::111122223333:policy/boundary"),
        tags={"cost-center": "4711"},
        group_access=(
            GroupAccess(principal="arn:aws:iam::111122223333:role/platform-engineers", groups=("search-engineers",)),
        ),
    ),
    "names-in-a-zone": target(
        dns=HostedZones(zones=(HostedZone(id="Z0123456789ABCDEFGHIJ", domain="ai.example.com"),)),
    ),
    "secrets-of-a-store": target(
        secrets=SecretsManager(prefix="genai/prod/", kms_keys=("arn:aws:kms:us-east-2:111122223333:key/1234abcd",)),
    ),
    "pinned-versions": target(node_release="1.34.2-20260401", addon_versions={"kube-proxy": "v1.34.1-eksbuild.2"}),
}


def pools_of(cluster: EksTarget) -> list[NodePool]:
    """The pools whose zones the cluster has."""
    zones = cluster.network.zones if isinstance(cluster.network, CreatedVpc) else ()
    return [pool for pool in POOLS if set(pool.zones) <= set(zones)]


def in_a_block(ends: datetime) -> GpuPool:
    """A pool of machines that a capacity block of the account is for."""
    block = CapacityBlock(kind="capacity-block", id=BLOCK, ends=ends)
    return GpuPool(kind="gpu", name="gpus", instance_type="p5en.48xlarge", count=2, zones=(B,), capacity=block)


def company(folder: Path) -> Path:
    """A folder for an account that holds what the variants expect of it."""
    with AwsAccount(folder).store.transaction() as account:
        account.seed(v.KEY, KEY.rpartition("/")[2], {}, {"arn": KEY})
        seed_reservation(account, BLOCK, machine="p5en.48xlarge", zone=B, count=2, block=True)
    return folder
