"""Node pools of GKE, and the policies that place their machines.

Owns what GKE refuses when a pool is written down. What fails once machines are asked for is in
``node_pool_launches``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from components.planner.catalogs.gpus import gpu

from ...provider.errors import CloudError
from ...provider.rules import Between, Pattern
from ...provider.store import Record
from ...provider.tables import Call, Kind, Prop, Reference, Unique
from ...provider.typecheck import Failure
from ...provider.values import Object, at, mapping, objects, text, texts, truth, whole
from . import vocabulary as v
from .clusters import cluster_of, region_of
from .control_planes import managed, node_pool_effects
from .machine_types import hardware, machine, offered_in
from .networks import network_of
from .node_pool_launches import require_machines
from .regions import zones
from .versions import numbers

_BAD = "badRequest"
_DRANET = (1, 34, 1, 1829001)
_FLEX = (1, 33, 0, 1712000)
_TOOLKIT = "GoogleCloudPlatform/cluster-toolkit v1.95.0, modules/compute/gke-node-pool/main.tf, preconditions"
_RESERVED_LABELS = ("kubernetes.io/", "k8s.io/", "cloud.google.com/gke-")
_ALLOWED_LABELS = frozenset({"cloud.google.com/gke-networking-dra-driver"})


def _exclusive(inputs: Object) -> Iterator[Failure]:
    """Source: terraform-provider-google, container_node_pool, ConflictsWith."""
    autoscaling = at(inputs, "autoscaling")
    if "nodeCount" in inputs and isinstance(autoscaling, dict):
        yield Failure("nodeCount", "node_count must not be used alongside autoscaling")


def _zones(call: Call, inputs: Object) -> None:
    region = region_of(text(inputs, "location"))
    for zone in texts(inputs, "nodeLocations"):
        if zone not in zones(region):
            raise CloudError(_BAD, f'Zone "{zone}" is not in region "{region}" of the cluster.')
    kind = text(inputs, "nodeConfig.machineType")
    if kind and machine(kind) is None:
        raise CloudError(_BAD, f'Machine type with name "{kind}" does not exist.')
    for zone in texts(inputs, "nodeLocations"):
        if kind and zone not in offered_in(call, kind, region):
            raise CloudError(_BAD, f'Machine type with name "{kind}" does not exist in zone "{zone}".')


def _scaling(_call: Call, inputs: Object) -> None:
    low = whole(inputs, "autoscaling.totalMinNodeCount")
    high = whole(inputs, "autoscaling.totalMaxNodeCount", low)
    if low > high:
        raise CloudError(_BAD, f"Minimum node count {low} is larger than maximum node count {high}.")
    if (
        "upgradeSettings" in inputs
        and not is_short_lived(inputs)
        and not (whole(inputs, "upgradeSettings.maxSurge") or whole(inputs, "upgradeSettings.maxUnavailable"))
    ):
        raise CloudError(_BAD, "At least one of max_surge and max_unavailable must be larger than 0.")


def is_short_lived(inputs: Object) -> bool:
    """Whether GKE replaces nodes when they end, whatever strategy was asked for.

    https://cloud.google.com/kubernetes-engine/docs/concepts/node-pool-upgrade-strategies, "short-lived upgrades";
    crossplane-contrib/provider-upjet-gcp#1028.
    """
    return truth(inputs, "nodeConfig.flexStart") or truth(inputs, "queuedProvisioning.enabled")


def _streaming(_call: Call, inputs: Object) -> None:
    """https://cloud.google.com/kubernetes-engine/docs/how-to/image-streaming#requirements."""
    if truth(inputs, "nodeConfig.gcfsConfig.enabled") and text(inputs, "nodeConfig.imageType") == "UBUNTU_CONTAINERD":
        raise CloudError(_BAD, "Image streaming is only supported with the node image COS_CONTAINERD.")


