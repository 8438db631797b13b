"""Look-ups that programs make: zones, versions, quotas, machines on offer, reservations, adopted things."""

from __future__ import annotations

import json
import re

from components.planner.catalogs.instances import instances

from ...provider.errors import CloudError
from ...provider.tables import Call, Compute, Demand
from ...provider.values import Object, Value, objects, text, truth, whole
from ..common.lookups import functions, listed
from . import vocabulary as v
from .machine_types import offered_in
from .quotas import QUOTAS, rows
from .regions import zones
from .versions import CHANNELS, DEFAULT, WITHOUT_CHANNEL, newest_by_channel

_SOURCE = "https://registry.terraform.io/providers/hashicorp/google/latest/docs/data-sources"
_NAME_FILTER = re.compile(r"name = '([a-z0-9-]+)'")


def _zones(call: Call, arguments: Object) -> Object:
    region = text(arguments, "region") or call.region
    if not zones(region):
        raise CloudError("notFound", f"The resource 'regions/{region}' was not found")
    return {"id": f"projects/{v.PROJECT}", "names": [*zones(region)], "project": v.PROJECT, "region": region}


def _versions(_call: Call, arguments: Object) -> Object:
    """Source: terraform-provider-google, data_source_google_container_engine_versions: all of it honours the prefix."""
    location, prefix = text(arguments, "location"), text(arguments, "versionPrefix")
    offered: list[Value] = [version for version in WITHOUT_CHANNEL if version.startswith(prefix)]
    latest = offered[-1] if offered else ""
    newest: Object = {**newest_by_channel(prefix)}
    return {
        "id": location,
        "location": location,
        "project": v.PROJECT,
        "versionPrefix": prefix,
        "validMasterVersions": offered,
        "validNodeVersions": offered,
        "latestMasterVersion": latest,
        "latestNodeVersion": latest,
        "defaultClusterVersion": DEFAULT,
        "releaseChannelDefaultVersion": dict.fromkeys(CHANNELS, DEFAULT),
        "releaseChannelLatestVersion": newest,
    }


def _quota(call: Call, arguments: Object) -> Object:
    code = text(arguments, "quotaId")
    if text(arguments, "service") != "compute.googleapis.com" or code not in QUOTAS:
        raise CloudError("notFound", f"Quota {code} of {text(arguments, 'service')} was not found.")
    return {
        "id": f"{text(arguments, 'parent')}/locations/global/services/compute.googleapis.com/quotaInfos/{code}",
        "name": code,
        "parent": text(arguments, "parent"),
        "service": "compute.googleapis.com",
        "quotaId": code,
        "metric": "",
        "metricDisplayName": "",
        "metricUnit": "1",
        "quotaDisplayName": code,
        "containerType": "PROJECT",
        "dimensions": ["region"],
        "dimensionsInfos": rows(call, code),
        "isConcurrent": False,
        "isFixed": False,
        "isPrecise": True,
        "quotaIncreaseEligibilities": [],
        "refreshInterval": "",
        "serviceRequestQuotaUri": "",
    }


def _machine_types(call: Call, arguments: Object) -> Object:
    zone, given = text(arguments, "zone"), text(arguments, "filter")
    found = _NAME_FILTER.fullmatch(given)
    if given and found is None:
        raise CloudError("invalid", f"the simulated cloud has no filter {given!r}")
    region = zone.rpartition("-")[0]
    names = [
        machine.name
        for machine in instances()
        if machine.cloud == "gcp" and (found is None or machine.name == found[1])
    ]
    offered: list[Value] = [
        {"name": name, "isSharedCpus": False} for name in names if zone in offered_in(call, name, region)
    ]
    return {"id": zone, "machineTypes": offered, "project": v.PROJECT, "zone": zone, "filter": given}


def _reservation(call: Call, arguments: Object) -> Object:
    name, zone = text(arguments, "name"), text(arguments, "zone")
    found = next(
        (
            reservation
            for reservation in call.account.where(v.RESERVATION, "name", name)
            if reservation.text("zone") == zone
        ),
        None,
    )
    if found is None:
        raise CloudError("notFound", f"The resource 'zones/{zone}/reservations/{name}' was not found")
    return {
        "id": found.identifier,
        "name": name,
        "zone": zone,
        "project": v.PROJECT,
        "status": "READY",
        "specificReservationRequired": truth(found.properties, "specific"),
        "specificReservations": [
            {
                "assuredCount": whole(found.properties, "count"),
                "count": whole(found.properties, "count"),
                "inUseCount": 0,
                "instanceProperties": [
                    {
                        "machineType": found.text("machineType"),
                        "guestAccelerators": [],
                        "localSsds": [],
                        "locationHint": "",
                        "maintenanceInterval": "",
                        "minCpuPlatform": "",
                    }
                ],
                "sourceInstanceTemplate": "",
            }
        ],
    }


