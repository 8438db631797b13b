"""GKE clusters: the control plane and what it is told about networks, access and add-ons."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from datetime import datetime

from ...provider.errors import CloudError
from ...provider.rules import Between, Cidr, Pattern
from ...provider.store import Record
from ...provider.tables import Call, Kind, Prop, Reference
from ...provider.typecheck import Failure
from ...provider.values import Object, objects, text, texts, truth, whole
from . import vocabulary as v
from .control_planes import cluster_effects, managed
from .identities import GKE_AGENT
from .networks import ranges_of
from .regions import zones
from .versions import CHANNELS, numbers, resolved

_BAD = "badRequest"
_CHANNELS = ("UNSPECIFIED", "RAPID", "REGULAR", "STABLE", "EXTENDED")
_LOGS = (
    *("SYSTEM_COMPONENTS", "WORKLOADS", "APISERVER", "CONTROLLER_MANAGER", "SCHEDULER", "KCP_SSHD"),
    *("KCP_CONNECTION", "KCP_HPA"),
)
_METRICS = (
    *("SYSTEM_COMPONENTS", "APISERVER", "SCHEDULER", "CONTROLLER_MANAGER", "STORAGE", "HPA", "POD", "DAEMONSET"),
    *("DEPLOYMENT", "STATEFULSET", "CADVISOR", "KUBELET", "DCGM", "JOBSET"),
)
_CONTROL_PLANE_PREFIX = 28
_SHORTEST_WINDOW, _LEAST_MAINTENANCE = 4, 48


def cluster_of(call: Call, inputs: Object) -> Record | None:
    """The cluster that a node pool belongs to."""
    return call.account.get(v.CLUSTER, text(inputs, "cluster"))


def region_of(location: str) -> str:
    """The region of a location, which may be a zone."""
    found = re.fullmatch(r"([a-z]+-[a-z]+\d+)(-[a-z])?", location)
    return found[1] if found else ""


def _location(_call: Call, inputs: Object) -> None:
    location = text(inputs, "location")
    if not zones(region_of(location)):
        raise CloudError(_BAD, f'Location "{location}" does not exist.')
    for zone in texts(inputs, "nodeLocations"):
        if zone not in zones(region_of(location)):
            raise CloudError(_BAD, f'Zone "{zone}" is not in region "{region_of(location)}" of the cluster.')


def _version(_call: Call, inputs: Object) -> None:
    """Words: https://github.com/hashicorp/terraform-provider-google/issues/9356."""
    wanted = text(inputs, "minMasterVersion")
    if not resolved(wanted):
        raise CloudError(_BAD, f'Master version "{wanted}" is unsupported.')


def _channel(_call: Call, inputs: Object) -> None:
    """https://cloud.google.com/kubernetes-engine/docs/concepts/release-channels."""
    channel, version = text(inputs, "releaseChannel.channel"), resolved(text(inputs, "minMasterVersion"))
    if channel in CHANNELS and not any(numbers(held)[:2] == numbers(version)[:2] for held in CHANNELS[channel]):
        raise CloudError(_BAD, f'Master version "{version}" is unsupported in the release channel {channel}.')


def _subnet(call: Call, inputs: Object) -> None:
    """https://cloud.google.com/kubernetes-engine/docs/concepts/alias-ips."""
    subnet = call.account.get(v.SUBNETWORK, text(inputs, "subnetwork"))
    if subnet is None:
        return
    if subnet.text("network") != text(inputs, "network"):
        raise CloudError(_BAD, f'Subnetwork "{subnet.identifier}" is not in network "{text(inputs, "network")}".')
    if subnet.text("region") != region_of(text(inputs, "location")):
        raise CloudError(_BAD, f'Subnetwork "{subnet.identifier}" is not in the region of the cluster.')
    held = texts(subnet.properties, "secondaryIpRanges.rangeName")
    for what, path in (("Pod", "cluster"), ("Services", "services")):
        name = text(inputs, f"ipAllocationPolicy.{path}SecondaryRangeName")
        if name and name not in held:
            raise CloudError(
                _BAD,
                f'{what} secondary range "{name}" does not exist in network "{v.last(subnet.text("network"))}", '
                f'subnetwork "{subnet.text("name")}".',
            )


def _shared_vpc(call: Call, inputs: Object) -> None:
    """https://cloud.google.com/kubernetes-engine/docs/how-to/cluster-shared-vpc#enabling_and_granting_roles."""
    host = text(inputs, "network").split("/")[1:2]
    if not host or host[0] == v.project_of(call, inputs):
        return
    held = {
        (grant.text("role"), grant.text("member")) for grant in call.account.where(v.IAM_MEMBER, "project", host[0])
    }
    apis = f"serviceAccount:{v.PROJECT_NUMBER}@cloudservices.gserviceaccount.com"
    needed = (
        ("roles/container.hostServiceAgentUser", GKE_AGENT),
        ("roles/compute.networkUser", GKE_AGENT),
        ("roles/compute.networkUser", apis),
    )
    for role, member in needed:
        if (role, member) not in held:
            raise CloudError("forbidden", f"{member} needs the role {role} in the host project {host[0]}.")


