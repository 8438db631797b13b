"""Look-ups that programs make: who runs, quotas, machines on offer, subnets, clusters."""

from __future__ import annotations

import re

from components.planner.catalogs.instances import instances

from ...provider.errors import CloudError
from ...provider.tables import Call
from ...provider.values import Object, Value, at, mapping, objects, text, texts, whole
from ..common.lookups import functions, listed
from . import vocabulary as v
from .account import CALLER, CALLER_FACT, require_allowed
from .machine_types import offered_in
from .networks import attachment_state
from .quotas import QUOTAS, quota
from .regions import zone_id, zones
from .versions import DEFAULT_KUBERNETES, IN_EXTENDED_SUPPORT, KUBERNETES, newest_release, running_release

_SOURCE = "https://registry.terraform.io/providers/hashicorp/aws/latest/docs/data-sources"
_RELEASE_PARAMETER = re.compile(
    r"/aws/service/eks/optimized-ami/(1\.\d{2})/amazon-linux-2023/(x86_64|arm64)/(standard|nvidia|neuron)"
    "/recommended/release_version"
)


def _caller(call: Call, _arguments: Object) -> Object:
    arn = call.account.fact(CALLER_FACT) or CALLER
    session = arn.rpartition("/")[2]
    return {"accountId": v.owner(call), "arn": arn, "id": v.owner(call), "userId": f"AROA{'X' * 17}:{session}"}


def _service_quota(call: Call, arguments: Object) -> Object:
    service, code, name = (text(arguments, key) for key in ("serviceCode", "quotaCode", "quotaName"))
    if bool(code) == bool(name):
        raise CloudError("ValidationException", "one of quota_code and quota_name has to be given")
    found = next(
        (quota_code for quota_code, row in QUOTAS.items() if row.service == service and name in {"", row.name}), ""
    )
    found = code if code in QUOTAS and QUOTAS[code].service == service else "" if code else found
    if not found:
        raise CloudError(
            "NoSuchResourceException", "The request failed because the specified service quota does not exist."
        )
    row = QUOTAS[found]
    return {
        "adjustable": True,
        "arn": v.arn(call, "servicequotas", f"{service}/{found}"),
        "defaultValue": row.given,
        "globalQuota": False,
        "id": v.arn(call, "servicequotas", f"{service}/{found}"),
        "quotaCode": found,
        "quotaName": row.name,
        "serviceName": service,
        "usageMetrics": [],
        "value": quota(call, found),
    }


def _offerings(call: Call, arguments: Object) -> Object:
    wanted: set[str] = set()
    for query_filter in objects(arguments, "filters"):
        if text(query_filter, "name") != "instance-type":
            raise CloudError(
                "InvalidParameterValue", f"the simulated cloud has no filter {text(query_filter, 'name')!r}"
            )
        wanted |= set(texts(query_filter, "values"))
    place = text(arguments, "locationType") or "region"
    if place not in {"region", "availability-zone"}:
        raise CloudError("InvalidParameterValue", f"the simulated cloud has no location type {place!r}")
    names = [
        machine.name for machine in instances() if machine.cloud == "aws" and (not wanted or machine.name in wanted)
    ]
    types: list[Value] = []
    locations: list[Value] = []
    for name in names:
        found = offered_in(call, name)
        for location in found if place == "availability-zone" else (call.region,) if found else ():
            types.append(name)
            locations.append(location)
    return {
        "id": call.region,
        "instanceTypes": types,
        "locations": locations,
        "locationTypes": [place for _ in locations],
    }


def _zones(call: Call, arguments: Object) -> Object:
    if arguments.keys() - {"state", "region"}:
        raise CloudError("InvalidParameterValue", "the simulated cloud finds all zones of a region, or none")
    names: list[Value] = [*zones(call.region)]
    ids: list[Value] = [zone_id(name) for name in zones(call.region)]
    return {"id": call.region, "names": names, "zoneIds": ids, "groupNames": [call.region], "region": call.region}


def _transit_gateway(call: Call, arguments: Object) -> Object:
    found = call.account.get(v.TRANSIT_GATEWAY, text(arguments, "id"))
    if found is None:
        raise CloudError("InvalidTransitGatewayID.NotFound", "no matching EC2 Transit Gateway found")
    return {
        "id": found.identifier,
        "arn": found.text("arn"),
        "amazonSideAsn": whole(found.properties, "amazonSideAsn"),
        "ownerId": found.text("ownerId") or v.owner(call),
        "autoAcceptSharedAttachments": found.text("autoAcceptSharedAttachments") or "disable",
    }


def _attachments(call: Call, arguments: Object) -> Object:
    wanted = {text(query, "name"): texts(query, "values") for query in objects(arguments, "filters")}
    if wanted.keys() != {"transit-gateway-id", "state", "tag:Name"}:
        raise CloudError("InvalidParameterValue", f"the simulated cloud does not find attachments by {sorted(wanted)}")
    ids: list[Value] = [
        attachment.identifier
        for attachment in call.account.records(v.VPC_ATTACHMENT)
        if attachment.text("transitGatewayId") in wanted["transit-gateway-id"]
        and attachment.text("tags.Name") in wanted["tag:Name"]
        and attachment_state(call, attachment) in wanted["state"]
    ]
    return {"id": call.region, "ids": ids}


