"""The file system that all nodes share: EFS in every zone, or FSx for Lustre in one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
import pulumi_aws as aws

from ..cluster import StaticVolume
from .settings import EfsStorage, LustreStorage, SharedStorage

_NFS_PORT = 2049
_LUSTRE_PORTS = ((988, 988), (1018, 1023))
_ALL_TRAFFIC = "-1"
FSX_DRIVER = "fsx.csi.aws.com"


@dataclass(frozen=True, kw_only=True)
class SharedFilesArgs:
    """Which file system, and who may reach it.

    Attributes:
        storage: The file system.
        vpc_id: Id of its VPC.
        subnets: Subnet of the nodes by zone.
        clients: Security groups of the nodes.
        protect: Whether it refuses to be deleted.
        after: What has to exist before anything that is paid for by the hour.
        tags: Tags of everything that is made.
    """

    storage: SharedStorage
    vpc_id: pulumi.Input[str]
    subnets: Mapping[str, pulumi.Input[str]]
    clients: Mapping[str, pulumi.Input[str]]
    protect: bool = False
    after: Sequence[pulumi.Resource] = ()
    tags: Mapping[str, pulumi.Input[str]] = field(default_factory=dict[str, pulumi.Input[str]])


class EksSharedFiles(pulumi.ComponentResource):
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
        super().__init__("strata:clusters:EksSharedFiles", name, None, opts)
        self._name = name
        self._args = args
        self._inside = pulumi.ResourceOptions(parent=self)
        match args.storage:
            case EfsStorage():
                self._efs()
            case LustreStorage() as lustre:
                self._lustre(lustre)
        self.register_outputs({})

    def _efs(self) -> None:
        group = self._security_group("NFS from the nodes")
        opened = [
            aws.vpc.SecurityGroupIngressRule(
                f"{self._name}-{label}",
                security_group_id=group.id,
                description=f"NFS from {label}",
                referenced_security_group_id=client,
                ip_protocol="tcp",
                from_port=_NFS_PORT,
                to_port=_NFS_PORT,
                tags=dict(self._args.tags) or None,
                opts=self._inside,
            )
            for label, client in self._args.clients.items()
        ]
        files = aws.efs.FileSystem(
            self._name,
            creation_token=self._name,
            encrypted=True,
            # Bursting credits run out in the middle of loading a model.
            throughput_mode="elastic",
            tags={**self._args.tags, "Name": self._name},
            opts=self._expensive(after=[]),
        )
        targets = [
            aws.efs.MountTarget(
                f"{self._name}-{zone}",
                file_system_id=files.id,
                subnet_id=subnet,
                security_groups=[group.id],
                opts=self._inside,
            )
            for zone, subnet in self._args.subnets.items()
        ]
        self.parameters = {"provisioningMode": "efs-ap", "fileSystemId": files.id, "directoryPerms": "700"}
        self.volume = None
        self.reachable = [*opened, *targets]

    def _lustre(self, lustre: LustreStorage) -> None:
        group = self._security_group("Lustre from the nodes")
        files = aws.fsx.LustreFileSystem(
            self._name,
            deployment_type="PERSISTENT_2",
            storage_type="SSD",
            storage_capacity=lustre.capacity_gib,
            per_unit_storage_throughput=lustre.throughput,
            subnet_ids=self._args.subnets[lustre.zone],
            security_group_ids=[group.id],
            efa_enabled=lustre.efa,
            # EFA is only there on file systems whose metadata performance is provisioned apart.
            metadata_configuration=aws.fsx.LustreFileSystemMetadataConfigurationArgs(mode="AUTOMATIC"),
            data_compression_type="NONE",
            tags={**self._args.tags, "Name": self._name},
            # FSx looks at the rules before it makes anything.
            opts=self._expensive(after=self._lustre_rules(group)),
        )
        self.parameters = {}
        self.volume = StaticVolume(
            driver=FSX_DRIVER,
            handle=files.id,
            attributes={"dnsname": files.dns_name, "mountname": files.mount_name},
            capacity=f"{lustre.capacity_gib}Gi",
            root_owned=True,
        )
        # Servers open connections to clients as well: to take locks back, and after a reconnect.
        self.reachable = [files, *self._client_rules(group, lustre)]

    def _client_rules(self, group: aws.ec2.SecurityGroup, lustre: LustreStorage) -> list[pulumi.Resource]:
        """What the nodes' groups let in from the file system and out to it.

        The ports are those of FSx for Lustre user guide, limit-access-security-groups ("Lustre client VPC security
        group rules"); over EFA it asks for all traffic. EKS opens a cluster's group outward when it makes it; a group
        of a cluster that exists may have been closed since.
        """
        ranges = {"": None} if lustre.efa else {f"-{low}": (low, high) for low, high in _LUSTRE_PORTS}
        rules: list[pulumi.Resource] = []
        for label, client in self._args.clients.items():
            for suffix, ports in ranges.items():
                low, high = ports or (None, None)
                protocol = "tcp" if ports else _ALL_TRAFFIC
                rules.append(
                    aws.vpc.SecurityGroupIngressRule(
                        f"{self._name}-into-{label}{suffix}",
                        security_group_id=client,
                        description="Lustre from its servers",
                        referenced_security_group_id=group.id,
                        ip_protocol=protocol,
                        from_port=low,
                        to_port=high,
                        tags=dict(self._args.tags) or None,
                        opts=self._inside,
                    )
                )
                rules.append(
                    aws.vpc.SecurityGroupEgressRule(
                        f"{self._name}-out-of-{label}{suffix}",
                        security_group_id=client,
                        description="Lustre to its servers",
                        referenced_security_group_id=group.id,
                        ip_protocol=protocol,
                        from_port=low,
                        to_port=high,
                        tags=dict(self._args.tags) or None,
                        opts=self._inside,
                    )
                )
        return rules

    def _lustre_rules(self, group: aws.ec2.SecurityGroup) -> list[pulumi.Resource]:
        """All traffic to and from itself and the clients, as FSx demands of a file system with EFA."""
        rules: list[pulumi.Resource] = []
        for label, other in {"itself": group.id, **self._args.clients}.items():
            rules.append(
                aws.vpc.SecurityGroupIngressRule(
                    f"{self._name}-from-{label}",
                    security_group_id=group.id,
                    description=f"Lustre from {label}",
                    referenced_security_group_id=other,
                    ip_protocol=_ALL_TRAFFIC,
                    tags=dict(self._args.tags) or None,
                    opts=self._inside,
                )
            )
            rules.append(
                aws.vpc.SecurityGroupEgressRule(
                    f"{self._name}-to-{label}",
                    security_group_id=group.id,
                    description=f"Lustre to {label}",
                    referenced_security_group_id=other,
                    ip_protocol=_ALL_TRAFFIC,
                    tags=dict(self._args.tags) or None,
                    opts=self._inside,
                )
            )
        return rules

    def _expensive(self, after: Sequence[pulumi.Resource]) -> pulumi.ResourceOptions:
        args = self._args
        return pulumi.ResourceOptions(parent=self, protect=args.protect, depends_on=[*args.after, *after])

    def _security_group(self, description: str) -> aws.ec2.SecurityGroup:
        return aws.ec2.SecurityGroup(
            self._name,
            description=description,
            vpc_id=self._args.vpc_id,
            tags={**self._args.tags, "Name": self._name},
            opts=self._inside,
        )
