"""One model as a service inside the cluster.

Owns the Deployment of a plan whose replicas fit a node each, and what belongs to it: Service,
account, disruption budget, network policy, autoscaler and metrics. It does not choose sizes (the
planner does), fetch weights (the catalog does) or open the service to the outside (the gateway does).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Annotated

import pulumi
from pulumi_kubernetes import apiextensions, apps, core, meta, policy
from pydantic import Field

from ..contracts.arguments import checked, checked_arguments
from ..contracts.autoscaling import Autoscaling, FixedReplicas
from ..contracts.cluster_facts import PoolFacts
from ..contracts.customize import ServerCustomize
from ..contracts.errors import Problem, raise_problems
from ..contracts.fabric import DeviceClaim, PodFabric
from ..contracts.names import AbsolutePath, ExistingName, ExistingNamespace, ServiceName
from ..contracts.quantities import Duration
from ..contracts.serving import RolePlan, ServingPlan
from ..contracts.sources import ImageMirror, Sha256Digest
from ..contracts.speculation import Eagle3Speculation
from ..contracts.versions import POD_MONITOR_API, unknown_images
from ..planner.deployable import MODEL_SERVERS
from ..planner.fabric_pods import pod_fabric
from ..workloads.claims import claim_template, whole_gpus
from ..workloads.customize import environment, probe
from ..workloads.customize import resources as customized
from ..workloads.fabric import fabric_command, fabric_daemons, fabric_mounts, fabric_resources, fabric_security
from ..workloads.identity import Identity
from ..workloads.metadata import metadata
from ..workloads.network_policies import Peer, ingress, network_policy
from ..workloads.pods import PodParts, memory_volume, pod_template, scratch_volume
from ..workloads.service_accounts import service_account
from .autoscaling import address_problems, create_autoscaler
from .customize_fit import fit_problems
from .customize_rules import SERVER, server_problems
from .engines import EngineServer, engine_adapter
from .engines.adapter import ServerRequest
from .sizing import Lifecycle, ServerSize, lifecycle, most_disrupted, rollout_room, server_size, size_problems

_HTTP = "http"
GATEWAY = Peer(namespace_labels={"strata.dev/role": "gateway"})
"""Namespaces with this label may send requests."""
MONITORING = Peer(namespace_labels={"strata.dev/role": "monitoring"})
"""Namespaces with this label may scrape metrics."""
CLIENT = Peer(pod_labels={"strata.dev/model-client": "true"})
"""Pods of the model's own namespace with this label may send requests."""


@checked_arguments
@dataclass(frozen=True, kw_only=True)
class ModelServiceArgs:
    """What to serve and where.

    Attributes:
        plan: The planner's answer.
        pool: The pool that the plan names.
        namespace: Namespace of the service and of the catalog's claim.
        catalog_claim: Claim that holds the checkpoint.
        model_path: Directory of the checkpoint as the server sees it.
        draft_path: The same of a draft head's checkpoint; None where the plan has none.
        catalog_mount: Where the claim is mounted.
        priority_class: Priority of the servers.
        autoscaling: Who owns the number of replicas.
        drain: How long answers under way may take when a server stops.
        spare_gpus: GPUs that a rolling update can count on, whatever autoscalers have done.
        after: What has to exist before servers start, such as what advertises their GPUs.
        monitored: Whether Prometheus is asked to scrape it, by a PodMonitor, whose definition has to be there.
        image_mirror: Registry that replaces the images' own, such as ``registry.example.com/mirror``.
        image_digests: Digest, such as ``sha256:`` and 64 digits, by image name of ``contracts.versions.IMAGES``.
        customize: What the user adds to the objects.
    """

    plan: ServingPlan
    pool: PoolFacts
    namespace: pulumi.Input[ExistingNamespace]
    catalog_claim: pulumi.Input[ExistingName]
    model_path: AbsolutePath
    catalog_mount: AbsolutePath
    priority_class: ExistingName
    draft_path: AbsolutePath | None = None
    autoscaling: Autoscaling = field(default_factory=FixedReplicas)
    drain: Duration = field(default_factory=lambda: Duration(60))
    spare_gpus: Annotated[int, Field(ge=0)] = 0
    after: Sequence[pulumi.Resource] = ()
    monitored: bool = True
    image_mirror: ImageMirror | None = None
    image_digests: Mapping[str, Sha256Digest] = field(default_factory=dict[str, Sha256Digest])
    customize: ServerCustomize = field(default_factory=ServerCustomize)


