"""What ``customize`` of a model server can never touch: what the engine, the plan and the pool decide.

Free of Pulumi, so that a stack's checks can ask before anything runs; ``ModelService`` asks again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..contracts.customize import ServerCustomize
from ..contracts.errors import Problem
from ..contracts.fabric import INSIDE_NODE, PodFabric
from ..contracts.served_models import ServedModel
from ..contracts.serving import Engine
from ..planner.catalogs.other_accelerators import device_of_image
from ..workloads.customize_rules import pod_problems
from .engine_arguments import arguments_problems
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


def server_problems(
    customize: ServerCustomize, engine: Engine, path: str, fabric: PodFabric = INSIDE_NODE
) -> Iterator[Problem]:
    """What ``customize`` would take from Strata.

    Args:
        customize: What the user adds.
        engine: The engine that serves.
        path: Path of that setting, such as ``models[0].customize``.
        fabric: What its pods have of the fabric, where that is known.
    """
    adapter = engine_adapter(engine)
    owned = {*adapter.owned_variables, *dict(fabric.environment)}
    other = device_of_image(customize.image or "")
    if other:
        yield Problem(
            field=f"{path}.image",
            cause=f"{customize.image} was built for {other}",
            consequence="on the NVIDIA GPUs of the pools the engine would find no device and end at once",
            fix="name an image with CUDA, or leave it out",
        )
    yield from pod_problems(customize, path, owned_variables=owned, taken_names=[SERVER])
    # The same for another image, which has to understand the same command line.
    if customize.engine_arguments:
        yield from arguments_problems(customize.engine_arguments, adapter.options, f"{path}.engine_arguments")
