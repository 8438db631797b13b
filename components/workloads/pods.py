"""Pod templates that meet Pod Security "restricted" and mount no token.

Owns what all pods of Strata share; what a pod runs is passed in as containers and volumes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
from pulumi_kubernetes import core, meta

from ..contracts.cluster_facts import PoolFacts
from ..contracts.customize import PodCustomize, ServerCustomize
from ..contracts.fabric import INSIDE_NODE, PodFabric
from ..contracts.pools import Taint
from .customize import sidecar
from .fabric import fabric_volumes, near_each_other
from .identity import Identity
from .placement import further_tolerations, spread, tolerations
from .security import pod_security


@dataclass(frozen=True, kw_only=True)
class PodParts:
    """What differs between pods.

    Attributes:
        pool: Where they run; None leaves the choice to the scheduler.
        taints: What they tolerate where they have no pool.
        restart_policy: ``Always`` for servers, ``Never`` or ``OnFailure`` for jobs.
        fabric: What it needs to talk to other nodes' GPUs; what concerns containers is applied to them before.
        claims: Template by name of the claim, for devices that are claimed.
        grace_period: Seconds between SIGTERM and SIGKILL, preStop included.
        customize: What the user adds to the pod; what concerns containers is applied to them before.
    """

    identity: Identity
    service_account: pulumi.Input[str]
    containers: Sequence[core.v1.ContainerArgs]
    priority_class: pulumi.Input[str]
    volumes: Sequence[core.v1.VolumeArgs] = ()
    pool: PoolFacts | None = None
    taints: Sequence[Taint] = ()
    fabric: PodFabric = INSIDE_NODE
    claims: Mapping[str, pulumi.Input[str]] = field(default_factory=dict[str, pulumi.Input[str]])
    restart_policy: str = "Always"
    grace_period: int = 30
    annotations: Mapping[str, pulumi.Input[str]] = field(default_factory=dict[str, pulumi.Input[str]])
    customize: PodCustomize = field(default_factory=PodCustomize)


def pod_template(parts: PodParts) -> core.v1.PodTemplateSpecArgs:
    """The template of a Deployment, Job or set."""
    serving = parts.restart_policy == "Always"
    added = parts.customize
    taints = parts.pool.tolerations if parts.pool else parts.taints
    sidecars = [sidecar(container) for container in added.sidecars] if isinstance(added, ServerCustomize) else []
    return core.v1.PodTemplateSpecArgs(
        metadata=meta.v1.ObjectMetaArgs(
            labels=parts.identity.labels,
            annotations={
                **parts.identity.customize.annotations,
                **parts.annotations,
                **dict(parts.fabric.annotations),
            },
        ),
        spec=core.v1.PodSpecArgs(
            service_account_name=parts.service_account,
            automount_service_account_token=False,
            # Service variables of a busy namespace overflow the argument space and leak names.
            enable_service_links=False,
            security_context=pod_security(),
            priority_class_name=parts.priority_class,
            runtime_class_name=added.runtime_class,
            image_pull_secrets=[core.v1.LocalObjectReferenceArgs(name=name) for name in added.pull_secrets] or None,
            node_selector={**added.node_selector, **(parts.pool.selector if parts.pool else {})} or None,
            tolerations=[*tolerations(taints), *further_tolerations(added.tolerations)] or None,
            affinity=near_each_other(parts.fabric, parts.identity.selector),
            topology_spread_constraints=spread(parts.identity.selector) if serving else None,
            restart_policy=parts.restart_policy,
            termination_grace_period_seconds=parts.grace_period,
            containers=[*parts.containers, *sidecars],
            resource_claims=[
                core.v1.PodResourceClaimArgs(name=name, resource_claim_template_name=template)
                for name, template in parts.claims.items()
            ]
            or None,
            volumes=[*parts.volumes, *fabric_volumes(parts.fabric)],
        ),
    )


def scratch_volume(name: str, size: str) -> core.v1.VolumeArgs:
    """A writable directory for a container whose root is read-only."""
    return core.v1.VolumeArgs(name=name, empty_dir=core.v1.EmptyDirVolumeSourceArgs(size_limit=size))


def memory_volume(name: str, size: str) -> core.v1.VolumeArgs:
    """A directory in RAM, such as ``/dev/shm``; it counts against the container's memory limit."""
    return core.v1.VolumeArgs(name=name, empty_dir=core.v1.EmptyDirVolumeSourceArgs(medium="Memory", size_limit=size))