def _control_plane(call: Call, inputs: Object) -> None:
    """https://cloud.google.com/kubernetes-engine/docs/how-to/private-clusters, requirements and restrictions."""
    cidr = text(inputs, "privateClusterConfig.masterIpv4CidrBlock")
    if cidr:
        wanted = ipaddress.IPv4Network(cidr)
        if wanted.prefixlen != _CONTROL_PLANE_PREFIX:
            raise CloudError(_BAD, f"Invalid master_ipv4_cidr_block: {cidr} must be a /{_CONTROL_PLANE_PREFIX}.")
        for other in call.account.where(v.SUBNETWORK, "network", text(inputs, "network")):
            for address_range in ranges_of(other.properties):
                if ipaddress.IPv4Network(address_range).overlaps(wanted):
                    raise CloudError(
                        _BAD,
                        f"The given master_ipv4_cidr {cidr} overlaps with an existing network {other.text('name')}.",
                    )
    private = truth(inputs, "privateClusterConfig.enablePrivateEndpoint")
    if private and not truth(inputs, "privateClusterConfig.enablePrivateNodes"):
        raise CloudError(_BAD, "EnablePrivateEndpoint can only be set if EnablePrivateNodes is set.")
    by_address = truth(inputs, "controlPlaneEndpointsConfig.ipEndpointsConfig.enabled", default=True)
    if not by_address and objects(inputs, "masterAuthorizedNetworksConfig.cidrBlocks"):
        raise CloudError(_BAD, "Authorized networks cannot be set when IP endpoints are disabled.")


def _networking(_call: Call, inputs: Object) -> None:
    """Words: GoogleCloudPlatform/cluster-toolkit, modules/scheduler/gke-cluster/main.tf, preconditions."""
    if truth(inputs, "enableMultiNetworking") and text(inputs, "datapathProvider") != "ADVANCED_DATAPATH":
        raise CloudError(_BAD, "Multi-networking is only supported with Dataplane V2 (ADVANCED_DATAPATH).")


def _identity(call: Call, inputs: Object) -> None:
    """https://cloud.google.com/kubernetes-engine/docs/how-to/workload-identity."""
    pool, own = text(inputs, "workloadIdentityConfig.workloadPool"), f"{v.project_of(call, inputs)}.svc.id.goog"
    if pool and pool != own:
        raise CloudError(_BAD, f'Workload Identity Pool "{pool}" is not supported; currently, the only one is "{own}".')


def _encryption(call: Call, inputs: Object) -> None:
    """https://cloud.google.com/kubernetes-engine/docs/how-to/encrypting-secrets."""
    key = text(inputs, "databaseEncryption.keyName")
    if (text(inputs, "databaseEncryption.state") == "ENCRYPTED") != bool(key):
        raise CloudError(_BAD, "DatabaseEncryption.KeyName has to be set if and only if the state is ENCRYPTED.")
    allowed = [grant.text("member") for grant in call.account.where(v.KEY_MEMBER, "cryptoKeyId", key)] if key else []
    if key and GKE_AGENT not in allowed:
        raise CloudError(
            _BAD,
            f"Cloud KMS key {key} is not usable: grant the role roles/cloudkms.cryptoKeyEncrypterDecrypter to "
            f"{GKE_AGENT}.",
        )


def _nodes(inputs: Object) -> Iterator[Failure]:
    """Source: terraform-provider-google, container_cluster: remove_default_node_pool goes with a count of 1 or more."""
    if truth(inputs, "removeDefaultNodePool") and whole(inputs, "initialNodeCount") < 1:
        yield Failure("initialNodeCount", "initial_node_count must be greater than zero")


def _maintenance(_call: Call, inputs: Object) -> None:
    """https://cloud.google.com/kubernetes-engine/docs/concepts/maintenance-windows-and-exclusions#limitations."""
    path = "maintenancePolicy.recurringWindow"
    start, end = text(inputs, f"{path}.startTime"), text(inputs, f"{path}.endTime")
    if not start:
        return
    hours = (datetime.fromisoformat(end) - datetime.fromisoformat(start)).total_seconds() / 3600
    days = len(text(inputs, f"{path}.recurrence").partition("BYDAY=")[2].split(","))
    if hours < _SHORTEST_WINDOW or 4 * days * hours < _LEAST_MAINTENANCE:
        raise CloudError(
            _BAD,
            f"Invalid maintenance policy: at least {_LEAST_MAINTENANCE}h of maintenance availability are required in a "
            f"32-day rolling window, in windows of at least {_SHORTEST_WINDOW}h.",
        )