def _subnetwork(call: Call, arguments: Object) -> Object:
    name, region = text(arguments, "name"), text(arguments, "region") or call.region
    path = f"projects/{text(arguments, 'project') or v.PROJECT}/regions/{region}/subnetworks/{name}"
    found = call.account.get(v.SUBNETWORK, path)
    if found is None:
        raise CloudError("notFound", f"The resource '{path}' was not found")
    return {
        "id": path,
        "name": name,
        "region": region,
        "project": v.PROJECT,
        "network": f"{v.SELF}/{found.text('network')}",
        "ipCidrRange": found.text("ipCidrRange"),
        "privateIpGoogleAccess": truth(found.properties, "privateIpGoogleAccess"),
        "secondaryIpRanges": [
            {
                "rangeName": text(secondary, "rangeName"),
                "ipCidrRange": text(secondary, "ipCidrRange"),
                "reservedInternalRange": "",
            }
            for secondary in objects(found.properties, "secondaryIpRanges")
        ],
        "selfLink": f"{v.SELF}/{path}",
        "gatewayAddress": found.text("gatewayAddress"),
        "description": "",
        "internalIpv6Prefix": "",
    }


def _project(call: Call, arguments: Object) -> Object:
    wanted = text(arguments, "projectId") or v.PROJECT
    if wanted != (call.account.fact(v.PROJECT_FACT) or v.PROJECT):
        raise CloudError("forbidden", f"The caller does not have permission on project {wanted}")
    return {"id": f"projects/{wanted}", "projectId": wanted, "number": v.PROJECT_NUMBER, "name": wanted}


_DRIVERS = (
    "gcePersistentDiskCsiDriverConfig",
    "gcpFilestoreCsiDriverConfig",
    "gcsFuseCsiDriverConfig",
    "lustreCsiDriverConfig",
)


def _cluster(call: Call, arguments: Object) -> Object:
    project = text(arguments, "project") or v.PROJECT
    path = f"projects/{project}/locations/{text(arguments, 'location')}/clusters/{text(arguments, 'name')}"
    found = call.account.get(v.CLUSTER, path)
    if found is None:
        raise CloudError("notFound", f"Not found: {path}.")
    return {
        "id": path,
        "name": found.text("name"),
        "location": found.text("location"),
        "project": project,
        "endpoint": found.text("endpoint"),
        "masterVersion": found.text("masterVersion"),
        "masterAuths": listed(found, "masterAuth"),
        "privateClusterConfigs": listed(found, "privateClusterConfig"),
        "controlPlaneEndpointsConfigs": [
            {"dnsEndpointConfigs": listed(found, "controlPlaneEndpointsConfig.dnsEndpointConfig")}
        ],
        "addonsConfigs": [{f"{add_on}s": listed(found, f"addonsConfig.{add_on}") for add_on in _DRIVERS}],
        "network": found.text("network"),
        "subnetwork": found.text("subnetwork"),
    }


def _project_policy(call: Call, arguments: Object) -> Object:
    project = text(arguments, "project") or v.PROJECT
    bindings = [
        {"role": grant.text("role"), "members": [grant.text("member")]}
        for grant in call.account.where(v.IAM_MEMBER, "project", project)
    ]
    return {"id": project, "project": project, "etag": "", "policyData": json.dumps({"bindings": bindings})}


def _subnetwork_policy(_call: Call, arguments: Object) -> Object:
    """Nobody has a role on a subnet alone."""
    return {"id": text(arguments, "subnetwork"), "etag": "", "policyData": json.dumps({"etag": "ACAB"})}


def _of(demand: Demand, answer: Compute) -> Compute:
    """A question to an API, which is not answered while it is off."""

    def ask(call: Call, arguments: Object) -> Object:
        project = text(arguments, "project") or text(arguments, "parent").removeprefix("projects/")
        demand(call, {**arguments, "project": project})
        return answer(call, arguments)

    return ask


_CONTAINER = v.needs("container.googleapis.com", "Kubernetes Engine API")
_RESOURCE_MANAGER = v.needs("cloudresourcemanager.googleapis.com", "Cloud Resource Manager API")
_CLOUD_QUOTAS = v.needs("cloudquotas.googleapis.com", "Cloud Quotas API")
FUNCTIONS = functions(
    _SOURCE,
    (
        ("gcp:compute/getZones:getZones", "compute_zones", _of(v.COMPUTE, _zones)),
        ("gcp:container/getEngineVersions:getEngineVersions", "container_engine_versions", _of(_CONTAINER, _versions)),
        ("gcp:cloudquota/getSQuotaInfo:getSQuotaInfo", "cloud_quotas_quota_info", _of(_CLOUD_QUOTAS, _quota)),
        ("gcp:compute/getMachineTypes:getMachineTypes", "compute_machine_types", _of(v.COMPUTE, _machine_types)),
        ("gcp:compute/getReservation:getReservation", "compute_reservation", _of(v.COMPUTE, _reservation)),
        ("gcp:compute/getSubnetwork:getSubnetwork", "compute_subnetwork", _of(v.COMPUTE, _subnetwork)),
        ("gcp:organizations/getProject:getProject", "project", _project),
        ("gcp:projects/getIamPolicy:getIamPolicy", "project_iam_policy", _of(_RESOURCE_MANAGER, _project_policy)),
        (
            "gcp:compute/getSubnetworkIamPolicy:getSubnetworkIamPolicy",
            "compute_subnetwork_iam_policy",
            _of(v.COMPUTE, _subnetwork_policy),
        ),
        ("gcp:container/getCluster:getCluster", "container_cluster", _of(_CONTAINER, _cluster)),
    ),
)
"""Every look-up of this file."""