def _capacity(call: Call, inputs: Object) -> None:
    """Preconditions of the toolkit, in its words."""
    del call
    affinity = text(inputs, "nodeConfig.reservationAffinity.consumeReservationType") or "NO_RESERVATION"
    spot, flex = truth(inputs, "nodeConfig.spot"), truth(inputs, "nodeConfig.flexStart")
    queued = truth(inputs, "queuedProvisioning.enabled")
    floor = whole(inputs, "autoscaling.totalMinNodeCount")
    problems = {
        "Spot VMs can only be used with reservation affinity NO_RESERVATION.": spot and affinity != "NO_RESERVATION",
        "Flex-start cannot be used with Spot VMs.": flex and spot,
        "Flex-start requires reservation affinity NO_RESERVATION.": flex and affinity != "NO_RESERVATION",
        "Node auto-repair must be disabled for flex-start node pools.": flex
        and truth(inputs, "management.autoRepair", default=True),
        "Flex-start node pools cannot have a fixed number of nodes.": flex and whole(inputs, "nodeCount") > 0,
        "Queued provisioning cannot be used with Spot VMs.": queued and spot,
        "Queued provisioning requires reservation affinity NO_RESERVATION.": queued and affinity != "NO_RESERVATION",
        "Queued provisioning requires autoscaling with a minimum of 0 nodes.": queued
        and (floor > 0 or "autoscaling" not in inputs),
    }
    for problem, found in problems.items():
        if found:
            raise CloudError(_BAD, problem)


def _reservation(call: Call, inputs: Object) -> None:
    """https://cloud.google.com/kubernetes-engine/docs/how-to/consuming-reservations."""
    affinity = "nodeConfig.reservationAffinity"
    specific = text(inputs, f"{affinity}.consumeReservationType") == "SPECIFIC_RESERVATION"
    names = texts(inputs, f"{affinity}.values")
    if not specific:
        if names:
            raise CloudError(_BAD, "Reservation values may only be set with SPECIFIC_RESERVATION.")
        return
    if text(inputs, f"{affinity}.key") != "compute.googleapis.com/reservation-name" or len(names) != 1:
        raise CloudError(
            _BAD, "SPECIFIC_RESERVATION requires the key compute.googleapis.com/reservation-name and one value."
        )
    name = reservation_name(names[0])
    found = call.account.find(v.RESERVATION, "name", name)
    if found is None:
        raise CloudError(_BAD, f"The reservation {name} does not exist.")
    if found.text("zone") not in texts(inputs, "nodeLocations"):
        raise CloudError(_BAD, f"The reservation {name} is in zone {found.text('zone')}.")


def reservation_name(value: str) -> str:
    """The name in a path such as ``projects/p/reservations/r/reservationBlocks/b``."""
    found = re.fullmatch(r"(?:projects/[^/]+/reservations/)?([^/]+)(?:/reservationBlocks/.*)?", value)
    return found[1] if found else value


def _placement(call: Call, inputs: Object) -> None:
    """https://cloud.google.com/kubernetes-engine/docs/how-to/compact-placement, limitations."""
    if text(inputs, "placementPolicy.type") != "COMPACT":
        return
    if len(texts(inputs, "nodeLocations")) > 1:
        raise CloudError(_BAD, "Compact placement is only supported for node pools with a single zone.")
    if truth(inputs, "queuedProvisioning.enabled"):
        raise CloudError(_BAD, "Compact placement is not supported with queued provisioning.")
    name = text(inputs, "placementPolicy.policyName")
    if name and call.account.find(v.RESOURCE_POLICY, "name", name) is None:
        raise CloudError(_BAD, f'Resource policy "{name}" does not exist.')


def _gpus(call: Call, inputs: Object) -> None:
    """https://cloud.google.com/kubernetes-engine/docs/how-to/gpus."""
    del call
    kind = text(inputs, "nodeConfig.machineType")
    wanted, found = hardware(kind), machine(kind)
    given = objects(inputs, "nodeConfig.guestAccelerators")
    if found is None:
        return
    if bool(given) != bool(found.gpus):
        raise CloudError(
            _BAD, f"Machine type {kind} {'requires' if found.gpus else 'does not support'} guest accelerators."
        )
    for accelerator in given:
        if text(accelerator, "type") != wanted.accelerator:
            raise CloudError(
                _BAD,
                f'Accelerator type "{text(accelerator, "type")}" is not valid for machine type {kind}; '
                f'use "{wanted.accelerator}".',
            )
        partition = text(accelerator, "gpuPartitionSize")
        if partition and partition not in {profile.name for profile in gpu(found.gpu or "").mig_profiles}:
            raise CloudError(
                _BAD, f'GPU partition size "{partition}" is not supported for accelerator type {wanted.accelerator}.'
            )
        if whole(accelerator, "count") != found.gpus:
            raise CloudError(
                _BAD, f"Machine type {kind} requires {found.gpus} accelerators, not {whole(accelerator, 'count')}."
            )


