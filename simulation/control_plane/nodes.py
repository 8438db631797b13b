"""The node objects that stand for machines.

Owns what a kubelet and a cloud would have written; advertisers of devices are in ``devices``. Pure: nothing is sent
anywhere.
"""

from __future__ import annotations

import hashlib
import ipaddress
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from components.contracts.fabric import Transport
from components.contracts.gpu_sharing import Mig, sharing_labels
from components.contracts.names import MAX_LABEL
from components.contracts.pools import GPU_TAINT, POOL_LABEL, GpuPool, NodePool, Taint, pool_sharing
from components.planner.catalogs.described import machine_of
from components.planner.catalogs.instances import InstanceType, instance

from .api import Json
from .devices.inventory import INVENTORY_ANNOTATION, Inventory
from .gpu_labels import gpu_labels, mig_labels, node_labels
from .hardware import EFA, NVIDIA, Amounts, Hardware, hardware_of
from .kwokctl import PLAYED, PLAYED_ANNOTATION
from .machines import ImageAdvertises, Machine

MANAGED_LABEL = "simulation.strata.dev/node"
"""Marks the nodes that are ours, by their owner; others are left alone."""
POOLS = "true"
"""Owner of the nodes that pools of the settings make."""
DIGEST_ANNOTATION = "simulation.strata.dev/digest"

_NODE_RANGE = ipaddress.ip_network("10.128.0.0/9")


@dataclass(frozen=True, kw_only=True)
class Node:
    """One node as it should be."""

    name: str
    labels: dict[str, str]
    taints: tuple[Taint, ...]
    capacity: dict[str, str]
    allocatable: dict[str, str]
    architecture: str
    address: str
    kubelet: str
    inventory: Inventory | None = None
    """Hardware that pods may advertise; None where its image advertises all of it."""

    @property
    def digest(self) -> str:
        """Changes whenever the node should."""
        taints = [taint.model_dump(mode="json") for taint in self.taints]
        content = [self.labels, taints, self.status(), *self._hardware().values()]
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16]

    def taint_objects(self) -> list[dict[str, str]]:
        """The taints as the API spells them."""
        return [{"key": taint.key, "value": taint.value, "effect": taint.effect.value} for taint in self.taints]

    def body(self) -> Json:
        """What the node's owner sets."""
        return {
            "apiVersion": "v1",
            "kind": "Node",
            "metadata": {
                "name": self.name,
                "labels": self.labels,
                "annotations": {PLAYED_ANNOTATION: PLAYED, DIGEST_ANNOTATION: self.digest, **self._hardware()},
            },
            "spec": {"taints": self.taint_objects(), "providerID": f"simulation://{self.name}"},
        }

    def status_body(self) -> Json:
        """What its kubelet reports."""
        return {"apiVersion": "v1", "kind": "Node", "metadata": {"name": self.name}, "status": self.status()}

    def status(self) -> dict[str, Json]:
        """Its status without the conditions, which kwok keeps."""
        return {
            "capacity": self.capacity,
            "allocatable": self.allocatable,
            "addresses": [
                {"type": "InternalIP", "address": self.address},
                {"type": "Hostname", "address": self.name},
            ],
            "nodeInfo": {
                "architecture": self.architecture,
                "bootID": "",
                "containerRuntimeVersion": "containerd://2.1.4",
                "kernelVersion": "6.8.0-1040",
                "kubeProxyVersion": "",
                "kubeletVersion": self.kubelet,
                "machineID": "",
                "operatingSystem": "linux",
                "osImage": "Ubuntu 24.04 (simulated)",
                "systemUUID": "",
            },
        }

    def _hardware(self) -> dict[str, str]:
        return {INVENTORY_ANNOTATION: self.inventory.model_dump_json(exclude_defaults=True)} if self.inventory else {}


def nodes_of(pools: Iterable[NodePool]) -> Iterator[Node]:
    """Every node of the pools.

    Raises:
        StrataError: when a machine type is unknown.
    """
    for pool in pools:
        taints = (GPU_TAINT, *pool.taints) if isinstance(pool, GpuPool) else tuple(pool.taints)
        for index in range(pool.count):
            zone = pool.zones[index % len(pool.zones)]
            sharing = pool_sharing(pool)
            machine = Machine(
                name=f"{pool.name}-{index}",
                instance_type=pool.instance_type,
                zone=zone,
                region=_region(zone),
                # A user's label may correct what discovery would say, but never which pool it is.
                labels=sharing_labels(sharing) | pool.labels | {POOL_LABEL: pool.name},
                taints=taints,
                has_driver=True,
                mig_profile=sharing.profile if isinstance(sharing, Mig) else "",
                has_devices=True,
            )
            yield node_of(machine, POOLS, pool.name, index, machine_of(pool))