def _clusters(call: Call, _arguments: Object) -> Object:
    names: list[Value] = [
        cluster.identifier for cluster in call.account.records(v.CLUSTER) if cluster.text("region") == call.region
    ]
    return {"id": call.region, "names": names}


def _log_groups(call: Call, arguments: Object) -> Object:
    prefix = text(arguments, "logGroupNamePrefix")
    found = [group for group in call.account.records(v.LOG_GROUP) if group.identifier.startswith(prefix)]
    names: list[Value] = [group.identifier for group in found]
    arns: list[Value] = [group.text("arn") for group in found]
    return {"id": call.region, "arns": arns, "logGroupNames": names, "logGroupNamePrefix": prefix}


def _log_group(call: Call, arguments: Object) -> Object:
    name = text(arguments, "name")
    found = call.account.get(v.LOG_GROUP, name)
    if found is None:
        raise CloudError("ResourceNotFoundException", f"reading CloudWatch Logs Log Group ({name}): empty result")
    return {
        "id": name,
        "arn": found.text("arn"),
        "creationTime": 0,
        "kmsKeyId": "",
        "logGroupClass": "STANDARD",
        "name": name,
        "retentionInDays": whole(found.properties, "retentionInDays"),
        "tags": {**mapping(found.properties, "tagsAll")},
    }


def _subnet(call: Call, arguments: Object) -> Object:
    unknown = arguments.keys() - {"id", "region"}
    if unknown:
        raise CloudError("InvalidParameterValue", f"the simulated cloud finds subnets by id, not by {sorted(unknown)}")
    found = call.account.get(v.SUBNET, text(arguments, "id"))
    if found is None or text(found.properties, "region") not in {"", call.region}:
        raise CloudError("InvalidSubnetID.NotFound", "no matching EC2 Subnet found")
    return {
        "arn": found.text("arn"),
        "assignIpv6AddressOnCreation": False,
        "availabilityZone": found.text("availabilityZone"),
        "availabilityZoneId": found.text("availabilityZoneId"),
        "cidrBlock": found.text("cidrBlock"),
        "defaultForAz": False,
        "id": found.identifier,
        "mapPublicIpOnLaunch": found.get("mapPublicIpOnLaunch") is True,
        "ownerId": found.text("ownerId"),
        "state": "available",
        "tags": {**mapping(found.properties, "tags")},
        "vpcId": found.text("vpcId"),
    }


def _cluster(call: Call, arguments: Object) -> Object:
    name = text(arguments, "name")
    found = call.account.get(v.CLUSTER, name)
    if found is None:
        raise CloudError("ResourceNotFoundException", f"No cluster found for name: {name}.")
    return {
        "accessConfigs": listed(found, "accessConfig"),
        "arn": found.text("arn"),
        "certificateAuthorities": listed(found, "certificateAuthority"),
        "createdAt": found.text("createdAt"),
        "deletionProtection": found.get("deletionProtection") is True,
        "enabledClusterLogTypes": [*texts(found.properties, "enabledClusterLogTypes")],
        "endpoint": found.text("endpoint"),
        "id": name,
        "identities": listed(found, "identities"),
        "kubernetesNetworkConfigs": listed(found, "kubernetesNetworkConfig"),
        "name": name,
        "platformVersion": found.text("platformVersion"),
        "roleArn": found.text("roleArn"),
        "status": found.status,
        "tags": {**mapping(found.properties, "tags")},
        "upgradePolicies": listed(found, "upgradePolicy"),
        "version": found.text("version"),
        "vpcConfig": {**_block(found.computed, "vpcConfig"), **_block(found.inputs, "vpcConfig")},
    }


def _add_on(call: Call, arguments: Object) -> Object:
    require_allowed(call.account, "eks:DescribeAddon")
    cluster, name = text(arguments, "clusterName"), text(arguments, "addonName")
    found = next(
        (add_on for add_on in call.account.where(v.ADDON, "clusterName", cluster) if add_on.text("addonName") == name),
        None,
    )
    if found is None:
        raise CloudError("ResourceNotFoundException", f"reading EKS Add-On ({cluster}:{name}): couldn't find resource")
    return {
        "addonName": name,
        "addonVersion": found.text("addonVersion"),
        "arn": found.text("arn"),
        "clusterName": cluster,
        "configurationValues": found.text("configurationValues"),
        "createdAt": found.text("createdAt"),
        "id": f"{cluster}:{name}",
        "modifiedAt": found.text("modifiedAt"),
        "podIdentityAssociations": [],
        "serviceAccountRoleArn": found.text("serviceAccountRoleArn"),
        "tags": {**mapping(found.properties, "tags")},
    }