def _disks(call: Call, inputs: Object) -> None:
    """https://cloud.google.com/compute/docs/disks/hyperdisks#machine-type-support and local-ssd#lssd_disk_options."""
    del call
    kind = text(inputs, "nodeConfig.machineType")
    wanted = hardware(kind)
    boot = text(inputs, "nodeConfig.diskType") or "pd-balanced"
    if boot not in wanted.disks:
        raise CloudError(_BAD, f"{boot} disk type cannot be used by {kind} machine type.")
    path = "nodeConfig.ephemeralStorageLocalSsdConfig.localSsdCount"
    if wanted.local_disks is not None and at(inputs, path) is not None and whole(inputs, path) != wanted.local_disks:
        raise CloudError(
            _BAD, f"The number of local SSDs of {kind} must be {wanted.local_disks}, not {whole(inputs, path)}."
        )


def _management(call: Call, inputs: Object) -> None:
    """Words: https://github.com/hashicorp/terraform-provider-google/issues/11089."""
    cluster = cluster_of(call, inputs)
    channel = cluster.text("releaseChannel.channel") if cluster else ""
    if channel in {"RAPID", "REGULAR", "STABLE", "EXTENDED"} and not truth(
        inputs, "management.autoUpgrade", default=True
    ):
        raise CloudError(_BAD, f"Auto_upgrade must be true when release_channel {channel} is set.")
    by_server = text(inputs, "nodeConfig.workloadMetadataConfig.mode") == "GKE_METADATA"
    if by_server and cluster is not None and not cluster.text("workloadIdentityConfig.workloadPool"):
        raise CloudError(_BAD, "Workload metadata mode GKE_METADATA requires Workload Identity on the cluster.")


def _version(call: Call, inputs: Object) -> None:
    cluster = cluster_of(call, inputs)
    kind = text(inputs, "nodeConfig.machineType")
    have = numbers(cluster.text("masterVersion")) if cluster else None
    if have is None:
        return
    if have < hardware(kind).oldest:
        oldest = "{}.{}.{}-gke.{}".format(*hardware(kind).oldest)
        raise CloudError(_BAD, f"Machine type {kind} requires GKE version {oldest} or later.")
    if truth(inputs, "nodeConfig.flexStart") and have < _FLEX:
        raise CloudError(_BAD, "Flex-start requires GKE version 1.33.0-gke.1712000 or later.")
    if text(inputs, "networkConfig.acceleratorNetworkProfile") and have < _DRANET:
        raise CloudError(_BAD, "Accelerator network profiles require GKE version 1.34.1-gke.1829001 or later.")


def _cards(call: Call, inputs: Object) -> None:
    """https://cloud.google.com/kubernetes-engine/docs/how-to/setup-multinetwork-support-for-pods."""
    path = "networkConfig.additionalNodeNetworkConfigs"
    more, cluster = objects(inputs, path), cluster_of(call, inputs)
    kind = text(inputs, "nodeConfig.machineType")
    if not more or cluster is None:
        return
    if text(inputs, "networkConfig.acceleratorNetworkProfile"):
        raise CloudError(_BAD, "Additional node networks cannot be set together with an accelerator network profile.")
    if not truth(cluster.properties, "enableMultiNetworking"):
        raise CloudError(_BAD, "Additional node networks require multi-networking to be enabled on the cluster.")
    if len(more) > hardware(kind).cards:
        raise CloudError(
            _BAD, f"Machine type {kind} supports up to {hardware(kind).cards} additional networks, not {len(more)}."
        )
    if len({text(network, "subnetwork") for network in more}) < len(more):
        raise CloudError(_BAD, "Two additional node networks use the same subnetwork.")
    for network in more:
        _card(call, cluster, network, texts(inputs, "nodeLocations"))


