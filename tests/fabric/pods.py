"""Pods that talk to other nodes' GPUs, built as components build theirs."""

from __future__ import annotations

from pulumi_kubernetes import core

from components.contracts.cluster_facts import PoolFacts
from components.contracts.fabric import PodFabric
from components.contracts.quantities import ByteSize, CpuAmount
from components.workloads.fabric import (
    fabric_command,
    fabric_daemons,
    fabric_mounts,
    fabric_resources,
    fabric_security,
)
from components.workloads.identity import Identity
from components.workloads.pods import PodParts, pod_template
from components.workloads.resources import Resources
from tests.registration import Json, registered

COMMAND = ("vllm", "serve", "/models/chat")
IDENTITY = Identity(name="vllm", instance="chat", component="model-server")


def whole_node(pool: PoolFacts) -> PodFabric:
    """The fabric of a pod with all GPUs of a node."""
    return pool.fabric.across_nodes(pool.gpus_per_node, pool.gpus_per_node)


def template(pool: PoolFacts, fabric: PodFabric) -> dict[str, Json]:
    """Metadata and specification of a pod with all GPUs of a node, as the API server gets them."""
    own = Resources(
        cpu=CpuAmount.cores(1),
        memory=ByteSize.gib(1),
        ephemeral_storage=ByteSize.gib(1),
        devices={pool.gpu_resource: pool.gpus_per_node},
    )
    server = core.v1.ContainerArgs(
        name="server",
        image="example.com/server:1",
        command=fabric_command(COMMAND, fabric),
        env=[core.v1.EnvVarArgs(name=name, value=value) for name, value in fabric.environment],
        resources=fabric_resources(own, fabric).args(),
        security_context=fabric_security(fabric),
        volume_mounts=fabric_mounts(fabric.mounts),
    )
    parts = PodParts(
        identity=IDENTITY,
        service_account="default",
        containers=[server, *fabric_daemons(fabric)],
        priority_class="",
        pool=pool,
        fabric=fabric,
        claims={claim.name: f"chat-{claim.count}-{claim.name}" for claim in fabric.claims},
        restart_policy="Never",
    )

    def declare() -> None:
        made = pod_template(parts)
        core.v1.Pod("pod", metadata=made.metadata, spec=made.spec)

    found = registered(declare).only("Pod").inputs
    return {"metadata": found["metadata"], "spec": found["spec"]}