def node_of(machine: Machine, owner: str, group: str, index: int, kind: InstanceType | None = None) -> Node:
    """The node that a machine becomes.

    Args:
        machine: What was asked for.
        owner: Who keeps it; a label value.
        group: What its racks are told apart by.
        index: Its place in the group, from 0, which decides its rack.
        kind: Its machine type; that of the catalog where left out.

    Raises:
        StrataError: when the machine type is unknown.
    """
    hardware = hardware_of(kind or instance(machine.instance_type), machine)
    cards = {**(hardware.devices if machine.has_devices else {}), **machine.devices}
    cards = {name: count for name, count in cards.items() if count}
    found: dict[str, str] = {"vpc.amazonaws.com/efa.present": "true"} if EFA in cards else {}
    shown: dict[str, int] = {}
    inventory = None
    if machine.image_advertises is ImageAdvertises.EVERYTHING:
        shown = {**(hardware.gpu_resource if machine.has_driver else {}), **cards}
        if machine.has_driver:
            found |= node_labels(hardware) | gpu_labels(hardware, group, index) | mig_labels(hardware)
    else:
        inventory = _inventory(machine, hardware, cards.get(EFA, 0), gpu_labels(hardware, group, index))
    return Node(
        name=machine.name,
        labels=_common_labels(machine, hardware) | found | dict(machine.labels) | {MANAGED_LABEL: owner},
        taints=machine.taints,
        capacity=_amounts(hardware.capacity, shown),
        allocatable=_amounts(hardware.allocatable, shown),
        architecture=hardware.type.architecture,
        address=_address(machine.name),
        kubelet=machine.kubelet,
        inventory=inventory,
    )


def _inventory(machine: Machine, hardware: Hardware, efa: int, labels: dict[str, str]) -> Inventory:
    profiles = hardware.gpu.mig_profiles if hardware.gpu else ()
    has_rdma = hardware.type.rdma in {Transport.INFINIBAND, Transport.ROCE}
    return Inventory(
        gpus=hardware.gpu_resource.get(NVIDIA, 0),
        driver=machine.has_driver,
        toolkit=machine.has_driver if machine.has_toolkit is None else machine.has_toolkit,
        own_plugin=machine.image_advertises is ImageAdvertises.GPUS,
        cut=machine.mig_profile,
        clients=machine.gpu_clients,
        efa=efa,
        rdma=hardware.type.rdma_nics if has_rdma else 0,
        mig={profile.name: profile.most for profile in profiles},
        mig_memory={profile.name: int(profile.memory_gib * 1024) for profile in profiles},
        node_labels=node_labels(hardware),
        gpu_labels=labels,
    )


def _common_labels(machine: Machine, hardware: Hardware) -> dict[str, str]:
    return {
        "kubernetes.io/hostname": machine.name,
        "kubernetes.io/arch": hardware.type.architecture,
        "kubernetes.io/os": "linux",
        "node.kubernetes.io/instance-type": hardware.type.name[:MAX_LABEL],
        "topology.kubernetes.io/region": machine.region,
        "topology.kubernetes.io/zone": machine.zone,
    }


def _region(zone: str) -> str:
    """``us-east-1`` of ``us-east-1a``, ``us-central1`` of ``us-central1-a``."""
    return re.sub(r"-?[a-z]$", "", zone) or zone


def _amounts(ordinary: Amounts, extended: Mapping[str, int]) -> dict[str, str]:
    return {
        "cpu": ordinary.cpu,
        "memory": ordinary.memory,
        "ephemeral-storage": ordinary.storage,
        "pods": ordinary.pods,
        **{name: str(count) for name, count in extended.items()},
    }


def _address(name: str) -> str:
    """An address of its own that stays the same whatever other pools there are."""
    number = int.from_bytes(hashlib.sha256(name.encode()).digest()[:4]) % (_NODE_RANGE.num_addresses - 2)
    return str(_NODE_RANGE[number + 1])
