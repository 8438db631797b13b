"""Service accounts, what they may do, and the services of Google's that a cluster calls."""

from __future__ import annotations

from collections.abc import Iterable

import pulumi
import pulumi_gcp as gcp

from ...contracts.names import short_hash
from .args import GkeClusterArgs
from .settings import LustreStorage, ManagedZones, SecretManager, SharedStorage

_MAX_ACCOUNT_ID = 30
# cluster-toolkit v1.95.0, examples/gke-a4x; GKE documentation, how-to/service-accounts.
_NODE_ROLES = (
    "roles/artifactregistry.reader",
    "roles/logging.logWriter",
    "roles/monitoring.metricWriter",
    "roles/monitoring.viewer",
    # GKE documentation, how-to/image-streaming: service accounts other than the default one need it.
    "roles/serviceusage.serviceUsageConsumer",
    "roles/stackdriver.resourceMetadata.writer",
    "roles/storage.objectViewer",
)
_SERVICES = (
    "cloudresourcemanager.googleapis.com",
    "compute.googleapis.com",
    "container.googleapis.com",
    "containerfilesystem.googleapis.com",
    "file.googleapis.com",
    "iam.googleapis.com",
    "networkconnectivity.googleapis.com",
)
DNS_SERVICE = "dns.googleapis.com"
SECRETS_SERVICE = "secretmanager.googleapis.com"
_LUSTRE_SERVICES = ("lustre.googleapis.com", "servicenetworking.googleapis.com")


def needed_services(
    storage: SharedStorage, dns: ManagedZones | None = None, secrets: SecretManager | None = None
) -> tuple[str, ...]:
    """The services that have to be on in the project.

    Args:
        storage: The shared file system, which may need more.
        dns: Zones in which names are written; those of another project need nothing here.
        secrets: Secrets that are read; those of another project need nothing here.
    """
    own_zones = dns is not None and dns.project is None
    own_secrets = secrets is not None and secrets.project is None
    return (
        *_SERVICES,
        *(_LUSTRE_SERVICES if isinstance(storage, LustreStorage) else ()),
        *((DNS_SERVICE,) if own_zones else ()),
        *((SECRETS_SERVICE,) if own_secrets else ()),
    )


def enabled_services(
    name: str, project: str, services: Iterable[str], opts: pulumi.ResourceOptions
) -> list[pulumi.Resource]:
    """The services that have to be on in the project; they stay on when the stack goes, others may use them."""
    return [
        gcp.projects.Service(
            f"{name}-{service.partition('.')[0]}",
            project=project,
            service=service,
            disable_on_destroy=False,
            opts=opts,
        )
        for service in services
    ]


def node_account(
    name: str, cluster: str, args: GkeClusterArgs, opts: pulumi.ResourceOptions
) -> tuple[pulumi.Output[str], list[pulumi.Resource]]:
    """Email of the nodes' service account, and everything that has to exist before it can be used."""
    if args.node_service_account is not None:
        return pulumi.Output.from_input(args.node_service_account), []
    account = gcp.serviceaccount.Account(
        f"{name}-nodes",
        account_id=account_id(cluster, "nodes"),
        display_name=f"Nodes of the GKE cluster {cluster}",
        opts=opts,
    )
    member = account.email.apply(lambda email: f"serviceAccount:{email}")
    return account.email, granted(f"{name}-nodes", args.project, _NODE_ROLES, member, opts)


def granted(
    name: str, project: str, roles: Iterable[str], member: pulumi.Input[str], opts: pulumi.ResourceOptions
) -> list[pulumi.Resource]:
    """Roles in the project for one member, each added to those that others have."""
    return [
        gcp.projects.IAMMember(
            f"{name}-{role.rpartition('/')[2]}", project=project, role=role, member=member, opts=opts
        )
        for role in roles
    ]


def account_id(cluster: str, purpose: str) -> str:
    """Id of a service account, at most 30 characters; too long a name is cut and keeps a hash."""
    name = f"{cluster}-{purpose}"
    # Ids begin with a letter; names of clusters may begin with a digit.
    name = name if name[0].isalpha() else f"c{name}"
    if len(name) <= _MAX_ACCOUNT_ID:
        return name
    return f"{name[: _MAX_ACCOUNT_ID - 11].rstrip('-')}-{short_hash(name)}"
