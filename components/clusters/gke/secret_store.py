"""Secrets of Secret Manager that pods may ask for, and who may read them.

Sources: external-secrets/external-secrets v2.9.0, ``providers/v1/gcp/secretmanager/client.go``, which reads a version
of a secret by its name; IAM documentation, "Resource attributes for IAM Conditions", and hashicorp/vault pull request
25645 (``docs/sync/gcpsm.mdx``): conditions see the number of a project and not its id. A list of secrets has no name to
begin with, so ``dataFrom.find`` finds nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_gcp as gcp

from ...contracts.service_accounts import EXTERNAL_SECRETS
from .pod_members import pod_member, project_number
from .settings import SecretManager

_READS_VALUES = "roles/secretmanager.secretAccessor"


def names_beginning_with(project_number: str, prefix: str) -> str:
    """The condition of a binding that holds for some secrets, and their versions, only.

    Args:
        project_number: Number of the secrets' project.
        prefix: How their names begin.
    """
    return f'resource.name.startsWith("projects/{project_number}/secrets/{prefix}")'


@dataclass(frozen=True, kw_only=True)
class SecretStoreArgs:
    """The cluster's project and its secrets.

    Attributes:
        project: Project of the cluster.
        secrets: Secrets that are read.
        after: What the project has to have before: its services, and the cluster, with which its identities come.
    """

    project: str
    secrets: SecretManager
    after: Sequence[pulumi.Resource]


class GkeSecretStore(pulumi.ComponentResource):
    """What the service account of external-secrets may do.

    Attributes:
        ready: Everything without which it may read nothing.
    """

    ready: list[pulumi.Resource]

    def __init__(self, name: str, args: SecretStoreArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("strata:clusters:GkeSecretStore", name, None, opts)
        prefix, project = args.secrets.prefix, args.secrets.project or args.project
        own = project_number(args.project, self, args.after)
        number = own if project == args.project else project_number(project, self, args.after)
        self.ready = [
            gcp.projects.IAMMember(
                name,
                project=project,
                role=_READS_VALUES,
                member=own.apply(lambda number: pod_member(number, args.project, EXTERNAL_SECRETS)),
                condition=gcp.projects.IAMMemberConditionArgs(
                    title=f"secrets-{prefix}"[:100],
                    expression=number.apply(lambda number: names_beginning_with(number, prefix)),
                ),
                opts=pulumi.ResourceOptions(parent=self, depends_on=list(args.after)),
            )
        ]
        self.register_outputs({})
