"""The machine type of a pool: a row of the catalog, or made from numbers that the pool gives."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from ...contracts.fabric import Transport
from ...contracts.machines import MachineNumbers
from ...contracts.pools import NodePool
from .clouds import cloud_of, clouds
from .instances import InstanceType, instance, instances


def machine_of(pool: NodePool) -> InstanceType:
    """The machine type of a pool.

    Raises:
        StrataError: The catalog has none of that name, and the pool gives no numbers.
    """
    return machine_named(pool.instance_type, pool.machine)


def machine_named(name: str, numbers: MachineNumbers | None) -> InstanceType:
    """A machine type by its name, or from the numbers that are given for it.

    Raises:
        StrataError: The catalog has none of that name, and there are no numbers.
    """
    return instance(name) if numbers is None else described(name, numbers)


def described(name: str, numbers: MachineNumbers) -> InstanceType:
    """A machine type from numbers: sold as its cloud sells machines, at an unknown price, without RDMA.

    Args:
        name: As its cloud spells it; the form of the name tells the cloud.
        numbers: What it holds.
    """
    cloud = cloud_of(name)
    others = [machine for machine in instances() if machine.cloud == cloud]
    local = clouds()[cloud].local_disk_gb if numbers.local_disks else None
    return InstanceType(
        cloud=cloud,
        name=name,
        gpu=numbers.gpu,
        gpus=numbers.gpus,
        gpu_fraction=1.0,
        nvlink_domain=max(numbers.gpus, 1),
        architecture=numbers.architecture.value,
        vcpus=numbers.cpus,
        memory_gib=numbers.memory.in_gib,
        nvme_gb=numbers.local_disks / 1e9 if numbers.local_disks else None,
        network_gbps=None,
        rdma=Transport.NONE,
        rdma_nics=0,
        rdma_gbps=0.0,
        accelerator_key=accelerators(cloud).get(numbers.gpu or ""),
        sold_as=frozenset(kind for machine in others for kind in machine.sold_as),
        quota=None,
        boot_disk=None,
        kubernetes_oldest=(),
        local_disk_gb=round(local) if local else None,
        # How its local disks are cut is unknown; the cloud refuses an OS disk that fits on none of them.
        ephemeral_gib=int(numbers.local_disks.in_gib) if numbers.local_disks else 0,
        raw_disks=False,
        vgpu=False,
        price=None,
        source="numbers of the pool",
        notes="",
    )


@cache
def accelerators(cloud: str) -> Mapping[str, str]:
    """Names that a cloud has for GPUs, by name in the catalog of GPUs; empty where they need none."""
    rows = [machine for machine in instances() if machine.cloud == cloud and machine.accelerator_key]
    named = {machine.gpu: machine.accelerator_key for machine in rows if machine.gpu and machine.accelerator_key}
    return {**dict(clouds()[cloud].attached_gpus), **named}