def _cluster_versions(call: Call, arguments: Object) -> Object:
    """https://docs.aws.amazon.com/eks/latest/APIReference/API_DescribeClusterVersions.html."""
    require_allowed(call.account, "eks:DescribeClusterVersions")
    if arguments.keys() - {"region"}:
        raise CloudError("InvalidParameterException", "the simulated cloud lists all versions that EKS supports")
    versions: list[Value] = [
        {
            "clusterType": "eks",
            "clusterVersion": version,
            "controlPlaneComponentConfigs": [],
            "controlPlaneScalingTiers": [],
            "defaultPlatformVersion": "eks.1",
            "defaultVersion": version == DEFAULT_KUBERNETES,
            "endOfExtendedSupportDate": "",
            "endOfStandardSupportDate": "",
            "kubernetesPatchVersion": patch,
            "releaseDate": "",
            "versionStatus": "EXTENDED_SUPPORT" if version in IN_EXTENDED_SUPPORT else "STANDARD_SUPPORT",
        }
        for version, patch in KUBERNETES.items()
    ]
    return {"clusterVersions": versions, "region": call.region}


def _node_groups(call: Call, arguments: Object) -> Object:
    cluster = text(arguments, "clusterName")
    names: list[Value] = [
        group.text("nodeGroupName") for group in call.account.where(v.NODE_GROUP, "clusterName", cluster)
    ]
    return {"id": cluster, "clusterName": cluster, "names": names}


def _node_group(call: Call, arguments: Object) -> Object:
    cluster, name = text(arguments, "clusterName"), text(arguments, "nodeGroupName")
    found = call.account.get(v.NODE_GROUP, f"{cluster}:{name}")
    if found is None:
        raise CloudError("ResourceNotFoundException", f"No node group found for name: {name}.")
    lists = ("launchTemplate", "remoteAccess", "resources", "scalingConfig", "taints", "updateConfig", "warmPoolConfig")
    names = ("launchTemplates", "remoteAccesses", "resources", "scalingConfigs", "taints", "updateConfigs")
    return {
        "amiType": found.text("amiType"),
        "arn": found.text("arn"),
        "capacityType": found.text("capacityType"),
        "clusterName": cluster,
        "diskSize": whole(found.properties, "diskSize"),
        "id": found.identifier,
        "instanceTypes": [*texts(found.properties, "instanceTypes")],
        "labels": {**mapping(found.properties, "labels")},
        **{name: listed(found, path) for name, path in zip((*names, "warmPoolConfigs"), lists, strict=True)},
        "nodeGroupName": name,
        "nodeRoleArn": found.text("nodeRoleArn"),
        "releaseVersion": running_release(call.account, found),
        "status": found.status,
        "subnetIds": [*texts(found.properties, "subnetIds")],
        "tags": {**mapping(found.properties, "tags")},
        "version": found.text("version"),
    }


def _parameter(call: Call, arguments: Object) -> Object:
    """https://docs.aws.amazon.com/eks/latest/userguide/retrieve-ami-id.html."""
    name = text(arguments, "name")
    found = _RELEASE_PARAMETER.fullmatch(name)
    if found is None or found[1] not in KUBERNETES:
        raise CloudError("ParameterNotFound", f"reading SSM Parameter ({name}): couldn't find resource")
    value = newest_release(found[1])
    return {
        "arn": f"arn:aws:ssm:{call.region}::parameter{name}",
        "id": name,
        "insecureValue": value,
        "name": name,
        "type": "String",
        "value": value,
        "version": 1,
    }


def _block(properties: Object, path: str) -> Object:
    value = at(properties, path)
    return value if isinstance(value, dict) else {}


FUNCTIONS = functions(
    _SOURCE,
    (
        ("aws:index/getCallerIdentity:getCallerIdentity", "caller_identity", _caller),
        ("aws:servicequotas/getServiceQuota:getServiceQuota", "servicequotas_service_quota", _service_quota),
        ("aws:ec2/getInstanceTypeOfferings:getInstanceTypeOfferings", "ec2_instance_type_offerings", _offerings),
        ("aws:index/getAvailabilityZones:getAvailabilityZones", "availability_zones", _zones),
        ("aws:ec2/getSubnet:getSubnet", "subnet", _subnet),
        ("aws:ec2transitgateway/getTransitGateway:getTransitGateway", "ec2_transit_gateway", _transit_gateway),
        (
            "aws:ec2transitgateway/getVpcAttachments:getVpcAttachments",
            "ec2_transit_gateway_vpc_attachments",
            _attachments,
        ),
        ("aws:eks/getClusters:getClusters", "eks_clusters", _clusters),
        ("aws:cloudwatch/getLogGroups:getLogGroups", "cloudwatch_log_groups", _log_groups),
        ("aws:cloudwatch/getLogGroup:getLogGroup", "cloudwatch_log_group", _log_group),
        ("aws:eks/getCluster:getCluster", "eks_cluster", _cluster),
        ("aws:eks/getAddon:getAddon", "eks_addon", _add_on),
        ("aws:eks/getClusterVersions:getClusterVersions", "eks_cluster_versions", _cluster_versions),
        ("aws:eks/getNodeGroups:getNodeGroups", "eks_node_groups", _node_groups),
        ("aws:eks/getNodeGroup:getNodeGroup", "eks_node_group", _node_group),
        ("aws:ssm/getParameter:getParameter", "ssm_parameter", _parameter),
    ),
)
"""Every look-up of this file."""
