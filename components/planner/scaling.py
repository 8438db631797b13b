"""Numbers of replicas that autoscalers may choose: what the pool holds, and what that leaves for rolling updates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ..contracts.api_groups import CUSTOM_METRICS, KEDA, MONITORING
from ..contracts.autoscaling import FixedReplicas, HpaScaling, KedaScaling
from ..contracts.cluster_facts import ClusterFacts
from ..contracts.errors import Problem
from ..contracts.served_models import ServedModel
from ..contracts.serving import ServingPlan
from .placement import can_be_stranded


def missing_autoscalers(models: Sequence[ServedModel], facts: ClusterFacts) -> Iterator[Problem]:
    """The problems of models that are scaled by something that is not known to be on the cluster."""
    for index, model in enumerate(models):
        path = f"models[{index}].autoscaling"
        match model.autoscaling:
            case HpaScaling() if CUSTOM_METRICS not in facts.apis:
                yield _without_adapter(f"{path}.kind", facts)
            case KedaScaling(prometheus=prometheus):
                if KEDA not in facts.apis:
                    yield _without_keda(f"{path}.kind", facts)
                if prometheus is None and facts.prometheus is None:
                    yield _without_prometheus(f"{path}.prometheus", facts)
            case _:
                pass


def _without_adapter(field: str, facts: ClusterFacts) -> Problem:
    return Problem(
        field=field,
        cause=f"an HPA asks {CUSTOM_METRICS}, and nothing is known to serve that on {facts.name}",
        consequence="the HPA would never get its metric, and the number of replicas would stay whatever the load",
        fix=f"write kind: keda{_what_keda_needs(facts)}; where an adapter such as prometheus-adapter runs, write "
        f"apis: [{CUSTOM_METRICS}] at the target",
    )


def _what_keda_needs(facts: ClusterFacts) -> str:
    """What else has to be written for KEDA to scale a model."""
    installed = [] if KEDA in facts.apis else ["keda: {install: true}"]
    address = ""
    if facts.prometheus is None and MONITORING in facts.apis:
        address = " and prometheus: with the address of the one that is there"
    elif facts.prometheus is None:
        installed.append("prometheus: {install: true}")
    services = f", with services: {{{', '.join(installed)}}} in the stack of the platform" if installed else ""
    return address + services


def _without_keda(field: str, facts: ClusterFacts) -> Problem:
    other = "use kind: hpa, or " if CUSTOM_METRICS in facts.apis else ""
    return Problem(
        field=field,
        cause=f"KEDA is not known to be on {facts.name}, and this stack does not install it",
        consequence="the API server knows no ScaledObject, and the run would fail after the servers were made",
        fix=f"{other}write services: {{keda: {{install: true}}}} in the stack of the platform; where somebody else "
        f"installs it, write apis: [{KEDA}] at the target",
    )


def _without_prometheus(field: str, facts: ClusterFacts) -> Problem:
    return Problem(
        field=field,
        cause=f"is left out, and no Prometheus of Strata is on {facts.name}",
        consequence="KEDA would have nobody to ask how many requests wait",
        fix="write its address, such as http://prometheus.monitoring:9090, or services: {prometheus: {install: true}} "
        "in the stack of the platform",
    )


def scaling_problems(
    models: Sequence[ServedModel], plans: Mapping[str, ServingPlan], facts: ClusterFacts
) -> Iterator[Problem]:
    """Limits of autoscalers below the plan's replicas, or above what the pool can hold beside the other models."""
    for index, model in enumerate(models):
        plan = plans.get(model.name)
        if plan is None or isinstance(model.autoscaling, FixedReplicas):
            continue
        most, role = model.autoscaling.max_replicas, plan.roles[0]
        field = f"models[{index}].autoscaling.max_replicas"
        if most < role.replicas:
            yield Problem(
                field=field,
                cause=f"is {most}, and the plan starts {role.replicas} replicas",
                consequence="the API server refuses an autoscaler whose maximum is below its minimum",
                fix=f"write {role.replicas} or more, or fix replicas at {most} or fewer",
            )
        pool = facts.pool(plan.pool)
        taken = sum(other.gpus for name, other in plans.items() if other.pool == plan.pool and name != model.name)
        room = _replicas(pool.most_nodes_known * pool.gpus_per_node - taken, pool.gpus_per_node, role.gpus_per_node)
        if most > max(room, role.replicas):
            yield Problem(
                field=field,
                cause=f"is {most}, and pool {plan.pool} has room for {room} replicas of {role.gpus_per_node} GPUs",
                consequence="servers beyond that would stay pending, and no load would ever be answered by them",
                fix=f"write {room} or less, or give the pool more nodes",
            )


def rollout_spare(
    models: Sequence[ServedModel], plans: Mapping[str, ServingPlan], facts: ClusterFacts
) -> dict[str, int]:
    """GPUs that a rolling update of each model can count on, by its name: 0 where a new pod could wait for ever.

    Each model is taken to have as many replicas as its autoscaler allows, and all servers to be placed as badly as
    they can be: with what is free otherwise a new pod would wait for a GPU that an old one of its own update holds.
    """
    most = {model.name: _most(model, plans[model.name]) for model in models}
    spare: dict[str, int] = {}
    for model in models:
        plan = plans[model.name]
        pool, gpus = facts.pool(plan.pool), plan.roles[0].gpus_per_node
        servers: dict[int, int] = {}
        for name, other in plans.items():
            if other.pool == plan.pool:
                size = other.roles[0].gpus_per_node
                servers[size] = servers.get(size, 0) + most[name]
        free = max(0, pool.gpus - sum(size * count for size, count in servers.items()))
        spare[model.name] = 0 if can_be_stranded(gpus, servers, pool.gpus_per_node, pool.nodes) else free
    return spare


def _most(model: ServedModel, plan: ServingPlan) -> int:
    planned = plan.roles[0].replicas
    return planned if isinstance(model.autoscaling, FixedReplicas) else max(planned, model.autoscaling.max_replicas)


def _replicas(free: int, per_node: int, gpus: int) -> int:
    """Replicas of ``gpus`` GPUs in the free ones, other models on whole nodes first."""
    empty, rest = divmod(max(0, free), per_node)
    return empty * (per_node // gpus) + rest // gpus
