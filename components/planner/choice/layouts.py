"""Layouts worth trying on a pool, by what the model is and how the machines are joined."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache

from ...contracts.serving import ServingRequest
from ..catalogs.models import GroupedQuery, ModelSpec
from ..memory.layout import Layout
from ..rules import SLICES, Place, experts

_MAX_NODES = 16
"""Most nodes of one replica that are tried; the largest published recipes use fewer."""


def layouts(spec: ModelSpec, place: Place, nodes: int, request: ServingRequest) -> tuple[Layout, ...]:
    """Layouts with what the user fixed, smallest first; ``nodes`` are those of the pool."""
    fixed = (request.tensor_parallel, request.pipeline_parallel, request.data_parallel, request.expert_parallel)
    return _layouts(spec, place, min(nodes, _MAX_NODES), *fixed)


@lru_cache(maxsize=4096)
def _layouts(
    spec: ModelSpec,
    place: Place,
    nodes: int,
    tensor: int | None,
    pipeline: int | None,
    data: int | None,
    expert: bool | None,  # noqa: FBT001 - a value the user fixed, not a switch
) -> tuple[Layout, ...]:
    def fits_what_is_fixed(layout: Layout) -> bool:
        return (
            (tensor is None or layout.tensor_parallel == tensor)
            and (pipeline is None or layout.pipeline_parallel == pipeline)
            and (data is None or layout.data_parallel == data)
            and (expert is None or layout.expert_parallel == expert)
        )

    tried = dict.fromkeys((*_usual(spec, place, nodes), *_asked(tensor, pipeline, data, expert=expert)))
    return tuple(sorted(filter(fits_what_is_fixed, tried), key=lambda layout: (layout.gpus, layout.expert_parallel)))


def _powers_of_two(limit: int) -> Iterator[int]:
    size = 1
    while size <= limit:
        yield size
        size *= 2


def _usual(spec: ModelSpec, place: Place, nodes: int) -> Iterator[Layout]:
    in_node = place.gpus_per_node
    latent = not isinstance(spec.attention, GroupedQuery)
    for tp in _powers_of_two(max(in_node, min(place.nvlink_domain, nodes * in_node))):
        yield Layout(tensor_parallel=tp)
        if spec.experts is not None and tp > 1:
            yield Layout(tensor_parallel=tp, expert_parallel=True)
            if latent:
                yield Layout(data_parallel=tp, expert_parallel=True)
    yield from _pipelines(spec, place)
    for count in range(2, nodes + 1):
        yield Layout(tensor_parallel=in_node, pipeline_parallel=count)
        if spec.experts is not None:
            yield Layout(tensor_parallel=in_node, pipeline_parallel=count, expert_parallel=True)
            if latent and place.rdma:
                yield Layout(data_parallel=in_node * count, expert_parallel=True)
            elif place.rdma:
                yield Layout(tensor_parallel=in_node, data_parallel=count, expert_parallel=True)


def _pipelines(spec: ModelSpec, place: Place) -> Iterator[Layout]:
    """Stages inside a node, where NVLink does not join its GPUs or the model cannot be split as wide as they are.

    Stages hand a token's hidden state on where tensor parallelism reduces two of them in every layer: over PCIe often
    the better trade (vLLM documentation, "Parallelism and Scaling"). They take as many GPUs as TP would, or a node.
    """
    in_node = 1 if place.shared else place.gpus_per_node
    for ranks in dict.fromkeys((*_powers_of_two(in_node), in_node)):
        if ranks <= place.nvlink_domain and not any(
            rule(spec, Layout(tensor_parallel=ranks), place) for rule in SLICES
        ):
            continue
        for tp in _powers_of_two(ranks // 2):
            if ranks % tp == 0:
                sliced = Layout(tensor_parallel=tp, pipeline_parallel=ranks // tp)
                whole = tp > 1 and spec.experts is not None and experts(spec, sliced, place) is not None
                yield replace(sliced, expert_parallel=whole)


def _asked(tensor: int | None, pipeline: int | None, data: int | None, *, expert: bool | None) -> Iterator[Layout]:
    if tensor is not None or pipeline is not None or data is not None:
        for spread in (False, True) if expert is None else (expert,):
            yield Layout(
                tensor_parallel=tensor or 1,
                pipeline_parallel=pipeline or 1,
                data_parallel=data or 1,
                expert_parallel=spread,
            )