def _card(call: Call, cluster: Record, card: Object, places: list[str]) -> None:
    subnet = call.account.find(v.SUBNETWORK, "name", text(card, "subnetwork"))
    network = network_of(call, subnet.text("network")) if subnet else None
    if subnet is None or network is None or network.text("name") != text(card, "network"):
        raise CloudError(_BAD, f'Subnetwork "{text(card, "subnetwork")}" is not in network "{text(card, "network")}".')
    if network.identifier == cluster.text("network"):
        raise CloudError(_BAD, "An additional node network cannot be the network of the cluster.")
    profile = network.text("networkProfile")
    if profile and any(f"/{zone}-vpc-roce" not in profile for zone in places):
        raise CloudError(_BAD, f"Network {network.text('name')} with profile {v.last(profile)} serves one zone only.")


def _labels(_call: Call, inputs: Object) -> None:
    """https://cloud.google.com/kubernetes-engine/docs/how-to/creating-managing-labels."""
    for key in mapping(inputs, "nodeConfig.labels"):
        if key.startswith(_RESERVED_LABELS) and key not in _ALLOWED_LABELS:
            raise CloudError(_BAD, f'Node label key "{key}" is reserved.')
    taints = [(text(taint, "key"), text(taint, "effect")) for taint in objects(inputs, "nodeConfig.taints")]
    if len(set(taints)) < len(taints):
        raise CloudError(_BAD, "Duplicate taint with the same key and effect.")


def _pod_range(call: Call, inputs: Object) -> None:
    most = whole(inputs, "maxPodsPerNode", 110)
    del call
    if not 8 <= most <= 256:  # noqa: PLR2004 - in the words below
        raise CloudError(_BAD, f"Maximum pods per node must be between 8 and 256, not {most}.")


