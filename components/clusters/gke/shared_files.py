"""The file system that all nodes share: Filestore, Managed Lustre, or a bucket."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
import pulumi_gcp as gcp

from ..cluster import StaticVolume
from .facts import BUCKET_DRIVER, FILESTORE_DRIVER, LUSTRE_DRIVER
from .settings import (
    BucketStorage,
    FilestoreStorage,
    FilestoreTier,
    HyperdiskMlStorage,
    LustreStorage,
    SharedStorage,
)

_SHARE = "models"
_FILE_SYSTEM = "models"
_SERVICES_PREFIX = 20
_LUSTRE_PORT = "988"


@dataclass(frozen=True, kw_only=True)
class SharedFilesArgs:
    """Which file system, and who may reach it.

    Attributes:
        storage: The file system.
        cluster: Name of the cluster.
        project: Its project.
        region: Its region.
        zone: Zone of a file system that lies in one and does not say in which.
        network: Path of its VPC.
        network_project: Project of the VPC.
        owns_network: Whether the VPC's peerings and firewall rules are ours to make.
        protect: Whether it refuses to be deleted.
        after: What has to exist before anything that is paid for by the hour.
        labels: Labels of everything that takes some.
    """

    storage: SharedStorage
    cluster: str
    project: str
    region: str
    zone: str
    network: pulumi.Input[str]
    network_project: str
    owns_network: bool = True
    protect: bool = False
    after: Sequence[pulumi.Resource] = ()
    labels: Mapping[str, pulumi.Input[str]] = field(default_factory=dict[str, pulumi.Input[str]])


class GkeSharedFiles(pulumi.ComponentResource):
    """A shared file system.

    Attributes:
        parameters: What its storage class has to say to the driver.
        volume: The volume of a file system that cannot be cut into many; None where the driver makes them.
        reachable: Resources without which no pod can mount it.
    """

    parameters: Mapping[str, pulumi.Output[str] | str]
    volume: StaticVolume | None
    reachable: list[pulumi.Resource]

    def __init__(self, name: str, args: SharedFilesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("strata:clusters:GkeSharedFiles", name, None, opts)
        self._name = name
        self._args = args
        self._inside = pulumi.ResourceOptions(parent=self)
        self.parameters = {}
        match args.storage:
            case FilestoreStorage() as filestore:
                self._filestore(filestore)
            case LustreStorage() as lustre:
                self._lustre(lustre)
            case BucketStorage():
                self._bucket()
            case HyperdiskMlStorage():
                # ``rules`` refuses it: such a disk has one writer or many readers, never both.
                self.volume, self.reachable = None, []
        self.register_outputs({})

    def _filestore(self, filestore: FilestoreStorage) -> None:
        args = self._args
        zonal = filestore.zone or args.zone
        location = args.region if filestore.tier is FilestoreTier.REGIONAL else zonal
        files = gcp.filestore.Instance(
            self._name,
            name=self._name,
            location=location,
            tier=filestore.tier.value,
            file_shares=gcp.filestore.InstanceFileSharesArgs(name=_SHARE, capacity_gb=filestore.capacity_gib),
            networks=[
                gcp.filestore.InstanceNetworkArgs(
                    network=self._args.network, modes=["MODE_IPV4"], connect_mode=_connect_mode(args)
                )
            ],
            deletion_protection_enabled=args.protect,
            labels=dict(args.labels) or None,
            opts=self._expensive(after=[]),
        )
        self.volume = StaticVolume(
            driver=FILESTORE_DRIVER,
            handle=files.name.apply(lambda name: f"modeInstance/{location}/{name}/{_SHARE}"),
            attributes={"ip": files.networks.apply(_address), "volume": _SHARE},
            capacity=f"{filestore.capacity_gib}Gi",
        )
        self.reachable = [files]

    def _lustre(self, lustre: LustreStorage) -> None:
        project = self._args.project
        files = gcp.lustre.Instance(
            self._name,
            instance_id=self._name,
            location=lustre.zone,
            filesystem=_FILE_SYSTEM,
            capacity_gib=str(lustre.capacity_gib),
            per_unit_storage_throughput=str(lustre.throughput),
            network=self._args.network,
            labels=dict(self._args.labels) or None,
            opts=self._expensive(after=self._services_access()),
        )
        self.volume = StaticVolume(
            driver=LUSTRE_DRIVER,
            # GoogleCloudPlatform/lustre-csi-driver, pkg/util/util.go, ParseVolumeID: three parts and no others.
            handle=files.instance_id.apply(lambda known: f"{project}/{lustre.zone}/{known}"),
            attributes={
                "ip": files.mount_point.apply(lambda point: point.partition("@")[0]),
                "filesystem": _FILE_SYSTEM,
            },
            capacity=f"{lustre.capacity_gib}Gi",
        )
        self.reachable = [files]

    def _services_access(self) -> list[pulumi.Resource]:
        """Lustre lives in a network of Google's, which is peered with the VPC, and opens connections to its clients."""
        if not self._args.owns_network:
            # A network has one such peering, which is its owner's, like its firewall.
            return []
        called = pulumi.ResourceOptions(parent=self, depends_on=list(self._args.after))
        addresses = gcp.compute.GlobalAddress(
            self._name,
            name=self._name,
            purpose="VPC_PEERING",
            address_type="INTERNAL",
            prefix_length=_SERVICES_PREFIX,
            network=self._args.network,
            labels=dict(self._args.labels) or None,
            opts=called,
        )
        peered = gcp.servicenetworking.Connection(
            self._name,
            network=self._args.network,
            service="servicenetworking.googleapis.com",
            reserved_peering_ranges=[addresses.name],
            # The service holds on to the connection for a while after its last user is gone; the peering that would
            # stay behind keeps the network from being deleted.
            deletion_policy="REMOVE_PEERING",
            opts=self._inside,
        )
        # https://docs.cloud.google.com/managed-lustre/docs/vpc.
        opened = gcp.compute.Firewall(
            self._name,
            name=self._name,
            network=self._args.network,
            description="Lustre's servers to its clients",
            direction="INGRESS",
            source_ranges=[pulumi.Output.format("{0}/{1}", addresses.address, _SERVICES_PREFIX)],
            allows=[gcp.compute.FirewallAllowArgs(protocol="tcp", ports=[_LUSTRE_PORT])],
            opts=self._inside,
        )
        return [peered, opened]

    def _bucket(self) -> None:
        args = self._args
        bucket = gcp.storage.Bucket(
            self._name,
            # Names of buckets are shared by all customers; the project's id is unique.
            name=f"{args.project}-{self._name}",
            location=args.region.upper(),
            # With folders of its own a checkpoint is renamed in one step, and lists are read faster.
            hierarchical_namespace=gcp.storage.BucketHierarchicalNamespaceArgs(enabled=True),
            uniform_bucket_level_access=True,
            public_access_prevention="enforced",
            force_destroy=not args.protect,
            labels=dict(args.labels) or None,
            opts=pulumi.ResourceOptions(parent=self, protect=args.protect),
        )
        project = gcp.organizations.get_project_output(
            project_id=args.project, opts=pulumi.InvokeOutputOptions(parent=self)
        )
        readable = gcp.storage.BucketIAMMember(
            self._name,
            bucket=bucket.name,
            role="roles/storage.objectUser",
            member=project.number.apply(lambda number: _all_pods(number, args)),
            opts=self._inside,
        )
        self.volume = StaticVolume(
            driver=BUCKET_DRIVER,
            handle=bucket.name,
            attributes={"mountOptions": "implicit-dirs,file-cache:enable-parallel-downloads:true"},
            capacity="1Pi",
        )
        self.reachable = [readable]

    def _expensive(self, after: Sequence[pulumi.Resource]) -> pulumi.ResourceOptions:
        args = self._args
        return pulumi.ResourceOptions(parent=self, protect=args.protect, depends_on=[*args.after, *after])


def _connect_mode(args: SharedFilesArgs) -> str:
    """In a Shared VPC Filestore takes no other way than its host project's private services access."""
    return "DIRECT_PEERING" if args.network_project == args.project else "PRIVATE_SERVICE_ACCESS"


def _address(networks: Sequence[gcp.filestore.outputs.InstanceNetwork]) -> str:
    """Where the instance answers; it is in one network and has one address there."""
    return next((address for network in networks for address in network.ip_addresses or ()), "")


def _all_pods(project_number: str, args: SharedFilesArgs) -> str:
    """Every service account of the cluster, as IAM spells it."""
    pool = f"projects/{project_number}/locations/global/workloadIdentityPools/{args.project}.svc.id.goog"
    cluster = f"projects/{args.project}/locations/{args.region}/clusters/{args.cluster}"
    return f"principalSet://iam.googleapis.com/{pool}/kubernetes.cluster/https://container.googleapis.com/v1/{cluster}"
