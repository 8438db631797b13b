"""The file system that all nodes share: a share of Azure Files in every zone, or Managed Lustre in one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
from pulumi_azure_native import network, privatedns, storage, storagecache

from ...contracts.names import short_hash
from ...networks.azure.settings import zone_number
from ...networks.azure.vnet import Vnet
from ..cluster import StaticVolume
from .facts import FILES_DRIVER, LUSTRE_DRIVER
from .settings import AksTarget, FilesStorage, LustreStorage

_SHARE = "shared"
_FILES_ZONE = "privatelink.file.core.windows.net"
# Name of every file system inside Managed Lustre.
_LUSTRE_NAME = "lustrefs"


@dataclass(frozen=True, kw_only=True)
class SharedFilesArgs:
    """Which file system, and where.

    Attributes:
        target: The cluster as users write it.
        resource_group: Name of the cluster's resource group.
        vnet: Its network, from all of which the files can be reached.
        after: What has to exist before anything that is paid for by the hour.
    """

    target: AksTarget
    resource_group: pulumi.Input[str]
    vnet: Vnet
    after: Sequence[pulumi.Resource]


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
        self._inside = pulumi.ResourceOptions(parent=self)
        self.parameters = {}
        match args.target.shared_storage:
            case FilesStorage() as files:
                self._files(files)
            case LustreStorage() as lustre:
                self._lustre(lustre)
        self.register_outputs({})

    def _files(self, files: FilesStorage) -> None:
        target = self._args.target
        account = storage.StorageAccount(
            self._name,
            account_name=account_name(target),
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
            opts=pulumi.ResourceOptions(parent=self, protect=target.protect),
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
            opts=self._inside,
        )
        link = privatedns.VirtualNetworkLink(
            self._name,
            virtual_network_link_name=self._args.target.name,
            resource_group_name=self._group,
            private_zone_name=zone.name,
            location="Global",
            registration_enabled=False,
            virtual_network=privatedns.SubResourceArgs(id=self._args.vnet.id),
            opts=self._inside,
        )
        endpoint = network.PrivateEndpoint(
            self._name,
            private_endpoint_name=self._name,
            resource_group_name=self._group,
            subnet=network.SubnetArgs(id=self._args.vnet.endpoints),
            private_link_service_connections=[
                network.PrivateLinkServiceConnectionArgs(
                    name=self._name, private_link_service_id=account.id, group_ids=["file"]
                )
            ],
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
            filesystem_subnet=pulumi.Output.from_input(self._args.vnet.lustre).apply(lambda known: known or ""),
            # Azure insists on a window; this one is the night in America and the weekend everywhere.
            maintenance_window=storagecache.AmlFilesystemMaintenanceWindowArgs(
                day_of_week=storagecache.MaintenanceDayOfWeekType.SUNDAY, time_of_day_utc="06:00"
            ),
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
        return pulumi.ResourceOptions(parent=self, protect=args.target.protect, depends_on=list(args.after))


def account_name(target: AksTarget) -> str:
    """Name of the storage account: 3 to 24 small letters and digits, the same for nobody else in the world."""
    letters = "".join(each for each in target.name if each.isalnum())
    return f"{letters[:14]}{short_hash(f'{target.subscription}/{target.resource_group}/{target.name}')}"
