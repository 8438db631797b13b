"""Mistakes that Google Cloud refuses, made one at a time: the simulated project refuses each with Google's reason."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from simulation.clouds.gcp import vocabulary as v
from simulation.clouds.gcp.account import RESERVATION, disable, set_quota
from simulation.clouds.gcp.cloud import GCP
from simulation.clouds.gcp.vocabulary import PROJECT
from simulation.provider.errors import ProviderError
from simulation.provider.values import Object, Value
from tests.simulation.clouds.aws_account import InputsRefusedError, Made
from tests.simulation.clouds.gke_account import REGION, GcpProject
from tests.simulation.clouds.mistakes import cases

_B = f"{REGION}-b"
_PROFILE = f"{v.SELF}/projects/{PROJECT}/global/networkProfiles/{_B}-vpc-roce"
_RESERVED: Object = {
    "consumeReservationType": "SPECIFIC_RESERVATION",
    "key": "compute.googleapis.com/reservation-name",
    "values": [RESERVATION],
}
_H200: Object = {
    "machineType": "a3-ultragpu-8g",
    "diskType": "hyperdisk-balanced",
    "guestAccelerators": [{"type": "nvidia-h200-141gb", "count": 8}],
    "ephemeralStorageLocalSsdConfig": {"localSsdCount": 32},
}


@pytest.fixture
def gcp(tmp_path: Path) -> GcpProject:
    return GcpProject(tmp_path)


def _scaled(low: int, **other: Value) -> Object:
    """A pool that the autoscaler owns."""
    limits: Object = {"totalMinNodeCount": low, "totalMaxNodeCount": 4}
    return {"nodeCount": None, "initialNodeCount": 0, "autoscaling": limits, **other}


def _service_that_is_off(gcp: GcpProject) -> None:
    with gcp.account.store.transaction() as account:
        disable(account, "compute")
    gcp.network()


def _project_of_someone_else(gcp: GcpProject) -> None:
    gcp.enable()
    gcp.network(project="someone-elses-1")


def _network_twice(gcp: GcpProject) -> None:
    gcp.enable()
    gcp.network()
    gcp.network()


def _one_network_too_many(gcp: GcpProject) -> None:
    gcp.enable()
    with gcp.account.store.transaction() as account:
        set_quota(account, "NETWORKS", 1)
    gcp.network()
    gcp.network("more")


def _packets_too_large(gcp: GcpProject) -> None:
    gcp.enable()
    gcp.network(mtu=9000)


def _rdma_network_in_a_zone_without(gcp: GcpProject) -> None:
    gcp.enable()
    gcp.network(networkProfile=_PROFILE.replace(_B, f"{REGION}-f"))


def _rdma_network_of_small_packets(gcp: GcpProject) -> None:
    gcp.enable()
    gcp.network(networkProfile=_PROFILE, mtu=1460)


def _firewall_on_an_rdma_network(gcp: GcpProject) -> None:
    gcp.enable()
    network = gcp.network(networkProfile=_PROFILE)
    gcp.create(v.FIREWALL, name="all", network=network.identifier, allows=[{"protocol": "all"}])


def _rdma_subnet_in_another_region(gcp: GcpProject) -> None:
    gcp.enable()
    gcp.subnet(gcp.network(networkProfile=_PROFILE), region="us-east4")


def _subnets_that_overlap(gcp: GcpProject) -> None:
    gcp.enable()
    network = gcp.network()
    gcp.subnet(network)
    gcp.subnet(network, "more", "10.30.8.0/24")


def _secondary_range_over_the_primary(gcp: GcpProject) -> None:
    gcp.enable()
    ranges: list[Value] = [{"rangeName": "pods", "ipCidrRange": "10.30.0.0/24"}]
    gcp.subnet(gcp.network(), secondaryIpRanges=ranges)


def _subnet_of_no_network(gcp: GcpProject) -> None:
    gcp.enable()
    gcp.create(v.SUBNETWORK, name="net", network=f"projects/{PROJECT}/global/networks/no", ipCidrRange="10.0.0.0/24")


def _network_deleted_with_its_subnets(gcp: GcpProject) -> None:
    gcp.enable()
    network = gcp.network()
    gcp.subnet(network)
    gcp.account.delete(network)


def _subnet_deleted_under_its_cluster(gcp: GcpProject) -> None:
    cluster = gcp.standing()
    subnet = gcp.account.records(v.SUBNETWORK)[0]
    assert subnet.identifier == cluster.outputs["subnetwork"]
    gcp.account.delete(Made(v.SUBNETWORK, subnet.identifier, {}, subnet.properties))


def _two_nats_for_one_network(gcp: GcpProject) -> None:
    gcp.enable()
    network = gcp.network()
    for name in ("one", "two"):
        gcp.create(v.ROUTER, name=name, network=network.identifier)
        gcp.create(
            v.ROUTER_NAT,
            name=name,
            router=name,
            natIpAllocateOption="AUTO_ONLY",
            sourceSubnetworkIpRangesToNat="ALL_SUBNETWORKS_ALL_IP_RANGES",
        )


def _spoke_of_no_hub(gcp: GcpProject) -> None:
    gcp.enable()
    network = gcp.network()
    gcp.create(
        v.SPOKE,
        name="net",
        location="global",
        hub=f"projects/{PROJECT}/locations/global/hubs/no",
        linkedVpcNetwork={"uri": f"{v.SELF}/{network.identifier}"},
    )


def _role_for_an_account_that_does_not_exist(gcp: GcpProject) -> None:
    gcp.enable()
    member = f"serviceAccount:no@{PROJECT}.iam.gserviceaccount.com"
    gcp.create(v.IAM_MEMBER, project=PROJECT, role="roles/logging.logWriter", member=member)


def _role_that_does_not_exist(gcp: GcpProject) -> None:
    gcp.enable()
    gcp.create(v.IAM_MEMBER, project=PROJECT, role="roles/container.boss", member="group:g@example.com")


def _version_nobody_offers(gcp: GcpProject) -> None:
    gcp.standing(minMasterVersion="1.99")


def _pods_in_a_range_that_is_not_there(gcp: GcpProject) -> None:
    gcp.standing(ipAllocationPolicy={"clusterSecondaryRangeName": "podz", "servicesSecondaryRangeName": "services"})


def _control_plane_that_is_no_28(gcp: GcpProject) -> None:
    gcp.standing(privateClusterConfig={"enablePrivateNodes": True, "masterIpv4CidrBlock": "10.40.0.0/24"})


def _control_plane_inside_the_pods(gcp: GcpProject) -> None:
    gcp.standing(privateClusterConfig={"enablePrivateNodes": True, "masterIpv4CidrBlock": "10.33.0.0/28"})


def _private_endpoint_with_public_nodes(gcp: GcpProject) -> None:
    gcp.standing(privateClusterConfig={"enablePrivateEndpoint": True})


def _authorized_networks_without_an_address(gcp: GcpProject) -> None:
    gcp.standing(
        controlPlaneEndpointsConfig={"ipEndpointsConfig": {"enabled": False}},
        masterAuthorizedNetworksConfig={"cidrBlocks": [{"cidrBlock": "10.250.0.0/16"}]},
    )


def _multi_networking_on_the_old_dataplane(gcp: GcpProject) -> None:
    gcp.standing(datapathProvider="LEGACY_DATAPATH")


def _identities_of_another_project(gcp: GcpProject) -> None:
    gcp.standing(workloadIdentityConfig={"workloadPool": "someone-elses-1.svc.id.goog"})


def _cluster_deleted_while_protected(gcp: GcpProject) -> None:
    gcp.account.delete(gcp.standing(deletionProtection=True))


def _two_minor_versions_at_once(gcp: GcpProject) -> None:
    cluster = gcp.standing(minMasterVersion="1.32")
    network = gcp.account.records(v.NETWORK)[0].identifier
    subnet = gcp.account.records(v.SUBNETWORK)[0].identifier
    at = Made(v.NETWORK, network, {}, {}), Made(v.SUBNETWORK, subnet, {}, {})
    gcp.account.update(cluster, **gcp.cluster_inputs(*at, minMasterVersion="1.34"))


def _queued_machines_with_a_minimum(gcp: GcpProject) -> None:
    gcp.pool(gcp.standing(), **_scaled(1, queuedProvisioning={"enabled": True}))


def _queued_spot_machines(gcp: GcpProject) -> None:
    gcp.pool(gcp.standing(), {"spot": True}, **_scaled(0, queuedProvisioning={"enabled": True}))


def _flex_start_with_repairs(gcp: GcpProject) -> None:
    gcp.pool(gcp.standing(), {"flexStart": True}, **_scaled(0))


def _flex_start_out_of_a_reservation(gcp: GcpProject) -> None:
    config: Object = {"flexStart": True, "reservationAffinity": _RESERVED}
    gcp.pool(gcp.standing(), config, **_scaled(0, management={"autoRepair": False, "autoUpgrade": True}))


def _compact_placement_over_two_zones(gcp: GcpProject) -> None:
    zones: list[Value] = [f"{REGION}-a", _B]
    gcp.pool(gcp.standing(), nodeLocations=zones, placementPolicy={"type": "COMPACT"})


def _another_accelerator_than_the_machines(gcp: GcpProject) -> None:
    gcp.pool(gcp.standing(), {"guestAccelerators": [{"type": "nvidia-tesla-a100", "count": 4}]})


def _too_few_accelerators(gcp: GcpProject) -> None:
    gcp.pool(gcp.standing(), {"guestAccelerators": [{"type": "nvidia-l4", "count": 1}]})


def _disk_that_the_machine_does_not_take(gcp: GcpProject) -> None:
    gcp.pool(gcp.standing(), {**_H200, "diskType": "pd-balanced"})


def _too_few_local_disks(gcp: GcpProject) -> None:
    gcp.pool(gcp.standing(), {**_H200, "ephemeralStorageLocalSsdConfig": {"localSsdCount": 16}})


def _machine_that_the_zone_has_not(gcp: GcpProject) -> None:
    gcp.pool(gcp.standing(), _H200, nodeLocations=[f"{REGION}-a"])


def _machine_that_does_not_exist(gcp: GcpProject) -> None:
    gcp.pool(gcp.standing(), {"machineType": "g2-standard-47"})


def _machine_newer_than_the_cluster(gcp: GcpProject) -> None:
    cluster = gcp.standing(minMasterVersion="1.33")
    config: Object = {
        "machineType": "g4-standard-48",
        "diskType": "hyperdisk-balanced",
        "guestAccelerators": [{"type": "nvidia-rtx-pro-6000", "count": 1}],
    }
    gcp.pool(cluster, config)


def _nodes_that_stay_old_in_a_channel(gcp: GcpProject) -> None:
    gcp.pool(gcp.standing(), management={"autoUpgrade": False})


def _an_update_that_may_touch_nothing(gcp: GcpProject) -> None:
    gcp.pool(gcp.standing(), upgradeSettings={"maxSurge": 0, "maxUnavailable": 0})


def _label_of_gkes(gcp: GcpProject) -> None:
    gcp.pool(gcp.standing(), {"labels": {"cloud.google.com/gke-spot": "true"}})


def _reservation_that_does_not_exist(gcp: GcpProject) -> None:
    gcp.pool(gcp.standing(), {"reservationAffinity": {**_RESERVED, "values": ["no"]}})


def _attached(gcp: GcpProject, *names: str) -> Object:
    cards: list[Value] = []
    for number, name in enumerate(names):
        network = gcp.network(name)
        subnet = gcp.subnet(network, name, f"192.168.{number}.0/24")
        cards.append({"network": network.outputs["name"], "subnetwork": subnet.outputs["name"]})
    return {"additionalNodeNetworkConfigs": cards}


def _more_cards_than_the_machine_has(gcp: GcpProject) -> None:
    cluster = gcp.standing()
    gcp.pool(cluster, networkConfig=_attached(gcp, *(f"gpu-{number}" for number in range(8))))


def _cards_of_ours_beside_dranet(gcp: GcpProject) -> None:
    cluster = gcp.standing()
    network = {**_attached(gcp, "gpu-1"), "acceleratorNetworkProfile": "auto"}
    gcp.pool(cluster, networkConfig=network)


def _cards_in_a_cluster_with_one_network(gcp: GcpProject) -> None:
    cluster = gcp.standing(enableMultiNetworking=False)
    gcp.pool(cluster, networkConfig=_attached(gcp, "gpu-1"))


def _card_in_the_clusters_own_network(gcp: GcpProject) -> None:
    cluster = gcp.standing()
    card: Object = {"network": "net", "subnetwork": "net"}
    gcp.pool(cluster, networkConfig={"additionalNodeNetworkConfigs": [card]})


def _rdma_card_of_another_zone(gcp: GcpProject) -> None:
    cluster = gcp.standing()
    gcp.subnet(gcp.network("rdma", networkProfile=_PROFILE), "rdma-0", "192.168.0.0/24")
    card: Object = {"network": "rdma", "subnetwork": "rdma-0"}
    gcp.pool(cluster, nodeLocations=[f"{REGION}-a"], networkConfig={"additionalNodeNetworkConfigs": [card]})


def _filestore(gcp: GcpProject, **other: Value) -> None:
    gcp.enable()
    network = gcp.network()
    inputs: Object = {
        "name": "files",
        "location": REGION,
        "tier": "REGIONAL",
        "fileShares": {"name": "models", "capacityGb": 2560},
        "networks": [{"network": network.identifier, "modes": ["MODE_IPV4"]}],
    }
    gcp.create(v.FILESTORE, **{**inputs, **other})


def _regional_files_in_a_zone(gcp: GcpProject) -> None:
    _filestore(gcp, location=_B)


def _files_of_an_odd_size(gcp: GcpProject) -> None:
    _filestore(gcp, fileShares={"name": "models", "capacityGb": 2000})


def _lustre_without_private_services_access(gcp: GcpProject) -> None:
    gcp.enable("compute", "lustre")
    network = gcp.network()
    gcp.create(
        v.LUSTRE,
        instanceId="files",
        location=_B,
        filesystem="models",
        capacityGib="36000",
        perUnitStorageThroughput="500",
        network=network.identifier,
    )


_MISTAKES: dict[str, tuple[Callable[[GcpProject], None], ...]] = {
    "Error 403: .* accessNotConfigured": (_service_that_is_off,),
    "Error 403: .* forbidden": (_project_of_someone_else,),
    "Error 403: Quota 'NETWORKS' exceeded.  Limit: 1 globally., quotaExceeded": (_one_network_too_many,),
    "Error 409: The resource .* already exists, alreadyExists": (_network_twice,),
    "Error 404: The resource .* was not found, notFound": (_subnet_of_no_network,),
    "Error 404: Hub .* was not found, notFound": (_spoke_of_no_hub,),
    "Error 400: .*'resource.mtu': '(9000|1460)'.*, invalid": (_packets_too_large, _rdma_network_of_small_packets),
    "Error 400: .*'resource.networkProfile'.*, invalid": (_rdma_network_in_a_zone_without,),
    "Error 400: Firewalls are not allowed by the network profile": (_firewall_on_an_rdma_network,),
    "Error 400: The network profile of the network allows": (_rdma_subnet_in_another_region,),
    "conflicts with existing subnetwork 'net' in region 'us-central1'., invalid": (_subnets_that_overlap,),
    "Error 400: .*'resource.secondaryIpRanges'.*, invalid": (_secondary_range_over_the_primary,),
    "is already being used by .*, resourceInUseByAnotherResource": (
        _network_deleted_with_its_subnets,
        _subnet_deleted_under_its_cluster,
    ),
    "already used by NAT 'one'": (_two_nats_for_one_network,),
    "Error 400: Service account .* does not exist., badRequest": (_role_for_an_account_that_does_not_exist,),
    "Role roles/container.boss is not supported": (_role_that_does_not_exist,),
    'Error 400: Master version "1.99" is unsupported., badRequest': (_version_nobody_offers,),
    'Pod secondary range "podz" does not exist': (_pods_in_a_range_that_is_not_there,),
    "must be a /28": (_control_plane_that_is_no_28,),
    "overlaps with an existing network": (_control_plane_inside_the_pods,),
    "EnablePrivateEndpoint can only be set if EnablePrivateNodes": (_private_endpoint_with_public_nodes,),
    "Authorized networks cannot be set": (_authorized_networks_without_an_address,),
    "Dataplane V2": (_multi_networking_on_the_old_dataplane,),
    f'the only one is "{PROJECT}.svc.id.goog"': (_identities_of_another_project,),
    "deletion_protection is set to true": (_cluster_deleted_while_protected,),
    "cannot go from 1.32.* to 1.34.* at once": (_two_minor_versions_at_once,),
    "minimum of 0 nodes": (_queued_machines_with_a_minimum,),
    "Queued provisioning cannot be used with Spot VMs": (_queued_spot_machines,),
    "auto-repair must be disabled": (_flex_start_with_repairs,),
    "Flex-start requires reservation affinity NO_RESERVATION": (_flex_start_out_of_a_reservation,),
    "Compact placement is only supported": (_compact_placement_over_two_zones,),
    'Accelerator type "nvidia-tesla-a100" is not valid': (_another_accelerator_than_the_machines,),
    "requires 4 accelerators, not 1": (_too_few_accelerators,),
    "pd-balanced disk type cannot be used by a3-ultragpu-8g": (_disk_that_the_machine_does_not_take,),
    "must be 32, not 16": (_too_few_local_disks,),
    'Machine type with name ".*" does not exist': (_machine_that_the_zone_has_not, _machine_that_does_not_exist),
    "requires GKE version 1.34.0-gke.1662000 or later": (_machine_newer_than_the_cluster,),
    "Auto_upgrade must be true when release_channel REGULAR is set": (_nodes_that_stay_old_in_a_channel,),
    "max_surge and max_unavailable": (_an_update_that_may_touch_nothing,),
    'label key "cloud.google.com/gke-spot" is reserved': (_label_of_gkes,),
    "The reservation no does not exist": (_reservation_that_does_not_exist,),
    "supports up to 7 additional networks, not 8": (_more_cards_than_the_machine_has,),
    "together with an accelerator network profile": (_cards_of_ours_beside_dranet,),
    "require multi-networking to be enabled": (_cards_in_a_cluster_with_one_network,),
    "cannot be the network of the cluster": (_card_in_the_clusters_own_network,),
    "serves one zone only": (_rdma_card_of_another_zone,),
    "Instances of tier REGIONAL must be created in a region": (_regional_files_in_a_zone,),
    "in steps of 256": (_files_of_an_odd_size,),
    "is not peered with Service Networking": (_lustre_without_private_services_access,),
}


@pytest.mark.parametrize(
    ("words", "mistake"),
    cases(_MISTAKES),
)
def test_refused_as_google_refuses_it(gcp: GcpProject, words: str, mistake: Callable[[GcpProject], None]) -> None:
    with pytest.raises(ProviderError, match=r"googleapi: Error 4\d\d: ") as refused:
        mistake(gcp)
    assert refused.match(words)


def test_the_correct_things_that_the_mistakes_start_from_are_taken(gcp: GcpProject) -> None:
    cluster = gcp.standing()
    gcp.pool(cluster)
    gcp.pool(cluster, {**_H200, "reservationAffinity": _RESERVED}, name="h200", nodeCount=2)
    assert {group: len(machines) for group, machines in gcp.plane.groups.items()} == {"gpus": 1, "h200": 2}


@pytest.mark.parametrize(
    ("token", "inputs", "words"),
    [
        (v.ROUTER_NAT, {"enableDynamicPortAllocation": True, "enableEndpointIndependentMapping": True}, "both be"),
        (v.ROUTER_NAT, {"enableDynamicPortAllocation": True, "minPortsPerVm": 100}, "power of two"),
        (v.SERVICE_ACCOUNT, {"accountId": "n"}, "account_id"),
        (v.NETWORK, {"name": "Net"}, "must be a match of regex"),
        (v.SERVICE, {"service": "kontainer.googleapis.com"}, "expected to be one of"),
        (v.NETWORK, {"name": "net", "enableUlaInternalIpv6": True}, "no entry for property"),
    ],
)
def test_the_provider_refuses_before_it_calls(gcp: GcpProject, token: str, inputs: Object, words: str) -> None:
    whole: Object = {
        v.ROUTER_NAT: {"router": "net", "sourceSubnetworkIpRangesToNat": "ALL_SUBNETWORKS_ALL_IP_RANGES"},
    }.get(token, {}) | inputs
    with pytest.raises(InputsRefusedError, match=words):
        gcp.account.check(token, whole)


def test_what_is_refused_leaves_nothing_behind(gcp: GcpProject) -> None:
    gcp.enable()
    with pytest.raises(ProviderError):
        gcp.network(mtu=9000)
    assert not gcp.account.records(v.NETWORK)


def test_every_table_says_where_it_was_read() -> None:
    assert all(kind.source for kind in GCP.kinds.values())
    assert all(function.source for function in GCP.functions.values())