class ModelService(pulumi.ComponentResource):
    """A model behind one Service.

    Attributes:
        endpoint: Base URL of the OpenAI-compatible API inside the cluster, known once servers are ready.
    """

    endpoint: pulumi.Output[str]

    @checked
    def __init__(self, name: ServiceName, args: ModelServiceArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        raise_problems(refusals(args))
        role = args.plan.roles[0]
        super().__init__("strata:serving:ModelService", name, None, opts)
        identity = Identity(
            name=args.plan.engine.value, instance=name, component="model-server", customize=args.customize
        )
        server = engine_adapter(args.plan.engine).server(
            ServerRequest(
                plan=args.plan,
                role=role,
                model_path=args.model_path,
                served_name=name,
                drain=args.drain,
                draft_path=args.draft_path or "",
                fabric=pod_fabric(args.pool, role),
                further_arguments=tuple(args.customize.engine_arguments),
            )
        )
        account = self._create_access(name, args, identity, server)
        deployment = self._create_deployment(name, args, role, identity, server, account)
        service = self._create_service(name, args, identity, server, deployment)
        self._create_budget(name, args, role, identity)
        if args.monitored:
            self._create_monitor(name, args, identity, server)
        if not isinstance(args.autoscaling, FixedReplicas):
            create_autoscaler(
                f"{name}-autoscaler",
                args.autoscaling,
                namespace=args.namespace,
                identity=identity,
                min_replicas=role.replicas,
                metrics=server.metrics,
                opts=pulumi.ResourceOptions(parent=self),
            )
        self.endpoint = pulumi.Output.format(
            "http://{0}.{1}.svc:{2}/v1", service.metadata.name, service.metadata.namespace, server.port
        )
        self.register_outputs({"endpoint": self.endpoint})

    def _meta(self, args: ModelServiceArgs, identity: Identity) -> meta.v1.ObjectMetaArgs:
        return metadata(identity, args.namespace)

    def _create_access(
        self, name: str, args: ModelServiceArgs, identity: Identity, server: EngineServer
    ) -> core.v1.ServiceAccount:
        child = pulumi.ResourceOptions(parent=self)
        network_policy(
            f"{name}-policy",
            namespace=args.namespace,
            identity=identity,
            ingress_rules=[ingress(server.port, [GATEWAY, MONITORING, CLIENT])],
            # Weights come from the volume: a server has nobody to call.
            egress_rules=[],
            opts=child,
        )
        return service_account(f"{name}-account", namespace=args.namespace, identity=identity, opts=child)

    def _create_deployment(
        self,
        name: str,
        args: ModelServiceArgs,
        role: RolePlan,
        identity: Identity,
        server: EngineServer,
        account: core.v1.ServiceAccount,
    ) -> apps.v1.Deployment:
        plan = args.plan
        size = server_size(role, args.pool, plan.storage.checkpoint, args.customize.sidecars, plan.engine)
        times = lifecycle(args.plan, args.drain)
        room = rollout_room(role, args.spare_gpus)
        fabric = pod_fabric(args.pool, role)
        claims = [*(whole_gpus(role.gpus_per_node) for _ in size.resources.claims), *fabric.claims]
        parts = PodParts(
            identity=identity,
            service_account=account.metadata.name.apply(str),
            containers=[
                _container(args, server, size, times, fabric),
                *fabric_daemons(fabric, args.image_mirror, args.image_digests),
            ],
            priority_class=args.priority_class,
            pool=args.pool,
            grace_period=times.grace_period,
            volumes=_volumes(args.catalog_claim, size),
            fabric=fabric,
            claims={claim.name: self._create_claim_template(args, claim, identity) for claim in claims},
            customize=args.customize,
        )
        return apps.v1.Deployment(
            f"{name}-servers",
            metadata=self._meta(args, identity),
            spec=apps.v1.DeploymentSpecArgs(
                # Left out where an autoscaler owns it; each update would otherwise undo its work.
                replicas=role.replicas if isinstance(args.autoscaling, FixedReplicas) else None,
                selector=meta.v1.LabelSelectorArgs(match_labels=identity.selector),
                strategy=apps.v1.DeploymentStrategyArgs(
                    type="RollingUpdate",
                    rolling_update=apps.v1.RollingUpdateDeploymentArgs(
                        max_surge=room.max_surge, max_unavailable=room.max_unavailable
                    ),
                ),
                progress_deadline_seconds=times.progress_deadline,
                revision_history_limit=3,
                template=pod_template(parts),
            ),
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=list(args.after),
                custom_timeouts=_timeouts(role.replicas * times.progress_deadline),
            ),
        )

    def _create_claim_template(
        self, args: ModelServiceArgs, claim: DeviceClaim, identity: Identity
    ) -> pulumi.Output[str]:
        return claim_template(
            f"{identity.instance}-{claim.name}",
            claim,
            identity=identity,
            namespace=args.namespace,
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _create_service(
        self,
        name: str,
        args: ModelServiceArgs,
        identity: Identity,
        server: EngineServer,
        deployment: apps.v1.Deployment,
    ) -> core.v1.Service:
        # Its servers were waited for already; the provider would watch idle endpoints for ten seconds more.
        about = metadata(identity, args.namespace, annotations={"pulumi.com/skipAwait": "true"})
        return core.v1.Service(
            f"{name}-service",
            metadata=about,
            spec=core.v1.ServiceSpecArgs(
                type="ClusterIP",
                selector=identity.selector,
                ports=[core.v1.ServicePortArgs(name=_HTTP, port=server.port, target_port=_HTTP)],
            ),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[deployment]),
        )

    def _create_budget(self, name: str, args: ModelServiceArgs, role: RolePlan, identity: Identity) -> None:
        scaling = args.autoscaling
        replicas = role.replicas if isinstance(scaling, FixedReplicas) else scaling.max_replicas
        policy.v1.PodDisruptionBudget(
            f"{name}-disruption",
            metadata=self._meta(args, identity),
            spec=policy.v1.PodDisruptionBudgetSpecArgs(
                max_unavailable=most_disrupted(role, args.pool, replicas=replicas, spare_gpus=args.spare_gpus),
                selector=meta.v1.LabelSelectorArgs(match_labels=identity.selector),
                # A server that never gets ready must not keep a node from being drained.
                unhealthy_pod_eviction_policy="AlwaysAllow",
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _create_monitor(self, name: str, args: ModelServiceArgs, identity: Identity, server: EngineServer) -> None:
        apiextensions.CustomResource(
            f"{name}-metrics",
            api_version=POD_MONITOR_API,
            kind="PodMonitor",
            metadata=self._meta(args, identity),
            spec={
                "selector": {"matchLabels": identity.selector},
                "podMetricsEndpoints": [{"port": _HTTP, "path": server.metrics_path, "interval": "15s"}],
            },
            opts=pulumi.ResourceOptions(parent=self),
        )


def _undeployable(plan: ServingPlan) -> Iterator[Problem]:
    if plan.topology not in MODEL_SERVERS.topologies:
        yield Problem(
            field="topology",
            cause=f"the plan's topology is {plan.topology.value}",
            consequence="a Deployment cannot form groups of pods over several nodes",
            fix="choose a GPU on which one replica fits a node, or a smaller precision",
        )
    if plan.engine not in MODEL_SERVERS.engines:
        yield Problem(
            field="engine",
            cause=f"{plan.engine.value} has no adapter",
            consequence="no server could be started",
            fix=f"plan with engine: {' or '.join(sorted(MODEL_SERVERS.engines))}",
        )


def refusals(args: ModelServiceArgs) -> Iterator[Problem]:
    """What the constructor of ``ModelService`` refuses."""
    undeployable = list(_undeployable(args.plan))
    yield from undeployable or _unfit(args, args.plan.roles[0])


def _unfit(args: ModelServiceArgs, role: RolePlan) -> Iterator[Problem]:
    for name, path in (("model_path", args.model_path), ("draft_path", args.draft_path)):
        if path is not None and not PurePosixPath(path).is_relative_to(args.catalog_mount):
            yield Problem(
                field=name,
                cause=f"{path} is not below {args.catalog_mount}, where the volume is mounted",
                consequence="the server would find no checkpoint and never become ready",
                fix=f"pass a path such as {args.catalog_mount}/model",
            )
    drafts = args.plan.speculation
    if args.draft_path is None and drafts is not None and isinstance(drafts.asked, Eagle3Speculation):
        yield Problem(
            field="draft_path",
            cause=f"is left out, and the plan drafts tokens with {drafts.asked.model}",
            consequence="the server would look for the head on the hub, which it cannot reach, and never become ready",
            fix=f"pass where the catalog holds it, below {args.catalog_mount}",
        )
    yield from unknown_images(args.image_digests, "image_digests")
    yield from address_problems(args.autoscaling, "autoscaling")
    yield from server_problems(args.customize, args.plan.engine, "customize", pod_fabric(args.pool, role))
    unfit = list(fit_problems(args.customize, args.plan, role, args.pool, "customize"))
    yield from unfit or size_problems(role, args.pool, args.plan.engine)


def _timeouts(seconds: int) -> pulumi.CustomTimeouts:
    return pulumi.CustomTimeouts(create=f"{seconds}s", update=f"{seconds}s", delete="10m")


def _container(
    args: ModelServiceArgs, server: EngineServer, size: ServerSize, times: Lifecycle, fabric: PodFabric
) -> core.v1.ContainerArgs:
    added = args.customize
    alive = core.v1.HTTPGetActionArgs(path=server.health_path, port=_HTTP)
    ready = core.v1.HTTPGetActionArgs(path=server.ready_path, port=_HTTP)
    return core.v1.ContainerArgs(
        name=SERVER,
        image=added.image or server.image.reference(args.image_mirror, args.image_digests.get(args.plan.engine.value)),
        image_pull_policy="IfNotPresent",
        command=fabric_command(server.command, fabric),
        env=environment(dict(sorted(server.environment.items())), added),
        ports=[core.v1.ContainerPortArgs(name=_HTTP, container_port=server.port)],
        resources=customized(fabric_resources(size.resources, fabric), added.resources).args(),
        security_context=fabric_security(fabric),
        startup_probe=probe(
            core.v1.ProbeArgs(
                http_get=ready, period_seconds=times.probe_period, failure_threshold=times.startup_failures
            ),
            added.probes.startup,
        ),
        readiness_probe=probe(
            core.v1.ProbeArgs(http_get=ready, period_seconds=5, timeout_seconds=3, failure_threshold=2),
            added.probes.readiness,
        ),
        # Slower than readiness: a server busy with a long prefill is taken out of rotation, not killed.
        liveness_probe=probe(
            core.v1.ProbeArgs(
                http_get=alive, period_seconds=times.probe_period, timeout_seconds=10, failure_threshold=6
            ),
            added.probes.liveness,
        ),
        lifecycle=core.v1.LifecycleArgs(
            pre_stop=core.v1.LifecycleHandlerArgs(sleep=core.v1.SleepActionArgs(seconds=times.pre_stop))
        ),
        volume_mounts=[
            core.v1.VolumeMountArgs(name="catalog", mount_path=args.catalog_mount, read_only=True),
            *(
                [core.v1.VolumeMountArgs(name="shm", mount_path="/dev/shm")]  # noqa: S108 - a volume of the pod's own
                if size.mounts_shared_memory
                else []
            ),
            core.v1.VolumeMountArgs(name="tmp", mount_path="/tmp"),  # noqa: S108 - likewise
            *fabric_mounts(fabric.mounts),
        ],
    )


def _volumes(claim: pulumi.Input[str], size: ServerSize) -> list[core.v1.VolumeArgs]:
    source = core.v1.PersistentVolumeClaimVolumeSourceArgs(claim_name=claim)
    return [
        core.v1.VolumeArgs(name="catalog", persistent_volume_claim=source),
        *([memory_volume("shm", str(size.shared_memory))] if size.mounts_shared_memory else []),
        scratch_volume("tmp", str(size.scratch)),
    ]
