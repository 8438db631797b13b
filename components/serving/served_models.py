"""Several models on one cluster: their checkpoints on one volume, and one service for each.

Owns planning them in order, the model catalog, and who gets which path, priority and spare GPU. The
namespace with priority and storage classes is made too, unless the caller names one that exists.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi

from ..clusters.cluster import Cluster
from ..contracts.api_groups import MONITORING
from ..contracts.quantities import ByteSize
from ..contracts.served_models import ServedModel
from ..contracts.serving import ServingPlan
from ..contracts.versions import PYTHON
from ..operations import GuardedNamespace, GuardedNamespaceArgs, PriorityClasses
from ..operations.priorities import Priority
from ..planner.model_plans import plan_models, spare_gpus
from ..storage import ModelCatalog, ModelCatalogArgs, StorageClasses, StorageClassesArgs
from ..storage.catalog import MOUNT_PATH
from .checkpoints import catalog_models, grown_size, needed_size
from .model_service import ModelService, ModelServiceArgs

HUGGING_FACE = "https://huggingface.co"


@dataclass(frozen=True, kw_only=True)
class ServingOptions:
    """How the models of one ``ServedModels`` are served; each has a default that works.

    Attributes:
        namespace: Namespace that exists, on a cluster with Strata's priority and storage classes; None
            makes all three, the namespace under the name of the component.
        catalog: Name of the volume's claim; None names it after the component.
        catalog_size: Size of the volume; None takes what the checkpoints need.
        previous_catalog_size: ``catalog_size`` of the component before this run, below which the volume
            must not go; None, or an output without a value, where there was none.
        hub_url: Address of a Hugging Face hub or a mirror that speaks its protocol.
        token: Token for gated models; None where no model needs one.
        image_mirror: Registry that replaces the images' own.
        image_digests: Digest by image name of ``contracts.versions.IMAGES``.
        protect: Whether a destroy must leave the volume alone.
        after: What has to exist before the volume, where the namespace is the caller's.
        plans: What ``plan_models`` answered for the same models, by a caller that has asked already.
    """

    namespace: pulumi.Input[str] | None = None
    catalog: str | None = None
    catalog_size: ByteSize | None = None
    previous_catalog_size: pulumi.Input[str | None] = None
    hub_url: str = HUGGING_FACE
    token: pulumi.Input[str] | None = None
    image_mirror: str | None = None
    image_digests: Mapping[str, str] = field(default_factory=dict[str, str])
    protect: bool = False
    after: Sequence[pulumi.Resource] = ()
    plans: Mapping[str, ServingPlan] | None = None


@dataclass(frozen=True, kw_only=True)
class _Place:
    """Namespace of the servers, and what has to exist before anything in it."""

    namespace: pulumi.Input[str]
    after: Sequence[pulumi.Resource]


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

    def __init__(
        self,
        name: str,
        *,
        cluster: Cluster,
        models: Sequence[ServedModel],
        options: ServingOptions = _DEFAULTS,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Plan the models and declare what serves them.

        Args:
            name: Name of the component, and of the namespace where it makes one.
            cluster: Where they run; objects go to its provider unless ``opts`` names another.
            models: The models; their names are those of their services, unique in the program.
            options: How they are served.
            opts: Options of the component.

        Raises:
            StrataError: Some model cannot be served; every problem at once.
        """
        self.plans = options.plans or plan_models(models, cluster.facts)
        super().__init__("strata:serving:ServedModels", name, None, _on_cluster(cluster, opts))
        place = self._create_place(name, cluster, options)
        catalog = self._create_catalog(options.catalog or f"{name}-catalog", cluster, models, options, place)
        services = self._create_services(cluster, models, options, place, catalog)
        self.namespace = pulumi.Output.from_input(place.namespace)
        self.catalog_size = catalog.size
        self.endpoints = {model: service.endpoint for model, service in services.items()}
        self.register_outputs({"endpoints": self.endpoints, "catalog_size": self.catalog_size})

    def _create_place(self, name: str, cluster: Cluster, options: ServingOptions) -> _Place:
        if options.namespace is not None:
            return _Place(namespace=options.namespace, after=options.after)
        child = pulumi.ResourceOptions(parent=self)
        priorities = PriorityClasses(f"{name}-priorities", child)
        classes = StorageClasses(
            f"{name}-storage", StorageClassesArgs(facts=cluster.facts.storage, sources=cluster.volume_sources), child
        )
        namespace = GuardedNamespace(name, GuardedNamespaceArgs(namespace=name), child)
        return _Place(namespace=namespace.namespace, after=[*options.after, priorities, classes])

    def _create_catalog(
        self, name: str, cluster: Cluster, models: Sequence[ServedModel], options: ServingOptions, place: _Place
    ) -> ModelCatalog:
        return ModelCatalog(
            name,
            ModelCatalogArgs(
                namespace=place.namespace,
                storage_class=cluster.facts.storage.read_write_many.name,
                size=_catalog_size(needed_size(models, self.plans), options),
                models=catalog_models(models, self.plans),
                image=PYTHON.reference(options.image_mirror, options.image_digests.get("python")),
                hub_url=options.hub_url,
                priority_class=Priority.STANDARD.class_name,
                token=options.token,
                protect=options.protect,
            ),
            pulumi.ResourceOptions(parent=self, depends_on=list(place.after), aliases=_once_without_parent()),
        )

    def _create_services(
        self,
        cluster: Cluster,
        models: Sequence[ServedModel],
        options: ServingOptions,
        place: _Place,
        catalog: ModelCatalog,
    ) -> dict[str, ModelService]:
        paths = {(entry.model, entry.revision): entry.mounted_path for entry in catalog_models(models, self.plans)}
        spare = spare_gpus(self.plans, cluster.facts)
        return {
            model.name: ModelService(
                model.name,
                ModelServiceArgs(
                    plan=self.plans[model.name],
                    pool=cluster.facts.pool(self.plans[model.name].pool),
                    namespace=place.namespace,
                    catalog_claim=catalog.claim,
                    catalog_mount=MOUNT_PATH,
                    model_path=paths[model.model, model.revision],
                    priority_class=Priority.SERVING.class_name,
                    autoscaling=model.autoscaling,
                    drain=model.drain,
                    monitored=MONITORING in cluster.facts.apis,
                    spare_gpus=spare[self.plans[model.name].pool],
                    image_mirror=options.image_mirror,
                    image_digests=options.image_digests,
                ),
                pulumi.ResourceOptions(parent=self, aliases=_once_without_parent()),
            )
            for model in models
        }


def _on_cluster(cluster: Cluster, opts: pulumi.ResourceOptions | None) -> pulumi.ResourceOptions:
    return pulumi.ResourceOptions.merge(pulumi.ResourceOptions(provider=cluster.provider), opts)


def _once_without_parent() -> Sequence[pulumi.Alias]:
    """Catalog and services had no parent up to 0.1; the alias stays for one release."""
    return [pulumi.Alias(parent=pulumi.ROOT_STACK_RESOURCE)]


def _catalog_size(needed: ByteSize, options: ServingOptions) -> pulumi.Input[str]:
    if options.catalog_size:
        return str(options.catalog_size)
    if options.previous_catalog_size is None:
        return str(needed)
    return pulumi.Output.from_input(options.previous_catalog_size).apply(lambda size: grown_size(needed, size))
