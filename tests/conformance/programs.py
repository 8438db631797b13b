"""A program for every component of every cloud, in each form that makes other resources."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pulumi
import pulumi_aws as aws
import pulumi_azure_native as azure
import pulumi_gcp as gcp
import pulumi_kubernetes as kubernetes

from components.accelerators import Accelerators, AcceleratorsArgs, ComputeDomain, ComputeDomainArgs
from components.clusters import Cluster, ClusterArgs
from components.clusters.aks.cluster import AksCluster, AksClusterArgs
from components.clusters.aks.settings import LustreStorage as AzureLustre
from components.clusters.aks.settings import OsDisk
from components.clusters.eks.cluster import EksCluster, EksClusterArgs
from components.clusters.eks.facts import eks_facts
from components.clusters.eks.settings import EfaLayout, LoadBalancerController, LustreStorage
from components.clusters.gke.cluster import GkeCluster, GkeClusterArgs
from components.clusters.gke.settings import LustreStorage as GcpLustre
from components.clusters.kubeadm.cluster import KubeadmCluster, KubeadmClusterArgs
from components.clusters.kubeadm.facts import kubeadm_facts
from components.clusters.local.cluster import local_facts
from components.contracts.api_access import PrivateAccess
from components.contracts.api_groups import COMPUTE_DOMAINS
from components.contracts.capacity import CapacityBlock
from components.contracts.cluster_facts import StorageFacts
from components.contracts.network_facts import AwsAttachment, AzureAttachment, GcpAttachment
from components.contracts.pools import GpuAdvertiser, GpuPool
from components.contracts.quantities import ByteSize
from components.contracts.served_models import ServedModel
from components.networks.aws.args import ExistingAwsVpc, NewAwsVpc, TransitGateway
from components.networks.azure.args import ExistingVnet, NewVnet, PeerNetwork
from components.networks.gcp.args import ExistingGcpVpc, SecondaryRange
from components.networks.interconnect.dedicated_interconnect import DedicatedInterconnect, DedicatedInterconnectArgs
from components.networks.interconnect.direct_connect import DirectConnect, DirectConnectArgs
from components.networks.interconnect.express_route import ExpressRoute, ExpressRouteArgs
from components.networks.interconnect.keys import LinkEnds
from components.networks.interconnect.settings import (
    DedicatedInterconnectLink,
    DirectConnectLink,
    ExpressRouteLink,
)
from components.networks.nat import NatGateways
from components.operations import (
    Destination,
    GuardedNamespace,
    GuardedNamespaceArgs,
    PriorityClasses,
    Team,
    TeamMember,
    TeamNamespace,
    TeamNamespaces,
    TeamNamespacesArgs,
    TeamRole,
)
from components.services.cert_manager import CertManager, CertManagerArgs
from components.services.dcgm_exporter import DcgmExporter, DcgmExporterArgs
from components.services.external_dns import ExternalDns, ExternalDnsArgs
from components.services.external_secrets import ExternalSecrets, ExternalSecretsArgs
from components.services.keda import Keda, KedaArgs
from components.services.metrics_server import MetricsServer, MetricsServerArgs
from components.services.node_repair import NodeRepair, NodeRepairArgs
from components.services.prometheus import Prometheus, PrometheusArgs
from components.serving import ModelService, ModelServiceArgs, ServedModels
from components.storage import CatalogModel, ModelCatalog, ModelCatalogArgs, StorageClasses, StorageClassesArgs
from tests.clusters.aks import pools as aks
from tests.clusters.eks import pools as eks
from tests.clusters.gke import pools as gke
from tests.clusters.kubeadm.site import site
from tests.networks.interconnect.sample import network, sample, sample_networks
from tests.planner.clusters import cluster as facts_of
from tests.planner.clusters import plan_for, planned

Program = Callable[[str, pulumi.ResourceOptions], pulumi.ComponentResource]
"""Makes the component of that name with those options."""

_FACTS = facts_of(h100=("p5.48xlarge", 1))
_REVISION = "f2826a00ceef68f0f2b946d945ecc0477ce4450c"
_MODEL = ServedModel.model_validate(
    {"name": "chat", "model": "Qwen/Qwen2-7B-Instruct", "revision": _REVISION, "replicas": 1}
)


def _later(text: str) -> pulumi.Output[str]:
    """An id that is the output of another resource."""
    return pulumi.Output.from_input(text)


_EKS = EksClusterArgs.of(eks.target(), (eks.system_pool(), eks.gpu_pool()))
_BLOCK = eks.gpu_pool().model_copy(
    update={"capacity": CapacityBlock(id="cr-0123456789abcdef0", ends=datetime.now(UTC) + timedelta(days=3))}
)


def _eks() -> Mapping[str, EksClusterArgs]:
    private = PrivateAccess(cidrs=("10.250.0.0/16",))
    transit = TransitGateway(gateway=_later("tgw-0123456789abcdef0"), routes=["10.250.0.0/16"])
    return {
        "eks": replace(
            _EKS, load_balancer_controller=LoadBalancerController.INSTALLED, dns=eks.ZONES_OF_DNS, secrets=eks.SECRETS
        ),
        "eks without a way out": replace(
            _EKS,
            network=NewAwsVpc(cidr="10.20.0.0/16", zones=eks.ZONES, nat=NatGateways.NONE, transit=transit),
            api_access=private,
        ),
        "eks on what exists": replace(
            _EKS,
            network=ExistingAwsVpc(
                id=_later("vpc-0123456789abcdef0"),
                cidr="10.20.0.0/16",
                private_subnets={zone: _later(f"subnet-{zone}") for zone in eks.ZONES},
            ),
            admins={"platform": _later("arn:aws:iam::123456789012:role/platform")},
            cluster_role=_later("arn:aws:iam::123456789012:role/cluster"),
            node_role=_later("arn:aws:iam::123456789012:role/nodes"),
            kms_key=_later("arn:aws:kms:us-east-2:123456789012:key/1"),
        ),
        "eks with lustre and a block": replace(
            _EKS,
            pools=(eks.system_pool(), _BLOCK),
            efa_layout=EfaLayout.BANDWIDTH_OPTIMISED,
            shared_storage=LustreStorage(zone=eks.ZONES[0], capacity=ByteSize.gib(4800), throughput=1000, efa=True),
        ),
        "eks adopted": replace(
            _EKS,
            adopt_cluster=True,
            network=ExistingAwsVpc(
                id="vpc-0123456789abcdef0",
                cidr="10.20.0.0/16",
                private_subnets=dict(zip(eks.ZONES, ("subnet-01234567", "subnet-89abcdef"), strict=True)),
            ),
        ),
    }


def _gke() -> Mapping[str, GkeClusterArgs]:
    plain = GkeClusterArgs.of(gke.target(), (gke.system_pool(), gke.gpu_pool()))
    shared = ExistingGcpVpc(
        project="acme-net-1",
        network=_later("company"),
        subnet=_later("gke"),
        nodes="10.30.0.0/20",
        pods=SecondaryRange(name=_later("p"), cidr="10.32.0.0/14"),
        services=SecondaryRange(name=_later("s"), cidr="10.36.0.0/20"),
    )
    return {
        "gke": replace(
            plain, admins={"platform": "group:platform@example.com"}, dns=gke.ZONES_OF_DNS, secrets=gke.SECRETS
        ),
        "gke on what exists": replace(
            plain,
            network=shared,
            node_service_account=_later("nodes@acme-prod-1.iam.gserviceaccount.com"),
            kms_key=_later("projects/p/locations/us-central1/keyRings/r/cryptoKeys/k"),
        ),
        "gke with lustre": replace(
            plain, shared_storage=GcpLustre(zone=gke.ZONES[0], capacity=ByteSize.gib(18_000), throughput=1000)
        ),
        "gke adopted": replace(plain, adopt_cluster=True, network=shared, control_plane_cidr=None),
    }


def _aks() -> Mapping[str, AksClusterArgs]:
    plain = AksClusterArgs.of(aks.target(), (aks.cpu_pool(), aks.gpu_pool()))
    hub = PeerNetwork(network=_later(aks.azure_id("Microsoft.Network/virtualNetworks/hub")), routes=["10.250.0.0/16"])
    vnet = aks.azure_id("Microsoft.Network/virtualNetworks/net")
    existing = ExistingVnet(
        id=_later(vnet),
        cidr="10.20.0.0/16",
        private_subnets={zone: _later(f"{vnet}/subnets/{zone}") for zone in aks.ZONES},
        endpoints_subnet=_later(f"{vnet}/subnets/endpoints"),
        lustre_subnet=_later(f"{vnet}/subnets/lustre"),
    )
    identities = "Microsoft.ManagedIdentity/userAssignedIdentities"
    return {
        "aks": replace(plain, dns=aks.ZONES_OF_DNS, secrets=aks.SECRETS),
        "aks joined and private": replace(
            plain,
            network=NewVnet(cidr="10.20.0.0/16", zones=aks.ZONES, peering=hub),
            api_access=PrivateAccess(cidrs=("10.250.0.0/16",)),
            local_volumes=True,
            os_disk=OsDisk(),
        ),
        "aks on what exists": replace(
            plain,
            resource_group=_later("shared"),
            adopt_resource_group=True,
            network=existing,
            cluster_identity=_later(aks.azure_id(f"{identities}/cluster")),
            node_identity=_later(aks.azure_id(f"{identities}/nodes")),
            shared_storage=AzureLustre(
                zone=aks.ZONES[0], capacity=ByteSize.gib(1024 * 48), throughput=40, has_driver=True
            ),
        ),
        "aks with lustre": replace(
            plain, shared_storage=AzureLustre(zone=aks.ZONES[0], capacity=ByteSize.gib(1024 * 48), throughput=40)
        ),
        "aks adopted": replace(plain, adopt_cluster=True, network=existing),
    }


def _site() -> KubeadmClusterArgs:
    target, pools = site()
    return KubeadmClusterArgs.of(target, pools, pulumi.Output.secret("key"))


def _ends(region: str) -> LinkEnds:
    return LinkEnds(
        region=region,
        site=network(sample()).sites[0],
        site_ranges=["10.40.0.0/16"],
        pre_shared_key=pulumi.Output.secret("withheld"),
        bgp_key=pulumi.Output.secret("withheld"),
        authorization_key=pulumi.Output.secret("withheld"),
    )


def _direct_connect(name: str, opts: pulumi.ResourceOptions) -> pulumi.ComponentResource:
    link = next(link for link in network(sample()).links if isinstance(link, DirectConnectLink))
    attachment = sample_networks()["aws"].attachment
    assert isinstance(attachment, AwsAttachment)
    return DirectConnect(name, DirectConnectArgs(link=link, ends=_ends("us-east-2"), network=attachment), opts)


def _interconnect(name: str, opts: pulumi.ResourceOptions) -> pulumi.ComponentResource:
    link = next(link for link in network(sample()).links if isinstance(link, DedicatedInterconnectLink))
    attachment = sample_networks()["gcp"].attachment
    assert isinstance(attachment, GcpAttachment)
    args = DedicatedInterconnectArgs(link=link, ends=_ends("us-central1"), network=attachment)
    return DedicatedInterconnect(name, args, opts)


def _express_route(name: str, opts: pulumi.ResourceOptions) -> pulumi.ComponentResource:
    link = next(link for link in network(sample()).links if isinstance(link, ExpressRouteLink))
    attachment = sample_networks()["azure"].attachment
    assert isinstance(attachment, AzureAttachment)
    args = ExpressRouteArgs(
        link=link,
        ends=_ends("eastus2"),
        subscription="00000000-0000-0000-0000-000000000001",
        network=attachment,
        gateway_subnet="10.50.255.192/26",
    )
    return ExpressRoute(name, args, opts)


def _cluster(name: str, opts: pulumi.ResourceOptions) -> Cluster:
    return Cluster(name, ClusterArgs(kubeconfig="/kubeconfig", facts=_FACTS), opts)


def _catalog(name: str, opts: pulumi.ResourceOptions) -> pulumi.ComponentResource:
    args = ModelCatalogArgs(
        namespace="models",
        storage_class="shared",
        size="64Gi",
        models=[CatalogModel(model=_MODEL.model, revision=_REVISION, checkpoint=ByteSize(16 * 2**30))],
        image="python:3.13.1",
        hub_url="https://huggingface.co",
        priority_class="strata-standard",
        token=pulumi.Output.secret("withheld"),
    )
    return ModelCatalog(name, args, opts)


def _service_args() -> ModelServiceArgs:
    plan = planned(plan_for("Qwen/Qwen3-8B", _FACTS, gpu="H100-SXM"))
    return ModelServiceArgs(
        plan=plan,
        pool=_FACTS.pool(plan.pool),
        namespace="models",
        catalog_claim="catalog",
        model_path="/models/chat",
        catalog_mount="/models",
        priority_class="strata-serving",
    )


def _service(name: str, opts: pulumi.ResourceOptions) -> pulumi.ComponentResource:
    return ModelService(name, _service_args(), opts)


def _claiming_service(name: str, opts: pulumi.ResourceOptions) -> pulumi.ComponentResource:
    args = _service_args()
    pool = args.pool.model_copy(update={"advertiser": GpuAdvertiser.DRA})
    return ModelService(name, replace(args, pool=pool), opts)


def _served(name: str, opts: pulumi.ResourceOptions) -> pulumi.ComponentResource:
    lab = Cluster("lab", ClusterArgs(kubeconfig="/kubeconfig", facts=_FACTS))
    return ServedModels(name, cluster=lab, models=[_MODEL], opts=opts)


def _storage() -> StorageFacts:
    return eks_facts(eks.target(), (eks.system_pool(),)).storage


def _namespace(name: str, opts: pulumi.ResourceOptions) -> pulumi.ComponentResource:
    args = GuardedNamespaceArgs(namespace="models", quota={"requests.nvidia.com/gpu": "8"})
    return GuardedNamespace(name, args, opts)


def _accelerators(name: str, opts: pulumi.ResourceOptions) -> pulumi.ComponentResource:
    facts = eks_facts(eks.target(), (eks.system_pool(), eks.gpu_pool()))
    return Accelerators(name, AcceleratorsArgs(facts=facts), opts)


def _metrics_server(name: str, opts: pulumi.ResourceOptions) -> pulumi.ComponentResource:
    return MetricsServer(name, MetricsServerArgs(facts=kubeadm_facts(*site())), opts)


def _operator(name: str, opts: pulumi.ResourceOptions) -> pulumi.ComponentResource:
    return Accelerators(name, AcceleratorsArgs(facts=kubeadm_facts(*site())), opts)


def _dcgm_exporter(name: str, opts: pulumi.ResourceOptions) -> pulumi.ComponentResource:
    facts = eks_facts(eks.target(), (eks.system_pool(), eks.gpu_pool()))
    return DcgmExporter(name, DcgmExporterArgs(facts=facts), opts)


_TRAYS = GpuPool(name="nvl72", instance_type="gb200-nvl72-tray", count=4, compute_domains=True)


def _rack(name: str, opts: pulumi.ResourceOptions) -> pulumi.ComponentResource:
    return Accelerators(name, AcceleratorsArgs(facts=local_facts("rack", (_TRAYS,))), opts)


def _domain(name: str, opts: pulumi.ResourceOptions) -> pulumi.ComponentResource:
    facts = local_facts("rack", (_TRAYS,)).with_apis([COMPUTE_DOMAINS])
    return ComputeDomain(name, ComputeDomainArgs(facts=facts, pool="nvl72", nodes=2, namespace="models"), opts)


def _node_repair(name: str, opts: pulumi.ResourceOptions) -> pulumi.ComponentResource:
    return NodeRepair(name, NodeRepairArgs(facts=kubeadm_facts(*site())), opts)


def _cert_manager(name: str, opts: pulumi.ResourceOptions) -> pulumi.ComponentResource:
    return CertManager(name, CertManagerArgs(facts=kubeadm_facts(*site())), opts)


def _external_dns(name: str, opts: pulumi.ResourceOptions) -> pulumi.ComponentResource:
    facts = eks_facts(eks.target().model_copy(update={"dns": eks.ZONES_OF_DNS}), (eks.system_pool(),))
    return ExternalDns(name, ExternalDnsArgs(facts=facts), opts)


def _external_secrets(name: str, opts: pulumi.ResourceOptions) -> pulumi.ComponentResource:
    facts = eks_facts(eks.target().model_copy(update={"secrets": eks.SECRETS}), (eks.system_pool(),))
    return ExternalSecrets(name, ExternalSecretsArgs(facts=facts, namespaces=["search"]), opts)


def _teams(name: str, opts: pulumi.ResourceOptions) -> pulumi.ComponentResource:
    members = [
        TeamMember(group="search-engineers", role=TeamRole.EDIT),
        TeamMember(user="ana@example.com", role=TeamRole.VIEW),
    ]
    namespace = TeamNamespace(name="search", quota={"pods": "50"}, connects_to=list(Destination))
    search = Team(name="search", namespaces=[namespace], members=members)
    return TeamNamespaces(name, TeamNamespacesArgs(teams=[search]), opts)


def _eks_program(args: EksClusterArgs) -> Program:
    return lambda name, opts: EksCluster(name, replace(args, name=None), opts)


def _gke_program(args: GkeClusterArgs) -> Program:
    return lambda name, opts: GkeCluster(name, replace(args, name=None), opts)


def _aks_program(args: AksClusterArgs) -> Program:
    return lambda name, opts: AksCluster(name, replace(args, name=None), opts)


CLOUD_CLUSTERS: Mapping[str, Program] = {
    **{label: _eks_program(args) for label, args in _eks().items()},
    **{label: _gke_program(args) for label, args in _gke().items()},
    **{label: _aks_program(args) for label, args in _aks().items()},
}
LINKS: Mapping[str, Program] = {
    "direct connect": _direct_connect,
    "dedicated interconnect": _interconnect,
    "express route": _express_route,
}
IN_CLUSTERS: Mapping[str, Program] = {
    "accelerators": _accelerators,
    "accelerators of hosts": _operator,
    "accelerators of a rack": _rack,
    "compute domain": _domain,
    "namespace": _namespace,
    "metrics server": _metrics_server,
    "prometheus": lambda name, opts: Prometheus(name, PrometheusArgs(facts=_FACTS), opts),
    "dcgm exporter": _dcgm_exporter,
    "keda": lambda name, opts: Keda(name, KedaArgs(), opts),
    "cert-manager": _cert_manager,
    "node repair": _node_repair,
    "external-dns": _external_dns,
    "external-secrets": _external_secrets,
    "teams": _teams,
    "priorities": PriorityClasses,
    "storage classes": lambda name, opts: StorageClasses(name, StorageClassesArgs(facts=_storage()), opts),
    "catalog": _catalog,
    "model service": _service,
    "model service with claims": _claiming_service,
}
PROGRAMS: Mapping[str, Program] = {
    **CLOUD_CLUSTERS,
    **LINKS,
    **IN_CLUSTERS,
    "hosts": lambda name, opts: KubeadmCluster(name, replace(_site(), name=None), opts),
    "cluster": _cluster,
    "served models": _served,
}


def providers_of_a_caller() -> Sequence[pulumi.ProviderResource]:
    """One of each cloud, and one of a cluster."""
    return [
        aws.Provider("mine-aws", region="us-east-2"),
        gcp.Provider("mine-gcp", project="acme-prod-1", region="us-central1"),
        azure.Provider("mine-azure", subscription_id=aks.SUBSCRIPTION),
        kubernetes.Provider("mine-kubernetes", kubeconfig="/kubeconfig"),
    ]
