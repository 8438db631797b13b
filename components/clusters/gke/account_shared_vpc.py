"""What Google's own accounts have to be allowed in the host project of a Shared VPC.

Owns which roles those are, and how a policy is read. Nobody but the owner of the host project can grant them, so they
are asked for and never granted.

Source: GKE documentation, how-to/cluster-shared-vpc (roles of the service agents of GKE and of Google's APIs).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_gcp as gcp
from pydantic import BaseModel, ConfigDict

from ...networks.gcp.args import ExistingGcpVpc
from .args import GkeClusterArgs
from .inquiry import Inquiry, Refusal

_NETWORK_USER = "roles/compute.networkUser"
_HOST_AGENT_USER = "roles/container.hostServiceAgentUser"


class _Binding(BaseModel):
    model_config = ConfigDict(extra="ignore")
    role: str
    members: tuple[str, ...] = ()


class Policy(BaseModel):
    """An IAM policy, as the provider hands it on: JSON of the API."""

    model_config = ConfigDict(extra="ignore")
    bindings: tuple[_Binding, ...] = ()

    def grants(self, role: str, member: str) -> bool:
        """Whether the member has the role by name."""
        return any(binding.role == role and member in binding.members for binding in self.bindings)


@dataclass(frozen=True, kw_only=True)
class Grant:
    """A role that one of Google's accounts needs.

    Attributes:
        role: Such as ``roles/compute.networkUser``.
        member: As IAM spells it.
        on_subnet: Whether it is enough to have it on the subnet.
    """

    role: str
    member: str
    on_subnet: bool


def needed_grants(project_number: str) -> tuple[Grant, ...]:
    """What the accounts of the cluster's project need in the host project."""
    agent = f"serviceAccount:service-{project_number}@container-engine-robot.iam.gserviceaccount.com"
    apis = f"serviceAccount:{project_number}@cloudservices.gserviceaccount.com"
    return (
        Grant(role=_HOST_AGENT_USER, member=agent, on_subnet=False),
        Grant(role=_NETWORK_USER, member=agent, on_subnet=True),
        Grant(role=_NETWORK_USER, member=apis, on_subnet=True),
    )


def missing_grants(project_number: str, of_project: Policy, of_subnet: Policy) -> list[Grant]:
    """Grants that neither policy holds by name; those of folders and groups are not seen."""
    return [
        grant
        for grant in needed_grants(project_number)
        if not of_project.grants(grant.role, grant.member)
        and not (grant.on_subnet and of_subnet.grants(grant.role, grant.member))
    ]


def warn_of_missing_grants(args: GkeClusterArgs, subnet: str, inquiry: Inquiry) -> None:
    """Say which roles nobody granted in the host project; a folder or a group may hold them unseen.

    Args:
        args: The cluster.
        subnet: Name of its subnet.
        inquiry: Who is asked.
    """
    host = args.network_project
    if not isinstance(args.network, ExistingGcpVpc) or host == args.project:
        return
    number = inquiry.ask(
        f"the number of {args.project}",
        lambda: gcp.organizations.get_project(project_id=args.project, opts=inquiry.options).number,
    )
    of_project = inquiry.ask(
        f"who may do what in {host}",
        lambda: gcp.projects.get_iam_policy(project=host, opts=inquiry.options).policy_data,
    )
    of_subnet = inquiry.ask(
        f"who may use the subnet {subnet}",
        lambda: (
            gcp.compute.get_subnetwork_iam_policy(
                project=host, region=args.region, subnetwork=subnet, opts=inquiry.options
            ).policy_data
        ),
    )
    if isinstance(number, Refusal) or isinstance(of_project, Refusal) or isinstance(of_subnet, Refusal):
        return
    policies = Policy.model_validate_json(of_project), Policy.model_validate_json(of_subnet)
    missing = missing_grants(number, *policies)
    if missing:
        pulumi.warn("\n".join(_said(missing, host)))


def _said(missing: Sequence[Grant], host: str) -> Iterator[str]:
    yield (
        f"{host} does not name these grants, without which GKE refuses a cluster in its network; unless a folder or a "
        "group holds them, run:"
    )
    for grant in missing:
        yield f"  gcloud projects add-iam-policy-binding {host} --member={grant.member} --role={grant.role}"
