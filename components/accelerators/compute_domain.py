"""A ComputeDomain: pods on several nodes of one NVLink domain that share GPU memory.

NVIDIA's DRA driver, which ``Accelerators`` deploys for pools with ``compute_domains``, joins the nodes on which the
pods land and lets nobody else into their memory. Source: kubernetes-sigs/dra-driver-nvidia-gpu 0.5.0, CRD
``resource.nvidia.com_computedomains`` and ``demo/specs/imex``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Annotated

import pulumi
from pulumi_kubernetes import apiextensions, core, meta
from pydantic import Field

from ..contracts.api_groups import COMPUTE_DOMAINS
from ..contracts.arguments import checked, checked_arguments
from ..contracts.claims import CLIQUE_LABEL
from ..contracts.cluster_facts import ClusterFacts
from ..contracts.customize import ObjectCustomize
from ..contracts.errors import Problem, raise_problems
from ..contracts.names import ExistingNamespace, ObjectName
from ..contracts.versions import COMPUTE_DOMAIN_API
from ..workloads.metadata import platform_metadata

CHANNEL_CLAIM = "channel"
"""Name of the claim on a channel within a pod."""


@checked_arguments
@dataclass(frozen=True, kw_only=True)
class ComputeDomainArgs:
    """Pods that share GPU memory, one on each node.

    Attributes:
        facts: The cluster.
        pool: The pool on which they run.
        nodes: Nodes that they take together.
        namespace: Their namespace.
        customize: Labels and annotations of the object.
    """

    facts: ClusterFacts
    pool: ObjectName
    nodes: Annotated[int, Field(ge=2)]
    namespace: pulumi.Input[ExistingNamespace]
    customize: ObjectCustomize = field(default_factory=ObjectCustomize)


class ComputeDomain(pulumi.ComponentResource):
    """A ComputeDomain and the name by which pods claim its channel.

    It has to go before the driver does, whose controller lets it go: give it the driver as ``depends_on``.

    Attributes:
        claim_template: Template of the claim on a channel, for ``resource_claims`` of the pods.
    """

    claim_template: pulumi.Output[str]

    @checked
    def __init__(self, name: ObjectName, args: ComputeDomainArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        raise_problems(compute_domain_problems(args))
        super().__init__("strata:accelerators:ComputeDomain", name, None, opts)
        template = f"{name}-channel"
        # As many nodes join as pods with the claim land on; the number in the object is deprecated, and 0 is advised.
        made = apiextensions.CustomResource(
            f"{name}-domain",
            api_version=COMPUTE_DOMAIN_API,
            kind="ComputeDomain",
            metadata=platform_metadata(name, args.customize, namespace=args.namespace),
            spec={
                "numNodes": 0,
                "channel": {"allocationMode": "Single", "resourceClaimTemplate": {"name": template}},
            },
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.claim_template = made.id.apply(lambda _: template)
        self.register_outputs({"claim_template": self.claim_template})


def compute_domain_problems(args: ComputeDomainArgs) -> Iterator[Problem]:
    """What the constructor of ``ComputeDomain`` refuses."""
    pool = args.facts.pool(args.pool)
    if not pool.compute_domain_gpus:
        yield Problem(
            field="pool",
            cause=f"no NVLink domain joins the nodes of pool {pool.name}, or nobody opens it to pods",
            consequence="pods would wait for a channel that no node has",
            fix="name a pool of NVL72 machines with compute_domains: true",
        )
    elif COMPUTE_DOMAINS not in args.facts.apis:
        yield Problem(
            field="facts.apis",
            cause=f"nothing installs {COMPUTE_DOMAINS}",
            consequence="the cluster would refuse the object",
            fix="deploy Accelerators, or name the group among the target's apis where somebody else runs the driver",
        )
    elif args.nodes > min(pool.compute_domain_nodes, pool.most_nodes_known):
        yield Problem(
            field="nodes",
            cause=f"{args.nodes} nodes of pool {pool.name}, which has {pool.most_nodes_known}; "
            f"{pool.compute_domain_nodes} share an NVLink domain",
            consequence="NVLink does not reach across domains: pods would wait for ever, or talk over the network",
            fix=f"take at most {min(pool.compute_domain_nodes, pool.most_nodes_known)} nodes",
        )


def within_one_domain(selector: Mapping[str, str]) -> core.v1.AffinityArgs:
    """Affinity of pods that have to be on different nodes of one NVLink domain.

    Args:
        selector: Labels that choose these pods and no others.
    """
    chosen = meta.v1.LabelSelectorArgs(match_labels=dict(selector))
    return core.v1.AffinityArgs(
        pod_affinity=core.v1.PodAffinityArgs(
            required_during_scheduling_ignored_during_execution=[
                core.v1.PodAffinityTermArgs(label_selector=chosen, topology_key=CLIQUE_LABEL)
            ]
        ),
        pod_anti_affinity=core.v1.PodAntiAffinityArgs(
            required_during_scheduling_ignored_during_execution=[
                core.v1.PodAffinityTermArgs(label_selector=chosen, topology_key="kubernetes.io/hostname")
            ]
        ),
    )
