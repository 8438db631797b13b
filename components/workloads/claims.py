"""Claims by which pods get devices where a driver of dynamic resource allocation advertises them.

Extended resources such as ``nvidia.com/gpu`` that DRA fulfils are alpha in Kubernetes 1.34 and beta in 1.35 (feature
DRAExtendedResource), so that pods name claims, which are generally available from 1.34.
"""

from __future__ import annotations

import pulumi
from pulumi_kubernetes import apiextensions

from ..contracts.claims import GPU_CLASS
from ..contracts.fabric import DeviceClaim
from ..contracts.versions import CLAIM_API
from .identity import Identity
from .metadata import metadata


def whole_gpus(gpus: int) -> DeviceClaim:
    """A claim on so many whole GPUs of one node."""
    return DeviceClaim(name="gpus", device_class=GPU_CLASS, count=gpus)


def claim_template(
    resource_name: str,
    claim: DeviceClaim,
    *,
    identity: Identity,
    namespace: pulumi.Input[str],
    opts: pulumi.ResourceOptions,
) -> pulumi.Output[str]:
    """Declare the template of claims on so many devices of one node; the answer is its name, once it is there.

    Its specification never changes in Kubernetes, so the number is part of its name: another number is another
    template, and pods of a rolling update keep theirs.

    Args:
        resource_name: Name of the resource.
        claim: What one pod claims.
        identity: Whose pods claim them.
        namespace: Namespace of the pods.
        opts: Options of the resource.
    """
    name = f"{identity.instance}-{claim.count}-{claim.name}"
    exactly = {"deviceClassName": claim.device_class, "allocationMode": "ExactCount", "count": claim.count}
    # The SDK has classes of the beta versions only.
    made = apiextensions.CustomResource(
        resource_name,
        api_version=CLAIM_API,
        kind="ResourceClaimTemplate",
        metadata=metadata(identity, namespace, name=name),
        spec={"spec": {"devices": {"requests": [{"name": claim.name, "exactly": exactly}]}}},
        opts=opts,
    )
    return made.id.apply(lambda _: name)
