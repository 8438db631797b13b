"""Whether what ``customize`` of a model server asks for fits its plan and a node of its pool.

Free of Pulumi, so that a stack's checks can ask before anything runs; ``ModelService`` asks again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ..contracts.cluster_facts import ClusterFacts, PoolFacts
from ..contracts.customize import ServerCustomize
from ..contracts.errors import Problem
from ..contracts.quantities import Duration
from ..contracts.served_models import ServedModel
from ..contracts.serving import Engine, RolePlan, ServingPlan
from ..planner.host import LEAST_CPU, SERVER_DISK, available_gib, least_gib, needed_gib
from .sizing import PROBE_PERIOD_SECONDS

_ZONE, _REGION = "topology.kubernetes.io/zone", "topology.kubernetes.io/region"
_PENDING = "fewer servers would fit a node than the plan counts on, and the others would stay pending"


def planned_model_problems(
    models: Sequence[ServedModel], plans: Mapping[str, ServingPlan], facts: ClusterFacts
) -> Iterator[Problem]:
    """What the models' ``customize`` asks for and their plans leave no room for."""
    for index, model in enumerate(models):
        plan = plans[model.name]
        for role in plan.roles:
            path = f"models[{index}].customize"
            yield from fit_problems(model.customize, plan, role, facts.pool(plan.pool), path)


def fit_problems(
    customize: ServerCustomize, plan: ServingPlan, role: RolePlan, pool: PoolFacts, path: str
) -> Iterator[Problem]:
    """Amounts and times with which the server would be killed, or find no node in its pool.

    Args:
        customize: What the user adds.
        plan: The plan of the model.
        role: The replicas that it is added to.
        pool: Where they run.
        path: Path of that setting, such as ``customize``.
    """
    yield from _memory_problems(customize, plan.engine, role, pool, f"{path}.resources.memory")
    yield from _cpu_problems(customize, role, pool, f"{path}.resources.cpu")
    yield from _disk_problems(customize, role, pool, f"{path}.resources.ephemeral_storage")
    yield from _startup_problems(customize, plan, f"{path}.probes.startup")
    yield from _place_problems(customize, pool, path)


def _place_problems(customize: ServerCustomize, pool: PoolFacts, path: str) -> Iterator[Problem]:
    zone, region = customize.node_selector.get(_ZONE), customize.node_selector.get(_REGION)
    if zone is not None and pool.zones and zone not in pool.zones:
        yield Problem(
            field=f"{path}.node_selector.{_ZONE}",
            cause=f"the pool {pool.name!r} has no node in {zone}",
            consequence="no server could be scheduled",
            fix=f"choose one of {', '.join(pool.zones)}",
        )
    # Zones begin with their region on every cloud; hosts of one's own are in no region.
    if region is not None and pool.zones and not any(name.startswith(region) for name in pool.zones):
        yield Problem(
            field=f"{path}.node_selector.{_REGION}",
            cause=f"the pool {pool.name!r} has nodes in {', '.join(pool.zones)} only",
            consequence="no server could be scheduled",
            fix="leave it out",
        )


def _memory_problems(
    customize: ServerCustomize, engine: Engine, role: RolePlan, pool: PoolFacts, field: str
) -> Iterator[Problem]:
    gpus = role.gpus_per_node
    memory = customize.resources.memory
    needed = needed_gib(gpus, role.data_parallel, engine)
    available = available_gib(pool.memory_per_node, gpus, pool.gpus_per_node)
    beside = sum(sidecar.memory.in_gib for sidecar in customize.sidecars)
    if memory is not None and memory.in_gib < needed:
        yield Problem(
            field=field,
            cause=f"is {memory}; a server on {gpus} GPUs needs {needed:.0f}Gi",
            consequence="it would be killed while it loads the weights",
            fix=f"give it {needed:.0f}Gi or more, or leave it out",
        )
    least = least_gib(gpus, role.data_parallel, engine)
    if (least if memory is None else memory.in_gib) + beside > available:
        yield Problem(
            field=field,
            cause=f"server and sidecars ask for more than the {available:.0f}Gi that {gpus} GPUs have on a node",
            consequence=_PENDING,
            fix="lower it, or choose a pool with more memory for each GPU",
        )


def _cpu_problems(customize: ServerCustomize, role: RolePlan, pool: PoolFacts, field: str) -> Iterator[Problem]:
    gpus = role.gpus_per_node
    share = pool.cpu_per_node * gpus / pool.gpus_per_node
    asked = customize.resources.cpu
    if asked is not None and asked < LEAST_CPU:
        yield Problem(
            field=field,
            cause=f"is {asked}, as a limit too; a server is an API process, an engine and a worker for each GPU",
            consequence="it would be slowed down until it starts too late for its probes, and be restarted for ever",
            fix=f"give it {LEAST_CPU} or more, or leave it out",
        )
    if (asked or 0) + sum(sidecar.cpu for sidecar in customize.sidecars) > share:
        yield Problem(
            field=field,
            cause=f"server and sidecars ask for more than the {share / 1000:.0f} cores that {gpus} GPUs have on a node",
            consequence=_PENDING,
            fix="lower it, or choose a pool with more cores for each GPU",
        )


def _disk_problems(customize: ServerCustomize, role: RolePlan, pool: PoolFacts, field: str) -> Iterator[Problem]:
    asked = customize.resources.ephemeral_storage
    if asked is not None and asked < SERVER_DISK:
        yield Problem(
            field=field,
            cause=f"is {asked}; compiled kernels and logs of a server take up to {SERVER_DISK}",
            consequence="the server would be evicted once it writes more",
            fix=f"give it {SERVER_DISK} or more, or leave it out",
        )
    beside = sum(sidecar.ephemeral_storage for sidecar in customize.sidecars)
    share = pool.ephemeral_storage_per_node.in_gib * role.gpus_per_node / pool.gpus_per_node
    if asked is not None or customize.sidecars:
        wanted = ((SERVER_DISK if asked is None else asked) + beside) / 2**30
        if wanted > share:
            yield Problem(
                field=field,
                cause=f"server and sidecars ask for {wanted:.0f}Gi of the {share:.0f}Gi of disk that "
                f"{role.gpus_per_node} GPUs have on a node",
                consequence=_PENDING,
                fix="lower it, or give the pool larger disks",
            )


def _startup_problems(customize: ServerCustomize, plan: ServingPlan, field: str) -> Iterator[Problem]:
    times = customize.probes.startup
    budget = plan.storage.startup_budget
    period = PROBE_PERIOD_SECONDS if times.period is None else times.period.whole_seconds
    planned = -(-budget.whole_seconds // PROBE_PERIOD_SECONDS)
    allowed = period * (planned if times.failures is None else times.failures)
    if allowed < budget:
        yield Problem(
            field=field,
            cause=f"the server may take {Duration(allowed)} to start; loading its weights may take {budget}",
            consequence="it would be killed while it loads, again and again",
            fix=f"leave it out, or give period times failures {budget} or more",
        )
