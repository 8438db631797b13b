"""Rules of the shared file system, and of disks and volumes on the machines themselves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ....contracts.errors import Problem
from ....contracts.pools import ROOT_DISK_LEAST, GpuPool
from ....contracts.quantities import ByteSize
from ....networks.azure.settings import NO_ZONE, AdoptedVnet, CreatedVnet, network_zones
from ....networks.nat import EVERYWHERE, NatGateways
from ....planner.catalogs.instances import InstanceType, instances
from ...rules.pool_view import PoolView, known_pools
from ...rules.shared_files import ZONE_FIELD, far_file_system_problems
from ..disks import os_disk_gib
from ..settings import (
    CPU_DISK_LEAST,
    GPU_DISK_LEAST,
    OS_DISK_MOST,
    AksTarget,
    FilesStorage,
    LustreStorage,
    OsDisk,
)


@dataclass(frozen=True, kw_only=True)
class _Sizes:
    step: int
    most: int


# Managed Lustre, create-file-system-portal ("Throughput configurations"): TiB by MB/s for each TiB.
_LUSTRE_SIZES: Mapping[int, _Sizes] = {
    40: _Sizes(step=48, most=768),
    125: _Sizes(step=16, most=128),
    250: _Sizes(step=8, most=128),
    500: _Sizes(step=4, most=128),
}
_LARGEST_OS_DISK = ByteSize(OS_DISK_MOST)


def storage_problems(target: AksTarget, pools: Sequence[PoolView]) -> Iterator[Problem]:
    """What is wrong with the shared file system and the machines' own disks."""
    match target.shared_storage:
        case FilesStorage():
            yield from _endpoints(target)
        case LustreStorage() as lustre:
            yield from _driver(target, lustre)
            yield from _architectures(lustre, pools)
            yield from _way_out(target)
            yield from _capacity(lustre)
            yield from _zone(target, lustre, pools)
    yield from _os_disks(target, pools)
    yield from _local_volumes(target, pools)


def _endpoints(target: AksTarget) -> Iterator[Problem]:
    if isinstance(target.network, AdoptedVnet) and target.network.endpoints_subnet is None:
        yield Problem(
            field="target.network.endpoints_subnet",
            cause="Azure Files over NFS is reached through a private endpoint, and no subnet is named for it",
            consequence="NFS shares refuse every mount over the internet, so no model could be loaded",
            fix="name a subnet for private endpoints, or write shared_storage: {kind: lustre, …}",
        )


def _driver(target: AksTarget, lustre: LustreStorage) -> Iterator[Problem]:
    if target.adopt_cluster and not lustre.has_driver:
        yield Problem(
            field="target.shared_storage.has_driver",
            cause="an adopted control plane stays as it is, and AKS brings no driver for Managed Lustre",
            consequence="no pod could mount the file system, so no model would ever load",
            fix="install kubernetes-sigs/azurelustre-csi-driver where the cluster is managed (its "
            "deploy/install-driver.sh) and write has_driver: true; or write shared_storage: {kind: files}",
        )


def _architectures(lustre: LustreStorage, pools: Sequence[PoolView]) -> Iterator[Problem]:
    """Source: kubernetes-sigs/azurelustre-csi-driver v0.4.0, Makefile (``ALL_ARCH.linux = amd64``)."""
    if lustre.has_driver:
        return
    for view in pools:
        if view.machine and view.machine.architecture != "amd64":
            yield view.problem(
                "instance_type",
                cause=f"{view.machine.name} is {view.machine.architecture}, and the driver of Managed Lustre is "
                "published for amd64 alone",
                consequence="pods with the volume would wait on its nodes for ever",
                fix="write shared_storage: {kind: files}; or install a driver that was built for it, and write "
                "has_driver: true",
            )


def _way_out(target: AksTarget) -> Iterator[Problem]:
    """Source: Microsoft Learn, Azure Managed Lustre prerequisites ("Azure cloud service access")."""
    match target.network:
        case CreatedVnet(nat=NatGateways.NONE, peering=peering) if peering is None or EVERYWHERE not in peering.routes:
            yield Problem(
                field="target.network.nat",
                cause="none, and the servers of Managed Lustre call Azure's own services from their subnet",
                consequence="Azure could not create the file system",
                fix="write nat: per-zone, or shared_storage: {kind: files}, which needs no way out",
            )
        case _:
            return


