"""The managed add-ons of a cluster, each with a role of its own through Pod Identity."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
import pulumi_aws as aws

from .addon_table import AddOn
from .roles import Principal, service_role
from .settings import IamRoles


@dataclass(frozen=True, kw_only=True)
class AddOnsArgs:
    """Which add-ons, and where.

    Attributes:
        prefix: Beginning of the names of add-ons' resources and of their IAM roles.
        cluster_name: Name of the cluster, known once the control plane is active.
        add_ons: The add-ons.
        versions: Version by name; EKS chooses the others.
        after: What has to exist before, such as nodes to run on.
        iam: Path and permissions boundary of the roles that are made.
        tags: Tags of everything that is made.
    """

    prefix: str
    cluster_name: pulumi.Input[str]
    add_ons: Iterable[AddOn]
    versions: Mapping[str, str] = field(default_factory=dict[str, str])
    after: Sequence[pulumi.Resource] = ()
    iam: IamRoles = field(default_factory=IamRoles)
    tags: Mapping[str, pulumi.Input[str]] = field(default_factory=dict[str, pulumi.Input[str]])


class EksAddOns(pulumi.ComponentResource):
    """Managed add-ons.

    Attributes:
        installed: The add-ons; depend on them to come after.
    """

    installed: list[pulumi.Resource]

    def __init__(self, name: str, args: AddOnsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("strata:clusters:EksAddOns", name, None, opts)
        self._inside = pulumi.ResourceOptions(parent=self)
        self.installed = [self._install(args, add_on) for add_on in args.add_ons]
        self.register_outputs({})

    def _install(self, args: AddOnsArgs, add_on: AddOn) -> aws.eks.Addon:
        identities, needed = self._identity(args, add_on)
        return aws.eks.Addon(
            f"{args.prefix}-{add_on.name}",
            cluster_name=args.cluster_name,
            addon_name=add_on.name,
            addon_version=args.versions.get(add_on.name),
            configuration_values=add_on.configuration_values,
            pod_identity_associations=identities,
            resolve_conflicts_on_create="OVERWRITE",
            resolve_conflicts_on_update="OVERWRITE",
            tags=dict(args.tags) or None,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[*needed, *args.after]),
        )

    def _identity(
        self, args: AddOnsArgs, add_on: AddOn
    ) -> tuple[list[aws.eks.AddonPodIdentityAssociationArgs] | None, list[pulumi.Resource]]:
        if not add_on.policy:
            return None, []
        role, ready = service_role(
            f"{args.prefix}-{add_on.name}", Principal.POD, [add_on.policy], args.iam, args.tags, self._inside
        )
        identity = aws.eks.AddonPodIdentityAssociationArgs(role_arn=role.arn, service_account=add_on.service_account)
        return [identity], ready
