"""What ``customize`` of a model server can never touch: what the engine, the plan and the pool decide.

Free of Pulumi, so that a stack's checks can ask before anything runs; ``ModelService`` asks again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from difflib import get_close_matches

from ..contracts.customize import ServerCustomize
from ..contracts.errors import Problem
from ..contracts.served_models import ServedModel
from ..contracts.serving import Engine
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


def server_problems(customize: ServerCustomize, engine: Engine, path: str) -> Iterator[Problem]:
    """What ``customize`` would take from Strata.

    Args:
        customize: What the user adds.
        engine: The engine that serves.
        path: Path of that setting, such as ``models[0].customize``.
    """
    adapter = engine_adapter(engine)
    yield from pod_problems(customize, path, owned_variables=adapter.owned_variables, taken_names=[SERVER])
    for index, argument in enumerate(customize.engine_arguments):
        field = f"{path}.engine_arguments[{index}]"
        # Another image may be another release, with options of its own.
        free = None if customize.image else adapter.free_arguments
        yield from _argument_problems(argument, adapter.owned_arguments, free, field)


def _argument_problems(
    argument: str, owned: Mapping[str, str], free: Collection[str] | None, field: str
) -> Iterator[Problem]:
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
    meant = (
        name
        if free is not None and name in free
        else min((flag for flag in owned if flag.startswith(name)), default=name)
    )
    if meant in owned:
        yield Problem(
            field=field,
            cause=f"users must not set {meant}: {owned[meant]}",
            consequence="the server would contradict its plan, its probes or its Service, or trust what it must not",
            fix="leave it out; where there is a setting of the model for it, use that",
        )
    elif free is not None and name not in free:
        near = get_close_matches(name, free, n=1)
        yield Problem(
            field=field,
            cause=f"the engine's release has no option {name}",
            consequence="the server would end with a usage message, again and again",
            fix=f"write {near[0]}" if near else "write an option of that release by its full name",
        )
    else:
        yield from text_problems(field, argument)
