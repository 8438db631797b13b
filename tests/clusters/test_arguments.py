"""Arguments and settings of a cluster say the same, ids may come later, and what is wrong is refused at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pulumi
import pytest
from pydantic import BaseModel

from components.clusters.aks.args import AksAdmin, AksClusterArgs
from components.clusters.aks.rules import aks_problems
from components.clusters.aks.settings import AksTarget, LustreStorage, OsDisk, PrincipalType, SystemPool
from components.clusters.aks.settings import Support as AksSupport
from components.clusters.eks.args import EksClusterArgs
from components.clusters.eks.cluster import EksCluster
from components.clusters.eks.rules import eks_problems
from components.clusters.eks.settings import ControlPlaneLog as EksLog
from components.clusters.eks.settings import (
    EfaLayout,
    EksTarget,
    GroupAccess,
    IamRoles,
    LoadBalancerController,
    StorageDriver,
    Support,
)
from components.clusters.eks.settings import LustreStorage as FsxLustre
from components.clusters.gke.args import GkeClusterArgs
from components.clusters.gke.rules import gke_problems
from components.clusters.gke.settings import ApiEndpoint, BucketStorage, GkeTarget, GpuNetworks, ReleaseChannel
from components.clusters.gke.settings import ControlPlaneLog as GkeLog
from components.clusters.gke.settings import Support as GkeSupport
from components.clusters.kubeadm.args import KubeadmClusterArgs
from components.clusters.kubeadm.settings import KubeadmTarget, Mirrors
from components.contracts.dns import NameServer
from components.contracts.errors import Problem, StrataError
from components.contracts.http_proxy import HttpProxy
from components.contracts.maintenance import Maintenance, Weekday
from components.contracts.pools import NodePool
from components.contracts.quantities import ByteSize
from components.networks.aws.args import ExistingAwsVpc, NewAwsVpc
from components.networks.aws.settings import AdoptedVpc, CreatedVpc, TransitAttachment
from components.networks.azure.args import ExistingVnet
from components.networks.azure.settings import AdoptedVnet
from components.networks.gcp.args import ExistingGcpVpc, SecondaryRange
from components.networks.gcp.settings import AdoptedVpc as AdoptedGcpVpc
from components.networks.gcp.settings import NamedRange
from tests.clusters.aks import pools as aks
from tests.clusters.eks import pools as eks
from tests.clusters.gke import pools as gke
from tests.clusters.kubeadm.site import site

NOW = datetime(2026, 11, 1, tzinfo=UTC)
_ROLE = "arn:aws:iam::123456789012:role/nodes"
_EKS = eks.target().model_copy(
    update={
        "network": AdoptedVpc(
            id="vpc-0123456789abcdef0",
            cidr="10.20.0.0/16",
            private_subnets=dict.fromkeys(eks.ZONES, "subnet-01234567"),
            services="172.21.0.0/16",
        ),
        "adopt_cluster": True,
        "control_plane_logs": (EksLog.AUDIT,),
        "cluster_role": _ROLE,
        "node_role": _ROLE,
        "kms_key": "arn:aws:kms:us-east-2:123456789012:key/1",
        "node_release": "1.35.2-20251120",
        "addon_versions": {"vpc-cni": "v1.20.4-eksbuild.2"},
        "efa_layout": EfaLayout.BANDWIDTH_OPTIMISED,
        "load_balancer_controller": LoadBalancerController.EXISTS,
        "storage_drivers": (StorageDriver.EBS,),
        "dns": eks.ZONES_OF_DNS,
        "secrets": eks.SECRETS,
        "support": Support.EXTENDED,
        "shared_storage": FsxLustre(zone="us-east-2a", capacity=ByteSize.gib(1200), throughput=125),
        "apis": ("keda.sh",),
        "protect": True,
        "tags": {"team": "search"},
        "iam": IamRoles(path="/teams/"),
        "group_access": (GroupAccess(principal="arn:aws:iam::123456789012:role/search", groups=("search",)),),
    }
)
_GKE = gke.target().model_copy(
    update={
        "network": AdoptedGcpVpc(
            zones=gke.ZONES[:1],
            pods_per_node=64,
            project="acme-net-1",
            network="company",
            subnet="gke",
            nodes="10.30.0.0/20",
            pods=NamedRange(name="p", cidr="10.32.0.0/14"),
            services=NamedRange(name="s", cidr="10.36.0.0/20"),
        ),
        "support": GkeSupport.EXTENDED,
        "release_channel": ReleaseChannel.STABLE,
        "control_plane_logs": (GkeLog.SCHEDULER,),
        "api_endpoint": ApiEndpoint.DNS,
        "admins": ("user:a@example.com",),
        "adopt_cluster": True,
        "node_service_account": "nodes@acme-prod-1.iam.gserviceaccount.com",
        "kms_key": "projects/p/locations/us-central1/keyRings/r/cryptoKeys/k",
        "gpu_networks": GpuNetworks.DRANET,
        "maintenance": Maintenance(days=tuple(Weekday)),
        "gpu_cidr": "192.168.0.0/17",
        "shared_storage": BucketStorage(),
        "dns": gke.ZONES_OF_DNS,
        "secrets": gke.SECRETS,
        "apis": ("keda.sh",),
        "protect": True,
        "labels": {"team": "search"},
    }
)
_NETWORK = aks.azure_id("Microsoft.Network/virtualNetworks/net")
_IDENTITY = aks.azure_id("Microsoft.ManagedIdentity/userAssignedIdentities/own")
_AKS = aks.target().model_copy(
    update={
        "adopt_resource_group": True,
        "network": AdoptedVnet(
            id=_NETWORK,
            cidr="10.20.0.0/16",
            private_subnets={"eastus2-1": f"{_NETWORK}/subnets/nodes"},
            endpoints_subnet=f"{_NETWORK}/subnets/endpoints",
            lustre_subnet=f"{_NETWORK}/subnets/lustre",
            egress="user-defined-routing",
            pods="10.240.0.0/16",
            services="10.1.0.0/16",
            dns_service_ip="10.1.0.11",
        ),
        "private_dns_zone": aks.azure_id("Microsoft.Network/privateDnsZones/privatelink.eastus2.azmk8s.io"),
        "system_pool": SystemPool(zones=("eastus2-1",)),
        "os_disk": OsDisk(ephemeral=True),
        "dns": aks.ZONES_OF_DNS,
        "secrets": aks.SECRETS,
        "maintenance": Maintenance(days=tuple(Weekday)),
        "local_volumes": True,
        "adopt_cluster": True,
        "cluster_identity": _IDENTITY,
        "node_identity": _IDENTITY,
        "kms_key": f"https://vault-1.vault.azure.net/keys/key/{'0' * 32}",
        "support": AksSupport.EXTENDED,
        "shared_storage": LustreStorage(zone="eastus2-1", capacity=ByteSize.gib(1024 * 48), throughput=40),
        "apis": ("keda.sh",),
        "protect": True,
        "tags": {"team": "search"},
    }
)
_SITE = site()[0].model_copy(
    update={
        "dns": NameServer(server="10.40.0.53", zones=("ai.example.com",), key_name="external-dns"),
        "mirrors": Mirrors(images="mirror.example.com/k8s"),
        "proxy": HttpProxy(https="http://proxy.example.com:3128"),
        "ca_bundle": "authorities.pem",
        "workers_at_once": 7,
        "apis": ("keda.sh",),
        "protect": True,
    }
)


def _through_arguments(target: BaseModel) -> BaseModel:
    match target:
        case EksTarget():
            return EksClusterArgs.of(target, ()).settings("other")
        case GkeTarget():
            return GkeClusterArgs.of(target, ()).settings("other")
        case AksTarget():
            return AksClusterArgs.of(target, ()).settings("other")
        case KubeadmTarget():
            return KubeadmClusterArgs.of(target, (), "key").settings("other")
        case _:
            raise TypeError(target)


@pytest.mark.parametrize("target", [_EKS, _GKE, _AKS, _SITE], ids=lambda target: type(target).__name__)
def test_arguments_carry_every_setting_of_a_stack(target: BaseModel) -> None:
    kept = {name: getattr(target, name) for name in type(target).model_fields if name != "kind"}
    defaults = {name: field.default for name, field in type(target).model_fields.items()}
    assert [name for name, value in kept.items() if value == defaults[name]] == [], "a default cannot be seen to pass"
    assert _through_arguments(target) == target


def test_a_new_network_and_its_transit_gateway_pass_through_arguments() -> None:
    transit = TransitAttachment(gateway="tgw-0123456789abcdef0", routes=("10.250.0.0/16",))
    network = CreatedVpc(cidr="10.20.0.0/16", zones=eks.ZONES, transit=transit)
    target = eks.target().model_copy(update={"network": network})
    assert EksClusterArgs.of(target, ()).settings("other").network == network


def later() -> pulumi.Output[str]:
    """An id that is the output of another resource."""
    return pulumi.Output.from_input("known in the end")


def _eks_of_a_program() -> list[Problem]:
    subnets = {zone: later() for zone in eks.ZONES}
    args = replace(
        EksClusterArgs.of(eks.target(), (eks.system_pool(), eks.gpu_pool())),
        network=ExistingAwsVpc(id=later(), cidr="10.20.0.0/16", private_subnets=subnets),
        admins={"deployer": later(), "platform": later()},
        cluster_role=later(),
        node_role=later(),
        kms_key=later(),
    )
    return list(eks_problems(args.settings("prod"), args.pools, NOW))


def _gke_of_a_program() -> list[Problem]:
    args = replace(
        GkeClusterArgs.of(gke.target(), (gke.system_pool(), gke.gpu_pool())),
        network=ExistingGcpVpc(
            network=later(),
            subnet=later(),
            nodes="10.30.0.0/20",
            pods=SecondaryRange(name=later(), cidr="10.32.0.0/14"),
            services=SecondaryRange(name=later(), cidr="10.36.0.0/20"),
        ),
        admins={"platform": later(), "deployer": later()},
        node_service_account=later(),
        kms_key=later(),
    )
    return list(gke_problems(args.settings("prod"), args.pools, NOW))


def _aks_of_a_program() -> list[Problem]:
    person = AksAdmin(object_id=later(), type=PrincipalType.USER)
    args = replace(
        AksClusterArgs.of(aks.target(), (aks.cpu_pool(), aks.gpu_pool())),
        resource_group=later(),
        adopt_resource_group=True,
        network=ExistingVnet(
            id=later(),
            cidr="10.20.0.0/16",
            private_subnets={zone: later() for zone in aks.ZONES},
            endpoints_subnet=later(),
            lustre_subnet=later(),
        ),
        admins={"a": person, "b": person},
        cluster_identity=later(),
        node_identity=later(),
        kms_key=later(),
    )
    return list(aks_problems(args.settings("prod"), args.pools, NOW))


@pytest.mark.parametrize("problems", [_eks_of_a_program, _gke_of_a_program, _aks_of_a_program])
def test_ids_that_other_resources_hand_out_are_left_to_the_cloud(problems: Callable[[], Sequence[Problem]]) -> None:
    assert problems() == []


def _refused(pools: Sequence[NodePool], **changes: str) -> list[str]:
    args = replace(EksClusterArgs.of(eks.target(), pools), **changes)
    with pytest.raises(StrataError) as refused:
        EksCluster("prod", args)
    return [problem.field for problem in refused.value.problems]


def test_what_the_rules_refuse_is_refused_under_the_names_of_arguments() -> None:
    fields = _refused([eks.system_pool(), eks.gpu_pool("a3-megagpu-8g")], kubernetes_version="1.99")
    assert "kubernetes_version" in fields
    assert "pools[1].instance_type" in fields


def test_a_value_without_the_form_of_settings_is_refused() -> None:
    assert _refused([eks.system_pool()], region="Ohio", kubernetes_version="latest") == ["region", "kubernetes_version"]


def test_a_wrong_value_inside_an_argument_is_named_below_it() -> None:
    network = NewAwsVpc(cidr="10.20.0.1/16", zones=("us-east-2a", "us-east-2b"))
    args = replace(EksClusterArgs.of(eks.target(), ()), network=network)
    with pytest.raises(StrataError) as refused:
        args.settings("prod")
    assert [problem.field for problem in refused.value.problems] == ["network.cidr"]


def test_the_cluster_is_called_as_its_component_where_no_name_is_given() -> None:
    args = replace(EksClusterArgs.of(eks.target(), ()), name=None)
    assert args.settings("platform").name == "platform"
