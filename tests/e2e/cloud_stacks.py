"""What the life of each cloud stack needs to know: its pools, a change, and how its cloud fails."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from simulation.clouds.command.site import key_of
from simulation.provider.faults import Fault, Moment

Edits: TypeAlias = tuple[tuple[str, str], ...]
"""Texts of the settings and what they become."""


@dataclass(frozen=True, kw_only=True)
class CloudStack:
    """One stack.

    Attributes:
        package: Pulumi package of its cloud.
        gpu_pool: Pool on which the plan puts the model.
        larger: Makes a pool larger.
        new_pool: Adds a pool named spare.
        most_updates: Resources that such a change may touch.
        no_capacity: The cloud has no machine for the GPU pool.
        never_ready: The machines of the GPU pool never join.
        throttled: The cloud answers too many calls with a refusal for a while.
        after_gpus: Types of which nothing may exist before the GPUs do.
        balancer: Type of what a Service of type LoadBalancer makes in the account; None where it makes nothing.
        balancer_class: Class that such a Service names.
        balancer_setting: What a stack file gets so that somebody makes load balancers, and writes their names.
        names: Type of what such a Service with a name makes in the account; None where nobody writes names.
        cost: What the change costs, as the report words it.
    """

    package: str
    gpu_pool: str
    larger: Edits
    new_pool: Edits
    most_updates: int
    no_capacity: Fault
    never_ready: Fault
    throttled: Fault
    after_gpus: frozenset[str]
    balancer: str | None = None
    balancer_class: str | None = None
    balancer_setting: tuple[str, str] | None = None
    names: str | None = None
    cost: str = r"\+\$[\d.,]+ per hour"


_COMMAND = "command:remote:Command"
_NODE_GROUP = "aws:eks/nodeGroup:NodeGroup"
_NODE_POOL = "gcp:container/nodePool:NodePool"
_AGENT_POOL = "azure-native:containerservice:AgentPool"


def _spare(machine: str, zone: str) -> Edits:
    models = "  strata:models:\n"
    pool = (
        f"    - name: spare\n      kind: cpu\n      instance_type: {machine}\n      count: 1\n      zones: [{zone}]\n"
    )
    return ((models, pool + models),)


def _host(name: str, address: str, pool: str, zone: str) -> str:
    return (
        f"      - name: {name}\n        address: {address}\n        pool: {pool}\n        zone: {zone}\n"
        f"        host_key: {key_of(name)}\n"
    )


CLOUD_STACKS = {
    "aws": CloudStack(
        package="aws",
        gpu_pool="h100",
        larger=(("instance_type: m7i.8xlarge\n      count: 3", "instance_type: m7i.8xlarge\n      count: 4"),),
        new_pool=_spare("m7i.8xlarge", "us-east-2a"),
        most_updates=2,
        no_capacity=Fault(
            operation="create",
            kind=_NODE_GROUP,
            name="*h100*",
            code="InsufficientInstanceCapacity",
            moment=Moment.AFTER,
        ),
        never_ready=Fault(
            operation="create", kind=_NODE_GROUP, name="*h100*", code="NodeCreationFailure", moment=Moment.AFTER
        ),
        throttled=Fault(operation="create", kind="aws:*", code="ThrottlingException", times=5),
        balancer="aws:lb/loadBalancer:LoadBalancer",
        balancer_class="service.k8s.aws/nlb",
        balancer_setting=(
            "  strata:target:\n    kind: eks\n",
            (
                "  strata:services: {external_secrets: {namespaces: [models]}}\n"
                "  strata:target:\n    kind: eks\n    load_balancer_controller: installed\n"
                "    dns: {zones: [{id: Z0123456789ABCDEFGHIJ, domain: ai.example.com}]}\n"
                "    secrets: {prefix: genai/prod/}\n"
            ),
        ),
        names="aws:route53/record:Record",
        after_gpus=frozenset({"aws:efs/fileSystem:FileSystem", "aws:efs/mountTarget:MountTarget"}),
    ),
    "gcp": CloudStack(
        package="gcp",
        gpu_pool="h200",
        larger=(("instance_type: a3-ultragpu-8g\n      count: 2", "instance_type: a3-ultragpu-8g\n      count: 3"),),
        new_pool=_spare("c3-standard-22", "us-central1-a"),
        most_updates=2,
        no_capacity=Fault(
            operation="create",
            kind=_NODE_POOL,
            name="*h200*",
            code="ZONE_RESOURCE_POOL_EXHAUSTED",
            moment=Moment.AFTER,
        ),
        never_ready=Fault(
            operation="create", kind=_NODE_POOL, name="*h200*", code="DEADLINE_EXCEEDED", moment=Moment.AFTER
        ),
        throttled=Fault(operation="create", kind="gcp:*", code="rateLimitExceeded", times=5),
        balancer="gcp:compute/forwardingRule:ForwardingRule",
        balancer_setting=(
            "  strata:target:\n    kind: gke\n",
            (
                "  strata:services: {external_secrets: {namespaces: [models]}}\n"
                "  strata:target:\n    kind: gke\n"
                "    dns: {zones: [{name: ai-example-com, domain: ai.example.com}]}\n"
                "    secrets: {prefix: genai-prod-}\n"
            ),
        ),
        names="gcp:dns/recordSet:RecordSet",
        after_gpus=frozenset({"gcp:filestore/instance:Instance"}),
    ),
    "azure": CloudStack(
        package="azure-native",
        gpu_pool="h100",
        larger=(
            (
                "instance_type: Standard_NC24ads_A100_v4\n      count: 1",
                "instance_type: Standard_NC24ads_A100_v4\n      count: 2",
            ),
        ),
        new_pool=_spare("Standard_D32ds_v6", "eastus2-1"),
        most_updates=2,
        no_capacity=Fault(
            operation="create", kind=_AGENT_POOL, name="*h100*", code="ZonalAllocationFailed", moment=Moment.AFTER
        ),
        never_ready=Fault(
            # The pool that found no machines exists; AKS tries again when it is told to.
            operation="update",
            kind=_AGENT_POOL,
            name="*h100*",
            code="VMExtensionProvisioningTimeout",
            moment=Moment.AFTER,
        ),
        throttled=Fault(operation="create", kind="azure-native:*", code="TooManyRequests", times=3),
        balancer="azure-native:network:LoadBalancer",
        balancer_setting=(
            "  strata:target:\n    kind: aks\n",
            (
                "  strata:services: {external_secrets: {namespaces: [models]}}\n"
                "  strata:target:\n    kind: aks\n"
                "    dns: {resource_group: dns, zones: [ai.example.com]}\n"
                "    secrets: {resource_group: secrets, name: genai-prod}\n"
            ),
        ),
        names="azure-native:dns:RecordSet",
        after_gpus=frozenset({"azure-native:storage:StorageAccount", "azure-native:network:PrivateEndpoint"}),
    ),
    "onprem": CloudStack(
        package="command",
        gpu_pool="h100",
        larger=(
            ("    ssh:\n", _host("h100-3", "10.40.0.23", "h100", "room-1") + "    ssh:\n"),
            ("instance_type: hgx-h100\n      count: 2", "instance_type: hgx-h100\n      count: 3"),
        ),
        new_pool=(
            ("    ssh:\n", _host("cpu-4", "10.40.0.44", "spare", "room-1") + "    ssh:\n"),
            *_spare("xeon-6530-x2", "room-1"),
        ),
        most_updates=0,
        # The host refuses whoever asks; a site has no other to offer.
        no_capacity=Fault(
            operation="create", kind=_COMMAND, name="h100-1", code="HandshakeFailed", message="HandshakeFailed: ssh"
        ),
        never_ready=Fault(operation="create", kind=_COMMAND, name="h100-1-member", code="ExitStatus"),
        throttled=Fault(
            operation="create", kind=_COMMAND, name="h100-1", code="Unreachable", message="i/o timeout", times=3
        ),
        after_gpus=frozenset(),
        cost="unknown: \\d+ lines have no known price",
    ),
}
"""By the name of the stack."""
SPLIT_STACKS = ("aws-foundation", "aws-platform", "aws-serving")
"""The stacks of a split environment, in the order up."""
