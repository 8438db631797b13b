"""A cluster as every room above sees it: one provider and the static facts.

Owns the Kubernetes provider. It does not create machines: the modules beside it do, or find them
there, and hand their result over in ``ClusterArgs``.
"""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_kubernetes as kubernetes

from ..contracts.cluster_facts import ClusterFacts


@dataclass(frozen=True, kw_only=True)
class ClusterArgs:
    """How to reach a cluster and what is known about it.

    Attributes:
        kubeconfig: Path of a kubeconfig, or its content. A path keeps credentials out of the state.
        context: Context in the kubeconfig; None takes the current one.
        facts: What is known at preview.
    """

    kubeconfig: pulumi.Input[str]
    facts: ClusterFacts
    context: pulumi.Input[str] | None = None


class Cluster(pulumi.ComponentResource):
    """A Kubernetes cluster.

    Attributes:
        provider: The only provider for objects of this cluster.
        facts: What is known about it at preview.
    """

    provider: kubernetes.Provider
    facts: ClusterFacts

    def __init__(self, name: str, args: ClusterArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("strata:clusters:Cluster", name, None, opts)
        self.facts = args.facts
        self.provider = kubernetes.Provider(
            f"{name}-kubernetes",
            kubeconfig=args.kubeconfig,
            context=args.context,
            # Without a fixed identity a changed kubeconfig replaces the provider, and with it every object.
            cluster_identifier=f"strata-{args.facts.name}",
            # A changed Secret or ConfigMap would otherwise be deleted and created again.
            enable_secret_mutable=True,
            enable_config_map_mutable=True,
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.register_outputs({"facts": args.facts.model_dump(mode="json")})