def _capacity(lustre: LustreStorage) -> Iterator[Problem]:
    sizes = _LUSTRE_SIZES[lustre.throughput]
    if lustre.capacity_tib % sizes.step or lustre.capacity_tib > sizes.most:
        nearest = min(-(-lustre.capacity_tib // sizes.step) * sizes.step, sizes.most)
        yield Problem(
            field="target.shared_storage.capacity",
            cause=f"{lustre.capacity_tib} TiB at {lustre.throughput} MB/s for each TiB",
            consequence=f"Azure sells that in multiples of {sizes.step} TiB up to {sizes.most} TiB",
            fix=f"use {nearest}Ti, or another throughput",
        )


def _zone(target: AksTarget, lustre: LustreStorage, pools: Sequence[PoolView]) -> Iterator[Problem]:
    zones = network_zones(target.network)
    if isinstance(target.network, AdoptedVnet) and target.network.lustre_subnet is None:
        yield Problem(
            field="target.network.lustre_subnet",
            cause="Managed Lustre takes a subnet of its own, and none is named",
            consequence="there is nothing that the file system could be attached to",
            fix="name an empty subnet, /24 or larger, or write shared_storage: {kind: files}",
        )
    if lustre.zone not in zones:
        yield Problem(
            field=ZONE_FIELD,
            cause=f"the network has no subnet in {lustre.zone!r}",
            consequence="no node would be near the file system",
            fix=f"use {' or '.join(zones)}",
        )
    elif lustre.zone == NO_ZONE and any(zone != NO_ZONE for zone in zones):
        yield Problem(
            field=ZONE_FIELD,
            cause="no zone, in a region with zones",
            consequence="Azure refuses Managed Lustre without a zone where there are zones",
            fix=f"use {' or '.join(zone for zone in zones if zone != NO_ZONE)}",
        )
    else:
        yield from far_file_system_problems(lustre.zone, pools, "files")


def _os_disks(target: AksTarget, pools: Sequence[PoolView]) -> Iterator[Problem]:
    for view in pools:
        if view.pool.root_disk and view.pool.root_disk > _LARGEST_OS_DISK:
            yield view.problem(
                "root_disk",
                cause=f"{view.pool.root_disk} is more than the {OS_DISK_MOST} that AKS gives to nodes",
                consequence="AKS would refuse the pool",
                fix=f"write {OS_DISK_MOST} or less",
            )
        elif target.os_disk.ephemeral and view.machine:
            yield from _ephemeral_disk(target.os_disk, view, view.machine)


def _ephemeral_disk(disk: OsDisk, view: PoolView, machine: InstanceType) -> Iterator[Problem]:
    wanted, most = os_disk_gib(view.pool, disk), machine.ephemeral_gib
    if wanted <= most:
        return
    kind, least = ("gpu", GPU_DISK_LEAST) if isinstance(view.pool, GpuPool) else ("cpu", CPU_DISK_LEAST)
    setting, least = ("root_disk", ROOT_DISK_LEAST) if view.pool.root_disk else (f"os_disk.{kind}", least)
    smaller = f"write {setting}: {most}Gi, or os_disk.ephemeral: false"
    larger = f"write os_disk.ephemeral: false, or use a machine with {least} or more on its local disk"
    if view.pool.machine:
        larger += ", and say so in machine.local_disks"
    yield view.problem(
        "root_disk" if view.pool.root_disk else "instance_type",
        cause=f"an ephemeral OS disk of {wanted} GiB, and {machine.name} has room for {most}",
        consequence="AKS would refuse the pool: the OS disk does not fit on the machine's cache or local disk",
        fix=smaller if ByteSize.gib(most) >= ByteSize(least) else larger,
    )


def _local_volumes(target: AksTarget, pools: Sequence[PoolView]) -> Iterator[Problem]:
    if not target.local_volumes:
        return
    if target.adopt_cluster:
        yield Problem(
            field="target.local_volumes",
            cause="an adopted control plane stays as it is",
            consequence="Azure Container Storage would not be installed, and the class has no driver",
            fix="install it where the cluster is managed, or remove the setting",
        )
    elif not any(machine.raw_disks for _, machine in known_pools(pools)):
        with_disks = next(machine.name for machine in instances() if machine.cloud == "azure" and machine.raw_disks)
        yield Problem(
            field="target.local_volumes",
            cause="no machine of the pools has NVMe disks of its own",
            consequence="claims on the local class would stay pending for ever",
            fix=f"use machines such as {with_disks}, or remove the setting",
        )