_CONFIG = {
    "nodeConfig": Prop(managed=True),
    "nodeConfig.machineType": Prop(managed=True),
    "nodeConfig.imageType": v.one_of("COS_CONTAINERD", "UBUNTU_CONTAINERD", managed=True),
    "nodeConfig.diskType": v.one_of("pd-standard", "pd-balanced", "pd-ssd", "hyperdisk-balanced", managed=True),
    "nodeConfig.diskSizeGb": Prop(allowed=Between(10, 65536), managed=True),
    "nodeConfig.ephemeralStorageLocalSsdConfig": Prop(fixed=True, managed=True),
    "nodeConfig.ephemeralStorageLocalSsdConfig.localSsdCount": Prop(allowed=Between(0, 64), fixed=True),
    "nodeConfig.guestAccelerators": Prop(fixed=True, managed=True),
    "nodeConfig.guestAccelerators.type": Prop(fixed=True),
    "nodeConfig.guestAccelerators.count": Prop(allowed=Between(0, 16), fixed=True),
    "nodeConfig.guestAccelerators.gpuDriverInstallationConfig": Prop(fixed=True, managed=True),
    # A change replaces the pool: https://github.com/hashicorp/terraform-provider-google/issues/23248.
    "nodeConfig.guestAccelerators.gpuDriverInstallationConfig.gpuDriverVersion": v.one_of(
        "GPU_DRIVER_VERSION_UNSPECIFIED", "INSTALLATION_DISABLED", "DEFAULT", "LATEST", fixed=True
    ),
    # https://cloud.google.com/kubernetes-engine/docs/how-to/gpus-multi and how-to/timesharing-gpus (2 to 48 clients).
    "nodeConfig.guestAccelerators.gpuPartitionSize": Prop(allowed=Pattern(r"\dg\.\d+gb"), fixed=True),
    "nodeConfig.guestAccelerators.gpuSharingConfig": Prop(fixed=True),
    "nodeConfig.guestAccelerators.gpuSharingConfig.gpuSharingStrategy": v.one_of("TIME_SHARING", "MPS", fixed=True),
    "nodeConfig.guestAccelerators.gpuSharingConfig.maxSharedClientsPerGpu": Prop(allowed=Between(2, 48), fixed=True),
    "nodeConfig.serviceAccount": Prop(
        fixed=True,
        managed=True,
        refers=Reference(
            kinds=(v.SERVICE_ACCOUNT,),
            by="email",
            code=_BAD,
            message='Service account "{value}" does not exist.',
        ),
    ),
    "nodeConfig.oauthScopes": Prop(fixed=True, unordered=True, managed=True),
    "nodeConfig.workloadMetadataConfig": Prop(managed=True),
    "nodeConfig.workloadMetadataConfig.mode": v.one_of("GCE_METADATA", "GKE_METADATA", "MODE_UNSPECIFIED"),
    "nodeConfig.metadata": Prop(fixed=True, managed=True),
    "nodeConfig.gvnic": Prop(managed=True),
    "nodeConfig.gvnic.enabled": Prop(managed=True),
    "nodeConfig.gcfsConfig": Prop(managed=True),
    "nodeConfig.gcfsConfig.enabled": Prop(managed=True),
    "nodeConfig.shieldedInstanceConfig": Prop(fixed=True, managed=True),
    "nodeConfig.shieldedInstanceConfig.enableIntegrityMonitoring": Prop(fixed=True),
    "nodeConfig.shieldedInstanceConfig.enableSecureBoot": Prop(fixed=True),
    "nodeConfig.spot": Prop(fixed=True, managed=True),
    "nodeConfig.flexStart": Prop(fixed=True, managed=True),
    "nodeConfig.maxRunDuration": Prop(allowed=Pattern(r"\d{1,6}s"), fixed=True, managed=True),
    "nodeConfig.reservationAffinity": Prop(fixed=True, managed=True),
    "nodeConfig.reservationAffinity.consumeReservationType": v.one_of(
        "UNSPECIFIED", "NO_RESERVATION", "ANY_RESERVATION", "SPECIFIC_RESERVATION", fixed=True
    ),
    "nodeConfig.reservationAffinity.key": Prop(fixed=True),
    "nodeConfig.reservationAffinity.values": Prop(fixed=True),
    "nodeConfig.labels": Prop(managed=True),
    "nodeConfig.resourceLabels": v.LABELLED["labels"],
    # https://github.com/pulumi/pulumi-gcp/issues/1139.
    "nodeConfig.taints": Prop(fixed=True, managed=True),
    "nodeConfig.taints.key": Prop(allowed=Between(1, 253), fixed=True),
    "nodeConfig.taints.value": Prop(allowed=Between(0, 63), fixed=True),
    "nodeConfig.taints.effect": v.one_of("NO_SCHEDULE", "PREFER_NO_SCHEDULE", "NO_EXECUTE", fixed=True),
}