def _upgrade(_call: Call, old: Object, new: Object) -> None:
    """https://cloud.google.com/kubernetes-engine/docs/how-to/upgrading-a-cluster: one minor version at a time."""
    before, after = resolved(text(old, "minMasterVersion")), resolved(text(new, "minMasterVersion"))
    if numbers(after)[:2] < numbers(before)[:2] or numbers(after)[1] - numbers(before)[1] > 1:
        raise CloudError(_BAD, f'Master cannot be upgraded to "{after}": cannot go from {before} to {after} at once.')


def _not_protected(_call: Call, properties: Object) -> None:
    """Words: terraform-provider-google, resource_container_cluster.go, resourceContainerClusterDelete."""
    if truth(properties, "deletionProtection", default=True):
        raise CloudError(
            _BAD,
            "Cannot destroy cluster because deletion_protection is set to true. Set it to false to proceed with "
            "cluster deletion.",
        )


def _computed(call: Call, inputs: Object) -> Object:
    return {
        "project": v.project_of(call, inputs),
        "selfLink": f"https://container.googleapis.com/v1/{call.identifier}",
        "operation": "",
        "servicesIpv4Cidr": "",
    }


def _recomputed(_call: Call, inputs: Object) -> Object:
    return {"masterVersion": resolved(text(inputs, "minMasterVersion"))}


