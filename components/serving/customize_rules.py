"""What ``customize`` of a model server can never touch: what the engine, the plan and the pool decide.

Free of Pulumi, so that a stack's checks can ask before anything runs; ``ModelService`` asks again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ..contracts.cluster_facts import ClusterFacts, PoolFacts
from ..contracts.customize import ServerCustomize
from ..contracts.errors import Problem
from ..contracts.served_models import ServedModel
from ..contracts.serving import Engine, RolePlan, ServingPlan
from ..planner.host import available_gib, needed_gib
from ..workloads.customize_rules import pod_problems, text_problems
from .engines import engine_adapter, has_adapter

SERVER = "server"
"""Name of the container that serves."""


def served_model_problems(models: Sequence[ServedModel]) -> Iterator[Problem]:
    """What the models' ``customize`` would take from Strata, before they are planned."""
    for index, model in enumerate(models):
        engine = model.engine or Engine.VLLM
        # An engine without an adapter is refused when the model is deployed.
        if has_adapter(engine):
            yield from server_problems(model.customize, engine, f"models[{index}].customize")


def planned_model_problems(
    models: Sequence[ServedModel], plans: Mapping[str, ServingPlan], facts: ClusterFacts
) -> Iterator[Problem]:
    """Amounts of the models' ``customize`` that their plans leave no room for."""
    for index, model in enumerate(models):
        plan = plans[model.name]
        for role in plan.roles:
            yield from amount_problems(model.customize, role, facts.pool(plan.pool), f"models[{index}].customize")


def server_problems(customize: ServerCustomize, engine: Engine, path: str) -> Iterator[Problem]:
    """What ``customize`` would take from Strata.

    Args:
        customize: What the user adds.
        engine: The engine that serves.
        path: Where it stands, such as ``models[0].customize``.
    """
    adapter = engine_adapter(engine)
    yield from pod_problems(customize, path, owned_variables=adapter.owned_variables, taken_names=[SERVER])
    for index, argument in enumerate(customize.engine_arguments):
        yield from _argument_problems(argument, adapter.owned_arguments, f"{path}.engine_arguments[{index}]")


def amount_problems(customize: ServerCustomize, role: RolePlan, pool: PoolFacts, path: str) -> Iterator[Problem]:
    """Amounts with which the server would be killed, or fit no node of its pool beside its sidecars.

    Args:
        customize: What the user adds.
        role: The replicas that it is added to.
        pool: Where they run.
        path: Where it stands, such as ``customize``.
    """
    gpus = role.gpus_per_node
    memory = customize.resources.memory
    needed = needed_gib(gpus, role.data_parallel)
    available = available_gib(pool.memory_per_node, gpus, pool.gpus_per_node)
    beside = sum(sidecar.memory.in_gib for sidecar in customize.sidecars)
    if memory is not None and memory.in_gib < needed:
        yield Problem(
            field=f"{path}.resources.memory",
            cause=f"is {memory}; a server on {gpus} GPUs needs {needed:.0f}Gi",
            consequence="it would be killed while it loads the weights",
            fix=f"give it {needed:.0f}Gi or more, or leave it out",
        )
    if (needed if memory is None else memory.in_gib) + beside > available:
        yield Problem(
            field=f"{path}.resources.memory",
            cause=f"server and sidecars ask for more than the {available:.0f}Gi that {gpus} GPUs have on a node",
            consequence="fewer servers would fit a node than the plan counts on, and the others would stay pending",
            fix="lower it, or choose a pool with more memory for each GPU",
        )
    cores = customize.resources.cpu or 0
    share = pool.cpu_per_node * gpus / pool.gpus_per_node
    if cores + sum(sidecar.cpu for sidecar in customize.sidecars) > share:
        yield Problem(
            field=f"{path}.resources.cpu",
            cause=f"server and sidecars ask for more than the {share / 1000:.0f} cores that {gpus} GPUs have on a node",
            consequence="fewer servers would fit a node than the plan counts on, and the others would stay pending",
            fix="lower it, or choose a pool with more cores for each GPU",
        )


def _argument_problems(argument: str, owned: Mapping[str, str], field: str) -> Iterator[Problem]:
    option = argument.partition("=")[0].partition(".")[0].rstrip("+").replace("_", "-")
    if not option.startswith("--") or " " in option:
        yield Problem(
            field=field,
            cause=f"{argument[:60]!r} is not one long option",
            consequence="the engine could take it for the model, or for the value of another option",
            fix="write each option as one text, such as --seed=1",
        )
        return
    name = f"--{option.removeprefix('--').removeprefix('no-')}"
    # Engines accept an option by any beginning that no other option shares.
    for flag in sorted(flag for flag in owned if flag.startswith(name)):
        yield Problem(
            field=field,
            cause=f"{flag} is Strata's: {owned[flag]}",
            consequence="the server would contradict its plan, its probes or its Service",
            fix="leave it out; where there is a setting of the model for it, use that",
        )
        return
    yield from text_problems(field, argument)
