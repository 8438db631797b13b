"""Several models on one cluster as one component, with all that they need below them.

Owns planning the models in order, and the namespace with priority and storage classes where the caller names
none. ``model_servers`` declares what serves them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import pulumi

from ..clusters.cluster import Cluster
from ..contracts.arguments import checked
from ..contracts.cluster_facts import ClusterFacts
from ..contracts.customize import ObjectCustomize
from ..contracts.errors import Problem, raise_problems
from ..contracts.names import ExistingNamespace, ObjectName, is_reserved_namespace
from ..contracts.served_models import ServedModel
from ..contracts.serving import ServingPlan
from ..contracts.versions import unknown_images
from ..operations import GuardedNamespace, GuardedNamespaceArgs, PriorityClasses
from ..operations.taken_namespaces import taken_problems
from ..storage import StorageClasses, StorageClassesArgs, catalog_volume
from .model_servers import ServingOptions, ServingPlace, refusals, serve_models
from .neighbours import Neighbour, add_neighbour, neighbour_problems
from .planning import plan_served_models
from .sources import gated_problems

_DEFAULTS = ServingOptions()


class ServedModels(pulumi.ComponentResource):
    """Model servers on a cluster.

    Attributes:
        plans: The plan of each model by its name.
        endpoints: Base URL of each model's OpenAI-compatible API inside the cluster, by its name; known
            once its servers are ready.
        namespace: Where the servers run.
        catalog_size: Size of the volume with the checkpoints, which the next run needs as
            ``previous_catalog_size``.
    """

    plans: Mapping[str, ServingPlan]
    endpoints: Mapping[str, pulumi.Output[str]]
    namespace: pulumi.Output[str]
    catalog_size: pulumi.Output[str]

    @checked
    def __init__(
        self,
        name: ObjectName,
        *,
        cluster: Cluster,
        models: Sequence[ServedModel],
        facts: ClusterFacts | None = None,
        namespace: pulumi.Input[ExistingNamespace] | None = None,
        options: ServingOptions = _DEFAULTS,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Plan the models and declare what serves them.

        Args:
            name: Name of the component; the claim of its volume is ``<name>-catalog``.
            cluster: Where they run; objects go to its provider unless ``opts`` names another. Another ``ServedModels``
                on it has other pools, and a namespace is passed to it.
            models: The models; their names are those of their services, unique in the program.
            facts: What is known of the cluster where the program installs more on it than ``cluster.facts`` says, such
                as ``cluster.facts.with_apis([MONITORING])``; ``cluster.facts`` where left out.
            namespace: Namespace that exists, on a cluster with Strata's priority and storage classes; left
                out, all three are made, the namespace as ``name``, with the labels and annotations of
                ``options.customize``.
            options: How they are served.
            opts: Options of the component.

        Raises:
            StrataError: Some model cannot be served; every problem at once.
        """
        raise_problems(_problems(name, models, namespace, options))
        known = facts or cluster.facts
        self.plans = plan_served_models(models, known)
        new = Neighbour(name=name, plans=self.plans, makes_classes=namespace is None)
        planned = _planned_place(name, known, namespace)
        taken = taken_problems(name, known.namespaces, "name") if namespace is None else ()
        raise_problems([*taken, *neighbour_problems(cluster, new), *refusals(planned, models, self.plans, options)])
        super().__init__("strata:serving:ServedModels", name, None, _on_cluster(cluster, opts))
        add_neighbour(cluster, new)
        place = self._create_place(name, cluster, known, namespace, options)
        served = serve_models(place, models, self.plans, options, pulumi.ResourceOptions(parent=self))
        self.namespace = pulumi.Output.from_input(place.namespace)
        self.endpoints, self.catalog_size = served.endpoints, served.catalog_size
        self.register_outputs({"endpoints": self.endpoints, "catalog_size": self.catalog_size})

    def _create_place(
        self,
        name: str,
        cluster: Cluster,
        facts: ClusterFacts,
        namespace: pulumi.Input[str] | None,
        options: ServingOptions,
    ) -> ServingPlace:
        planned = _planned_place(name, facts, namespace)
        if namespace is not None:
            return replace(planned, volume=catalog_volume(cluster))
        child = pulumi.ResourceOptions(parent=self)
        added = ObjectCustomize(labels=options.customize.labels, annotations=options.customize.annotations)
        classes = StorageClassesArgs(facts=cluster.facts.storage, sources=cluster.volume_sources, customize=added)
        guarded = GuardedNamespaceArgs(namespace=name, customize=added)
        return ServingPlace(
            facts=facts,
            namespace=GuardedNamespace(name, guarded, child).namespace,
            catalog=planned.catalog,
            volume=catalog_volume(cluster),
            after=[
                PriorityClasses(f"{name}-priorities", child, customize=added),
                StorageClasses(f"{name}-storage", classes, child),
            ],
        )


def _problems(
    name: str, models: Sequence[ServedModel], namespace: pulumi.Input[str] | None, options: ServingOptions
) -> Iterator[Problem]:
    yield from unknown_images(options.image_digests, "options.image_digests")
    yield from gated_problems(
        models,
        options.hub_url,
        has_token=options.token is not None,
        fix="accept the licence on the model's page and pass options=ServingOptions(token=…), or name your own hub",
    )
    if not models:
        yield Problem(
            field="models",
            cause="is an empty list",
            consequence="there would be a volume and a namespace, and nothing in them",
            fix="pass the models to serve, such as [ServedModel(…)]",
        )
    if isinstance(namespace, str) and is_reserved_namespace(namespace):
        yield Problem(
            field="namespace",
            cause=f"the namespace {namespace!r} belongs to Kubernetes",
            consequence="models would run beside what the cluster itself needs, without quota and network policies",
            fix="pass a namespace of your own, or leave it out and Strata makes one",
        )
    if namespace is None and is_reserved_namespace(name):
        yield Problem(
            field="name",
            cause=f"the namespace {name!r} belongs to Kubernetes",
            consequence="Strata would make it and guard it, and break what runs there",
            fix="choose another name, such as 'llms', or pass the namespace",
        )


def _planned_place(name: str, facts: ClusterFacts, namespace: pulumi.Input[str] | None) -> ServingPlace:
    """Where the models are served, before anything is there."""
    return ServingPlace(facts=facts, namespace=name if namespace is None else namespace, catalog=f"{name}-catalog")


def _on_cluster(cluster: Cluster, opts: pulumi.ResourceOptions | None) -> pulumi.ResourceOptions:
    return pulumi.ResourceOptions.merge(pulumi.ResourceOptions(provider=cluster.provider), opts)
