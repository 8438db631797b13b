"""A cluster as everything that runs on it sees it: one provider and the static facts.

Owns the Kubernetes provider. It does not create machines: the modules beside it do, or find them
there, and hand their result over in ``ClusterArgs``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
import pulumi_kubernetes as kubernetes

from ..contracts.arguments import checked, checked_arguments
from ..contracts.cluster_facts import ClusterFacts


@checked_arguments
@dataclass(frozen=True, kw_only=True)
class StaticVolume:
    """A file system that exists as one whole volume.

    Attributes:
        driver: CSI driver that mounts it.
        handle: Name by which the driver knows it.
        attributes: What the driver has to know beside the handle.
        capacity: Size, such as ``2400Gi``.
        root_owned: Whether its root folder belongs to root at first and the driver leaves it so, whatever fsGroup says.
    """

    driver: str
    handle: pulumi.Input[str]
    attributes: Mapping[str, pulumi.Input[str]]
    capacity: str
    root_owned: bool = False


@checked_arguments
@dataclass(frozen=True, kw_only=True)
class VolumeSource:
    """What is known of a storage class only once its file system exists.

    Attributes:
        parameters: Further parameters of the class.
        volume: The one volume of the class; None where the driver makes volumes.
    """

    parameters: Mapping[str, pulumi.Input[str]] = field(default_factory=dict[str, pulumi.Input[str]])
    volume: StaticVolume | None = None


@checked_arguments
@dataclass(frozen=True, kw_only=True)
class ClusterArgs:
    """How to reach a cluster and what is known about it.

    Attributes:
        kubeconfig: Path of a kubeconfig, or its content. A path keeps credentials out of the state.
        context: Context in the kubeconfig; None takes the current one.
        facts: What is known at preview.
        volume_sources: What is known later, by name of the storage class.
        attachment: Ids that links to other environments attach to, as ``NetworkFacts.attachment`` has them.
        ready: Resources that have to exist before any object of the cluster, nodes and add-ons among them.
        account_annotations: Annotations by which service accounts are identities of the cloud, by name of the account.
    """

    kubeconfig: pulumi.Input[str]
    facts: ClusterFacts
    context: pulumi.Input[str] | None = None
    volume_sources: Mapping[str, VolumeSource] = field(default_factory=dict[str, VolumeSource])
    attachment: Mapping[str, pulumi.Input[str] | Sequence[pulumi.Input[str]]] | None = None
    ready: Sequence[pulumi.Resource] = ()
    account_annotations: Mapping[str, Mapping[str, pulumi.Input[str]]] = field(
        default_factory=dict[str, Mapping[str, pulumi.Input[str]]]
    )


class Cluster(pulumi.ComponentResource):
    """A Kubernetes cluster.

    Attributes:
        provider: The only provider for objects of this cluster.
        facts: What is known about it at preview.
        volume_sources: What is known of its storage classes later, by name.
        kubeconfig: How to reach it: a path, or content.
        attachment: Ids that links to other environments attach to; None where there are none.
        account_annotations: Annotations by which service accounts are identities of the cloud, by name of the account.
        controllers: What works for pods and Services until they are gone: makes their load balancers, mounts their
            volumes. Namespaces depend on it, and so go before it: without its pods load balancers would stay in the
            cloud, and pods on their nodes.
    """

    provider: kubernetes.Provider
    facts: ClusterFacts
    volume_sources: Mapping[str, VolumeSource]
    kubeconfig: pulumi.Output[str]
    attachment: Mapping[str, pulumi.Input[str] | Sequence[pulumi.Input[str]]] | None
    account_annotations: Mapping[str, Mapping[str, pulumi.Input[str]]]
    controllers: Sequence[pulumi.Resource]

    @checked
    def __init__(self, name: str, args: ClusterArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("strata:clusters:Cluster", name, None, opts)
        self.facts = args.facts
        self.volume_sources = args.volume_sources
        self.attachment = args.attachment
        self.account_annotations = args.account_annotations
        self.controllers = ()
        self.kubeconfig = pulumi.Output.from_input(args.kubeconfig)
        self.provider = kubernetes.Provider(
            f"{name}-kubernetes",
            kubeconfig=args.kubeconfig,
            context=args.context,
            # Without a fixed identity a changed kubeconfig replaces the provider, and with it every object.
            cluster_identifier=f"strata-{args.facts.name}",
            # A changed Secret or ConfigMap would otherwise be deleted and created again.
            enable_secret_mutable=True,
            enable_config_map_mutable=True,
            opts=pulumi.ResourceOptions(parent=self, depends_on=list(args.ready)),
        )
        self.register_outputs({"facts": args.facts.model_dump(mode="json")})
