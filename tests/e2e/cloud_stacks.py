"""What the life of each cloud stack needs to know: its pools, a change, and how its cloud fails."""

from __future__ import annotations

from dataclasses import dataclass

from simulation.clouds.faults import Fault, Moment


@dataclass(frozen=True, kw_only=True)
class CloudStack:
    """One stack.

    Attributes:
        package: Pulumi package of its cloud.
        gpu_pool: Pool on which the plan puts the model.
        larger: Text of the settings and what it becomes, which makes a pool larger.
        new_pool: Lines of the settings that add a pool named spare.
        most_updates: Resources that such a change may touch.
        no_capacity: The cloud has no machine for the GPU pool.
        never_ready: The machines of the GPU pool never join.
        throttled: The cloud answers too many calls with a refusal for a while.
        after_gpus: Types of which nothing may exist before the GPUs do.
    """

    package: str
    gpu_pool: str
    larger: tuple[str, str]
    new_pool: str
    most_updates: int
    no_capacity: Fault
    never_ready: Fault
    throttled: Fault
    after_gpus: frozenset[str]


_NODE_GROUP = "aws:eks/nodeGroup:NodeGroup"

CLOUD_STACKS = {
    "aws": CloudStack(
        package="aws",
        gpu_pool="h100",
        larger=("instance_type: m7i.8xlarge\n      count: 3", "instance_type: m7i.8xlarge\n      count: 4"),
        new_pool=(
            "    - name: spare\n      kind: cpu\n      instance_type: m7i.8xlarge\n      count: 1\n"
            "      zones: [us-east-2a]\n"
        ),
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
        after_gpus=frozenset({"aws:efs/fileSystem:FileSystem", "aws:efs/mountTarget:MountTarget"}),
    ),
}
"""By the name of the stack."""