NODE_POOL = Kind(
    token=v.NODE_POOL,
    source=f"{v.REGISTRY}/container_node_pool; {v.GKE_API}/projects.locations.clusters.nodePools; {_TOOLKIT}",
    service="container",
    noun="NodePool",
    operation="NodePool",
    autoname="name",
    make_id=lambda _call, inputs: f"{text(inputs, 'cluster')}/nodePools/{text(inputs, 'name')}",
    properties={
        "name": Prop(allowed=Pattern(r"[a-z]([-a-z0-9]{0,38}[a-z0-9])?"), fixed=True),
        **v.IN_PROJECT,
        "cluster": Prop(
            fixed=True,
            refers=Reference(kinds=(v.CLUSTER,), code="notFound", message="Not found: {value}.", holds=False),
        ),
        "location": Prop(fixed=True, managed=True),
        "nodeLocations": Prop(unordered=True, managed=True),
        "nodeCount": Prop(allowed=Between(0, 1000), managed=True),
        "initialNodeCount": Prop(allowed=Between(0, 1000), fixed=True, managed=True),
        "autoscaling": Prop(),
        "autoscaling.totalMinNodeCount": Prop(allowed=Between(0, 15000)),
        "autoscaling.totalMaxNodeCount": Prop(allowed=Between(0, 15000)),
        "autoscaling.locationPolicy": v.one_of("BALANCED", "ANY", managed=True),
        # In the API's own words, not the provider's: see ``_pod_range``.
        "maxPodsPerNode": Prop(fixed=True, managed=True),
        "management": Prop(managed=True),
        "management.autoRepair": Prop(managed=True),
        "management.autoUpgrade": Prop(managed=True),
        "upgradeSettings": Prop(managed=True),
        "upgradeSettings.strategy": v.one_of("SURGE", "BLUE_GREEN", "SHORT_LIVED"),
        "upgradeSettings.maxSurge": Prop(allowed=Between(0, 20)),
        "upgradeSettings.maxUnavailable": Prop(allowed=Between(0, 20)),
        "networkConfig": Prop(managed=True),
        "networkConfig.enablePrivateNodes": Prop(managed=True),
        "networkConfig.acceleratorNetworkProfile": v.one_of("auto", fixed=True),
        "networkConfig.additionalNodeNetworkConfigs": Prop(length=(0, 9), fixed=True),
        "networkConfig.additionalNodeNetworkConfigs.network": v.to_network(by="name"),
        "networkConfig.additionalNodeNetworkConfigs.subnetwork": v.to_subnetwork(by="name"),
        "placementPolicy": Prop(fixed=True),
        "placementPolicy.type": v.one_of("COMPACT", fixed=True),
        "placementPolicy.policyName": Prop(
            fixed=True,
            refers=Reference(
                kinds=(v.RESOURCE_POLICY,), by="name", code=_BAD, message='Resource policy "{value}" does not exist.'
            ),
        ),
        "queuedProvisioning": Prop(fixed=True),
        "queuedProvisioning.enabled": Prop(fixed=True),
        **_CONFIG,
    },
    checks=(_exclusive,),
    unique=(Unique(paths=("cluster", "name"), code="alreadyExists", message="Already exists: {id}."),),
    demands=(
        _zones,
        _scaling,
        _capacity,
        _gpus,
        _disks,
        _management,
        _version,
        _cards,
        _labels,
        _pod_range,
        _streaming,
    ),
    on_create=(v.needs("container.googleapis.com", "Kubernetes Engine API"), _placement, _reservation),
    compute=lambda call, inputs: {"project": v.project_of(call, inputs)},
    exists=("alreadyExists", "Already exists: {id}."),
    missing=("notFound", "Not found: {id}."),
    # The API has it, the provider keeps it to itself: a pool whose creation failed is tainted and made anew.
    status="status",
    states=("PROVISIONING", "RUNNING"),
    failed="ERROR",
    minutes=2,
    delete_minutes=2,
    comes_up_badly=frozenset({"ZONE_RESOURCE_POOL_EXHAUSTED", "GCE_STOCKOUT", "QUOTA_EXCEEDED", "IP_SPACE_EXHAUSTED"}),
    effects=node_pool_effects(managed, require_machines),
)


def _workload(inputs: Object) -> Iterator[Failure]:
    """Source: terraform-provider-google, compute_resource_policy, ExactlyOneOf."""
    policies = {"workloadPolicy", "groupPlacementPolicy", "instanceSchedulePolicy", "snapshotSchedulePolicy"}
    if len(policies & inputs.keys()) != 1:
        yield Failure("workloadPolicy", "one of the policies must be specified")


RESOURCE_POLICY = Kind(
    token=v.RESOURCE_POLICY,
    source=f"{v.REGISTRY}/compute_resource_policy; {v.COMPUTE_API}/resourcePolicies",
    service="compute",
    noun="ResourcePolicy",
    operation="ResourcePolicy",
    autoname="name",
    make_id=v.path_id("projects/{project}/regions/{region}/resourcePolicies/{name}"),
    properties={
        **v.NAMED,
        "region": Prop(allowed=v.REGION, fixed=True, managed=True),
        "workloadPolicy": Prop(fixed=True),
        "workloadPolicy.type": v.one_of("HIGH_AVAILABILITY", "HIGH_THROUGHPUT", fixed=True),
        "workloadPolicy.acceleratorTopology": Prop(allowed=Pattern(r"\d+x\d+"), fixed=True),
    },
    checks=(_workload,),
    on_create=(v.COMPUTE,),
    compute=v.linked,
    exists=("alreadyExists", "The resource '{id}' already exists"),
    in_use=("resourceInUseByAnotherResource", "The resource '{id}' is already being used by '{holder}'"),
    missing=("notFound", "The resource '{id}' was not found"),
)

KINDS = (NODE_POOL, RESOURCE_POLICY)
"""Every type of this file."""