_SWITCH = Prop(managed=True)
_MOMENT = Prop(allowed=Pattern(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"))
_DAY = "(MO|TU|WE|TH|FR|SA|SU)"

CLUSTER = Kind(
    token=v.CLUSTER,
    source=f"{v.REGISTRY}/container_cluster; {v.GKE_API}/projects.locations.clusters",
    service="container",
    noun="GKE cluster",
    operation="Cluster",
    autoname="name",
    make_id=v.path_id("projects/{project}/locations/{location}/clusters/{name}"),
    properties={
        "name": Prop(allowed=Pattern(r"[a-z]([-a-z0-9]{0,38}[a-z0-9])?"), fixed=True),
        **v.IN_PROJECT,
        "location": Prop(fixed=True, managed=True),
        "resourceLabels": v.LABELLED["labels"],
        "nodeLocations": Prop(unordered=True, managed=True),
        "minMasterVersion": Prop(allowed=Pattern(r"latest|1\.\d{2}(\.\d+(-gke\.\d+)?)?"), managed=True),
        "releaseChannel": Prop(managed=True),
        "releaseChannel.channel": v.one_of(*_CHANNELS),
        "network": v.to_network(),
        "subnetwork": v.to_subnetwork(),
        "networkingMode": v.one_of("VPC_NATIVE", "ROUTES", fixed=True, managed=True),
        "ipAllocationPolicy": Prop(fixed=True, managed=True),
        "ipAllocationPolicy.clusterSecondaryRangeName": Prop(fixed=True),
        "ipAllocationPolicy.servicesSecondaryRangeName": Prop(fixed=True),
        # https://cloud.google.com/kubernetes-engine/docs/how-to/flexible-pod-cidr.
        "defaultMaxPodsPerNode": Prop(allowed=Between(8, 256), fixed=True, managed=True),
        "datapathProvider": v.one_of(
            "DATAPATH_PROVIDER_UNSPECIFIED", "LEGACY_DATAPATH", "ADVANCED_DATAPATH", fixed=True, managed=True
        ),
        "enableMultiNetworking": Prop(fixed=True, managed=True),
        "privateClusterConfig": Prop(managed=True),
        "privateClusterConfig.enablePrivateNodes": Prop(managed=True),
        "privateClusterConfig.enablePrivateEndpoint": Prop(managed=True),
        "privateClusterConfig.masterIpv4CidrBlock": Prop(allowed=Cidr(), fixed=True, managed=True),
        "privateClusterConfig.masterGlobalAccessConfig": Prop(managed=True),
        "privateClusterConfig.masterGlobalAccessConfig.enabled": _SWITCH,
        "controlPlaneEndpointsConfig": Prop(managed=True),
        "controlPlaneEndpointsConfig.dnsEndpointConfig": Prop(managed=True),
        "controlPlaneEndpointsConfig.dnsEndpointConfig.allowExternalTraffic": _SWITCH,
        "controlPlaneEndpointsConfig.ipEndpointsConfig": Prop(managed=True),
        "controlPlaneEndpointsConfig.ipEndpointsConfig.enabled": _SWITCH,
        "masterAuthorizedNetworksConfig": Prop(managed=True),
        "masterAuthorizedNetworksConfig.cidrBlocks": Prop(length=(0, 100), unordered=True),
        "masterAuthorizedNetworksConfig.cidrBlocks.cidrBlock": Prop(allowed=Cidr()),
        "masterAuthorizedNetworksConfig.gcpPublicCidrsAccessEnabled": _SWITCH,
        "masterAuthorizedNetworksConfig.privateEndpointEnforcementEnabled": _SWITCH,
        "workloadIdentityConfig": Prop(managed=True),
        "workloadIdentityConfig.workloadPool": Prop(allowed=Pattern(r"[a-z0-9-]+\.svc\.id\.goog")),
        "databaseEncryption": Prop(managed=True),
        "databaseEncryption.state": v.one_of("ENCRYPTED", "DECRYPTED"),
        "databaseEncryption.keyName": Prop(
            refers=Reference(
                kinds=(v.CRYPTO_KEY,), code=_BAD, message="Cloud KMS key {value} does not exist.", holds=False
            )
        ),
        "removeDefaultNodePool": Prop(managed=True),
        "initialNodeCount": Prop(allowed=Between(0, 1000), fixed=True, managed=True),
        "nodeConfig": Prop(fixed=True, managed=True),
        "nodeConfig.serviceAccount": Prop(
            fixed=True,
            refers=Reference(
                kinds=(v.SERVICE_ACCOUNT,),
                by="email",
                code=_BAD,
                message='Service account "{value}" does not exist.',
                holds=False,
            ),
        ),
        "enableShieldedNodes": _SWITCH,
        "gatewayApiConfig": Prop(managed=True),
        "gatewayApiConfig.channel": v.one_of("CHANNEL_DISABLED", "CHANNEL_EXPERIMENTAL", "CHANNEL_STANDARD"),
        "costManagementConfig": Prop(managed=True),
        "costManagementConfig.enabled": _SWITCH,
        "addonsConfig": Prop(managed=True),
        **{
            path: _SWITCH
            for add_on in (
                "gcePersistentDiskCsiDriverConfig",
                "gcpFilestoreCsiDriverConfig",
                "gcsFuseCsiDriverConfig",
                "lustreCsiDriverConfig",
                "dnsCacheConfig",
            )
            for path in (f"addonsConfig.{add_on}", f"addonsConfig.{add_on}.enabled")
        },
        "loggingConfig": Prop(managed=True),
        "loggingConfig.enableComponents": Prop(allowed=v.one_of(*_LOGS).allowed, unordered=True),
        "monitoringConfig": Prop(managed=True),
        "monitoringConfig.enableComponents": Prop(allowed=v.one_of(*_METRICS).allowed, unordered=True),
        "monitoringConfig.managedPrometheus": Prop(managed=True),
        "monitoringConfig.managedPrometheus.enabled": _SWITCH,
        "maintenancePolicy": Prop(),
        "maintenancePolicy.recurringWindow": Prop(),
        "maintenancePolicy.recurringWindow.startTime": _MOMENT,
        "maintenancePolicy.recurringWindow.endTime": _MOMENT,
        "maintenancePolicy.recurringWindow.recurrence": Prop(allowed=Pattern(rf"FREQ=WEEKLY;BYDAY={_DAY}(,{_DAY})*")),
        "maintenancePolicy.maintenanceExclusions": Prop(length=(0, 20), unordered=True),
        "maintenancePolicy.maintenanceExclusions.exclusionName": Prop(),
        "maintenancePolicy.maintenanceExclusions.startTime": _MOMENT,
        "maintenancePolicy.maintenanceExclusions.exclusionOptions": Prop(),
        "maintenancePolicy.maintenanceExclusions.exclusionOptions.scope": v.one_of(
            "NO_UPGRADES", "NO_MINOR_UPGRADES", "NO_MINOR_OR_NODE_UPGRADES"
        ),
        "maintenancePolicy.maintenanceExclusions.exclusionOptions.endTimeBehavior": v.one_of("UNTIL_END_OF_SUPPORT"),
        # The provider's own, not the API's: true unless said otherwise.
        "deletionProtection": Prop(default=True),
    },
    checks=(_nodes,),
    demands=(_location, _version, _subnet, _networking, _identity, _encryption, _maintenance),
    on_create=(v.needs("container.googleapis.com", "Kubernetes Engine API"), _channel, _shared_vpc, _control_plane),
    on_update=(_upgrade,),
    on_delete=(_not_protected,),
    compute=_computed,
    recompute=_recomputed,
    volatile=("masterVersion",),
    chosen=(
        "privateClusterConfig.privateEndpoint",
        "privateClusterConfig.publicEndpoint",
        "controlPlaneEndpointsConfig.dnsEndpointConfig.endpoint",
    ),
    exists=("alreadyExists", "Already exists: {id}."),
    missing=("notFound", "Not found: {id}."),
    minutes=6,
    delete_minutes=3,
    effects=cluster_effects(managed),
)

KINDS = (CLUSTER,)
"""Every type of this file."""
