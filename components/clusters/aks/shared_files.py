"""The file system that all nodes share: a share of Azure Files in every zone, or Managed Lustre in one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
from pulumi_azure_native import network, privatedns, storage, storagecache

from ...contracts.names import short_hash
from ...networks.azure.settings import zone_number
from ..cluster import StaticVolume
from .facts import FILES_DRIVER, LUSTRE_DRIVER
from .settings import FilesStorage, LustreStorage, SharedStorage

_SHARE = "shared"
_FILES_ZONE = "privatelink.file.core.windows.net"
# Name of every file system inside Managed Lustre.
_LUSTRE_NAME = "lustrefs"


@dataclass(frozen=True, kw_only=True)
class SharedFilesArgs:
    """Which file system, and where.

    Attributes:
        storage: The file system.
        cluster: Name of the cluster.
        account: Name of the storage account of Azure Files, 3 to 24 small letters and digits, unique in the world.
        resource_group: Name of the cluster's resource group.
        vnet_id: Its network, from all of which the files can be reached.
        endpoints: Subnet of private endpoints, which Azure Files needs.
        lustre: Subnet of Managed Lustre, which it needs.
        protect: Whether it refuses to be deleted.
        after: What has to exist before anything that is paid for by the hour.
        tags: Tags of everything that takes some.
    """

    storage: SharedStorage
    cluster: str
    account: str
    resource_group: pulumi.Input[str]
    vnet_id: pulumi.Input[str]
    endpoints: pulumi.Input[str] | None = None
    lustre: pulumi.Input[str] | None = None
    protect: bool = False
    after: Sequence[pulumi.Resource] = ()
    tags: Mapping[str, pulumi.Input[str]] = field(default_factory=dict[str, pulumi.Input[str]])


class AksSharedFiles(pulumi.ComponentResource):
    """A shared file system.

    Attributes:
        parameters: What its storage class has to say to the driver.
        volume: The volume of the file system, which is not cut into many.
        reachable: Resources without which no pod can mount it.
    """

    parameters: Mapping[str, pulumi.Output[str] | str]
    volume: StaticVolume
    reachable: list[pulumi.Resource]

    def __init__(self, name: str, args: SharedFilesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("strata:clusters:AksSharedFiles", name, None, opts)
        self._name = name
        self._args = args
        self._group = args.resource_group
        self._tags = dict(args.tags) or None
        self._inside = pulumi.ResourceOptions(parent=self)
        self.parameters = {}
        match args.storage:
            case FilesStorage() as files:
                self._files(files)
            case LustreStorage() as lustre:
                self._lustre(lustre)
        self.register_outputs({})

    def _files(self, files: FilesStorage) -> None:
        account = storage.StorageAccount(
            self._name,
            account_name=self._args.account,
            resource_group_name=self._group,
            kind="FileStorage",
            sku=storage.SkuArgs(name="Premium_ZRS" if files.zone_redundant else "Premium_LRS"),
            # NFS has no HTTPS to insist on: with this on, every mount is refused.
            enable_https_traffic_only=False,
            minimum_tls_version="TLS1_2",
            # NFS knows no keys; who reaches the private endpoint may mount.
            allow_shared_key_access=False,
            allow_blob_public_access=False,
            public_network_access="Disabled",
            network_rule_set=storage.NetworkRuleSetArgs(default_action=storage.DefaultAction.DENY, bypass="None"),
            tags=self._tags,
            opts=self._expensive(),
        )
        share = storage.FileShare(
            self._name,
            share_name=_SHARE,
            account_name=account.name,
            resource_group_name=self._group,
            enabled_protocols="NFS",
            # Download Jobs run without root and have to set owners of what they write.
            root_squash="NoRootSquash",
            share_quota=files.capacity_gib,
            opts=pulumi.ResourceOptions(parent=self, protect=self._args.protect),
        )
        server = account.name.apply(lambda known: f"{known}.file.core.windows.net")
        self.volume = StaticVolume(
            driver=FILES_DRIVER,
            handle=pulumi.Output.format("{0}#{1}#{2}", self._group, account.name, share.name),
            attributes={
                "resourceGroup": self._group,
                "storageAccount": account.name,
                "shareName": share.name,
                "protocol": "nfs",
                "server": server,
            },
            capacity=f"{files.capacity_gib}Gi",
        )
        self.reachable = [share, *self._endpoint(account)]

    def _endpoint(self, account: storage.StorageAccount) -> list[pulumi.Resource]:
        """The account's address inside of the network, under the name that it has outside."""
        zone = privatedns.PrivateZone(
            self._name,
            private_zone_name=_FILES_ZONE,
            resource_group_name=self._group,
            location="Global",
            tags=self._tags,
            opts=self._inside,
        )
        link = privatedns.VirtualNetworkLink(
            self._name,
            virtual_network_link_name=self._args.cluster,
            resource_group_name=self._group,
            private_zone_name=zone.name,
            location="Global",
            registration_enabled=False,
            tags=self._tags,
            virtual_network=privatedns.SubResourceArgs(id=self._args.vnet_id),
            opts=self._inside,
        )
        endpoint = network.PrivateEndpoint(
            self._name,
            private_endpoint_name=self._name,
            resource_group_name=self._group,
            subnet=network.SubnetArgs(id=self._args.endpoints),
            private_link_service_connections=[
                network.PrivateLinkServiceConnectionArgs(
                    name=self._name, private_link_service_id=account.id, group_ids=["file"]
                )
            ],
            tags=self._tags,
            opts=self._inside,
        )
        names = network.PrivateDnsZoneGroup(
            self._name,
            private_dns_zone_group_name="default",
            private_endpoint_name=endpoint.name,
            resource_group_name=self._group,
            private_dns_zone_configs=[network.PrivateDnsZoneConfigArgs(name="file", private_dns_zone_id=zone.id)],
            opts=self._inside,
        )
        return [link, names]

    def _lustre(self, lustre: LustreStorage) -> None:
        number = zone_number(lustre.zone)
        files = storagecache.AmlFilesystem(
            self._name,
            aml_filesystem_name=self._name,
            resource_group_name=self._group,
            sku=storagecache.SkuNameArgs(name=f"AMLFS-Durable-Premium-{lustre.throughput}"),
            storage_capacity_ti_b=lustre.capacity_tib,
            zones=[number] if number else None,
            filesystem_subnet="" if self._args.lustre is None else self._args.lustre,
            # Azure insists on a window; this one is the night in America and the weekend everywhere.
            maintenance_window=storagecache.AmlFilesystemMaintenanceWindowArgs(
                day_of_week=storagecache.MaintenanceDayOfWeekType.SUNDAY, time_of_day_utc="06:00"
            ),
            tags=self._tags,
            opts=self._expensive(),
        )
        self.volume = StaticVolume(
            driver=LUSTRE_DRIVER,
            handle=files.name,
            attributes={"mgs-ip-address": files.client_info.mgs_address, "fs-name": _LUSTRE_NAME},
            capacity=f"{lustre.capacity_tib}Ti",
        )
        self.reachable = [files]

    def _expensive(self) -> pulumi.ResourceOptions:
        args = self._args
        return pulumi.ResourceOptions(parent=self, protect=args.protect, depends_on=list(args.after))


def account_name(cluster: str, subscription: str, resource_group: str) -> str:
    """Name of the storage account: 3 to 24 small letters and digits, the same for nobody else in the world."""
    letters = "".join(character for character in cluster if character.isalnum())
    return f"{letters[:14]}{short_hash(f'{subscription}/{resource_group}/{cluster}')}"
