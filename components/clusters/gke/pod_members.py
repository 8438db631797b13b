"""Service accounts of a cluster, as Google's IAM spells them.

Source: GKE documentation, "Authenticate to Google Cloud APIs from GKE workloads": pods hold roles themselves, without
an account of Google's in between.
"""

from __future__ import annotations

from collections.abc import Sequence

import pulumi
import pulumi_gcp as gcp

from ...contracts.service_accounts import AccountName
from .facts import workload_pool


def project_number(project: str, parent: pulumi.Resource, after: Sequence[pulumi.Resource]) -> pulumi.Output[str]:
    """The number by which IAM spells a project.

    Args:
        project: Id of the project.
        parent: The component that asks.
        after: What has to be there before it is asked.
    """
    asked = pulumi.InvokeOutputOptions(parent=parent, depends_on=list(after))
    return gcp.organizations.get_project_output(project_id=project, opts=asked).number


def pod_member(number: str, project: str, account: AccountName) -> str:
    """A service account of the cluster as a member of bindings.

    Args:
        number: Number of the cluster's project.
        project: Its id.
        account: The service account.
    """
    pool = f"projects/{number}/locations/global/workloadIdentityPools/{workload_pool(project)}"
    return f"principal://iam.googleapis.com/{pool}/subject/ns/{account.namespace}/sa/{account.name}"
