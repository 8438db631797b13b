"""What a layout must satisfy to run at all, independent of how much memory there is.

Each rule answers with None or with the setting to blame, the cause and what the engine would do.
Sources: vLLM's own start-up checks (``ModelConfig.verify_with_parallel_config``, ``Fp8LinearMethod``,
``FusedMoE``) and, for links, the bandwidth between GPUs.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from ..contracts.machines import Architecture
from ..contracts.serving import Engine, Precision
from . import floors
from .catalogs.gpus import Gpu
from .catalogs.models import Compressed, GroupedQuery, Latent, ModelSpec, Task
from .catalogs.quantized import Part
from .memory.layout import Layout
from .memory.weights import VOCABULARY_PAD


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """What a rule needs to know of the machines."""

    gpu: Gpu
    gpus_per_node: int
    nvlink_domain: int
    """GPUs joined by NVLink: of a node, or of several whose pods share memory over it."""
    rdma: bool
    """Whether the fabric between nodes is RDMA."""
    shared: bool = False
    """Whether ``gpu`` is a slice, one of several that pods have of one GPU."""
    architecture: Architecture = Architecture.AMD64
    """Processor of the hosts, for which engines' images are built with other kernels."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Violation:
    """A rule that a layout breaks."""

    field: str
    cause: str
    consequence: str


Rule = Callable[[ModelSpec, Layout, Place], Violation | None]

_REFUSES = "the engine refuses to start"


def heads(spec: ModelSpec, layout: Layout, place: Place) -> Violation | None:
    """Tensor parallelism splits query heads evenly."""
    del place
    if spec.heads % layout.tensor_parallel == 0:
        return None
    return Violation(
        field="tensor_parallel",
        cause=f"{spec.heads} attention heads cannot be split over {layout.tensor_parallel} ranks",
        consequence=_REFUSES,
    )


def kv_heads(spec: ModelSpec, layout: Layout, place: Place) -> Violation | None:
    """Key-value heads split evenly or repeat evenly; latent attention has none to split."""
    del place
    tp = layout.tensor_parallel
    if not isinstance(spec.attention, GroupedQuery) or spec.kv_heads % tp == 0 or tp % spec.kv_heads == 0:
        return None
    return Violation(
        field="tensor_parallel",
        cause=f"{spec.kv_heads} key-value heads can be neither split over nor repeated on {tp} ranks",
        consequence=_REFUSES,
    )


def linear_heads(spec: ModelSpec, layout: Layout, place: Place) -> Violation | None:
    """Linear-attention heads split evenly."""
    del place
    if spec.linear is None or spec.linear.heads % layout.tensor_parallel == 0:
        return None
    return Violation(
        field="tensor_parallel",
        cause=f"{spec.linear.heads} linear-attention heads cannot be split over {layout.tensor_parallel} ranks",
        consequence=_REFUSES,
    )


def vocabulary(spec: ModelSpec, layout: Layout, place: Place) -> Violation | None:
    """The vocabulary, padded to whole blocks of 64 rows, splits evenly."""
    del place
    padded = math.ceil(spec.vocab / VOCABULARY_PAD) * VOCABULARY_PAD
    return _uneven("the padded vocabulary", padded, layout.tensor_parallel) if padded % layout.tensor_parallel else None


def feed_forward(spec: ModelSpec, layout: Layout, place: Place) -> Violation | None:
    """Feed-forward widths split evenly, and in whole quantization blocks or groups."""
    del place
    tp = layout.tensor_parallel
    if spec.dense_layers and spec.intermediate % tp:
        return _uneven("the intermediate size", spec.intermediate, tp)
    return (
        _blocks(spec, Part.FEED_FORWARD, "the intermediate size", spec.intermediate, tp) if spec.dense_layers else None
    )


def experts(spec: ModelSpec, layout: Layout, place: Place) -> Violation | None:
    """A slice of every expert must be whole blocks; whole experts need at least one per GPU."""
    del place
    if spec.experts is None:
        if layout.expert_parallel:
            return Violation(
                field="expert_parallel", cause="the model has no experts", consequence="the setting does nothing"
            )
        return None
    if layout.expert_parallel:
        if spec.experts.count >= layout.expert_gpus:
            return None
        return Violation(
            field="expert_parallel",
            cause=f"{spec.experts.count} experts cannot be spread over {layout.expert_gpus} GPUs",
            consequence="some GPUs would hold no expert",
        )
    if spec.experts.intermediate % layout.expert_gpus and spec.native.precision is not Precision.MXFP4:
        return _uneven("the experts' intermediate size", spec.experts.intermediate, layout.expert_gpus)
    return _blocks(spec, Part.EXPERTS, "the experts' intermediate size", spec.experts.intermediate, layout.expert_gpus)


def shared_experts(spec: ModelSpec, layout: Layout, place: Place) -> Violation | None:
    """Shared experts are split over tensor-parallel ranks in whole blocks, also where the others are whole.

    Source: vllm-project/vllm#52997 and #42384.
    """
    del place
    if spec.experts is None or not spec.experts.shared_intermediate:
        return None
    return _blocks(
        spec,
        Part.SHARED,
        "the shared experts' intermediate size",
        spec.experts.shared_intermediate,
        layout.tensor_parallel,
    )


def _uneven(what: str, size: int, ranks: int) -> Violation:
    return Violation(
        field="tensor_parallel", cause=f"{what} {size} cannot be split over {ranks} ranks", consequence=_REFUSES
    )


def _blocks(spec: ModelSpec, part: Part, what: str, size: int, ranks: int) -> Violation | None:
    # MXFP4 kernels pad their slices to whole groups.
    stored = (held for held in spec.native.stored(part) if held.precision is not Precision.MXFP4)
    side = max((held.block or held.group for held in stored), default=0)
    if not side or (size // ranks) % side == 0:
        return None
    return Violation(
        field="tensor_parallel",
        cause=f"{what} {size} over {ranks} ranks gives {size // ranks}, which is not whole in blocks of {side}",
        consequence="the quantized kernels refuse the shape, and the engine does not start",
    )


def stages(spec: ModelSpec, layout: Layout, place: Place) -> Violation | None:
    """Every pipeline stage holds a layer; encoders have no stages (vLLM 0.33.0: none has ``SupportsPP``)."""
    del place
    if spec.is_encoder and layout.pipeline_parallel > 1:
        return Violation(
            field="pipeline_parallel",
            cause=f"the encoder {spec.id} cannot be split into stages",
            consequence=_REFUSES,
        )
    if layout.pipeline_parallel <= spec.layers:
        return None
    return Violation(
        field="pipeline_parallel",
        cause=f"{spec.layers} layers cannot fill {layout.pipeline_parallel} stages",
        consequence="empty stages",
    )


def slices(spec: ModelSpec, layout: Layout, place: Place) -> Violation | None:
    """A server on a shared GPU has one slice: NCCL refuses two ranks on one GPU, and joins no MIG partitions.

    Sources: NVIDIA MIG user guide, "Application Considerations" (no GPU-to-GPU P2P); NCCL documentation, "Creating a
    Communicator" (each rank has a device of its own); NVIDIA/k8s-device-plugin 0.19.0, api/config/v1/config.go, which
    under MPS fails requests for more than one.
    """
    if not place.shared or layout.gpus == 1:
        return None
    field, size = next(
        (name, ranks)
        for name, ranks in (
            ("tensor_parallel", layout.tensor_parallel),
            ("pipeline_parallel", layout.pipeline_parallel),
            ("data_parallel", layout.data_parallel),
        )
        if ranks > 1
    )
    return Violation(
        field=field,
        cause=f"{spec.id} would run as {size} ranks on {size} slices of {place.gpu.name}",
        consequence="NCCL joins no two slices of shared GPUs, and the engine fails while it starts",
    )


def nvlink(spec: ModelSpec, layout: Layout, place: Place) -> Violation | None:
    """A tensor-parallel group stays inside one node, over NVLink or PCIe, or takes whole nodes.

    The nodes are those of a domain that spans several (ComputeDomains of GB200 NVL72), or joined by a network, which is
    tried only where it is asked for; one without RDMA also takes ``over_tcp``. The speed of a plan shows what the links
    cost.
    """
    del spec
    tp = layout.tensor_parallel
    if tp <= place.gpus_per_node:
        return None
    if place.nvlink_domain > place.gpus_per_node:
        return _whole_trays(tp, place)
    if tp % place.gpus_per_node == 0:
        return None
    return Violation(
        field="tensor_parallel",
        cause=f"{tp} ranks do not fit a node of {place.gpus_per_node} × {place.gpu.name}",
        consequence="every layer's all-reduce would cross the network between nodes, from nodes that other servers "
        "share",
    )


def _whole_trays(tp: int, place: Place) -> Violation | None:
    if tp > place.nvlink_domain:
        return Violation(
            field="tensor_parallel",
            cause=f"{tp} ranks exceed the {place.nvlink_domain} GPUs of an NVLink domain of {place.gpu.name}",
            consequence="every layer's all-reduce would cross the network between domains",
        )
    if tp % place.gpus_per_node:
        return Violation(
            field="tensor_parallel",
            cause=f"{tp} ranks are no whole number of nodes of {place.gpus_per_node} × {place.gpu.name}",
            consequence="ranks of two servers would share a node and its channel of the NVLink domain",
        )
    return None


def cache_transfer(spec: ModelSpec) -> Violation | None:
    """Prefill transfers its cache to decode; an encoder has none."""
    if spec.has_kv_cache and spec.task is Task.GENERATE:
        return None
    return Violation(
        field="topology",
        cause=f"{spec.id} generates nothing, so there is no decode to separate",
        consequence="prefill and decode pods would wait for each other",
    )


def image(spec: ModelSpec, layout: Layout, place: Place) -> Violation | None:
    """The engine's image has code for the GPU, on the processor of its hosts."""
    del spec, layout
    oldest = floors.IMAGE_FROM[place.architecture]
    if not place.gpu.is_nvidia or place.gpu.compute_capability >= oldest:
        return None
    return Violation(
        field="gpu",
        cause=f"{_capability(place)} is older than {oldest}, the oldest that engines' images for "
        f"{place.architecture.value} are built for",
        consequence=_REFUSES,
    )


def sparse_attention(spec: ModelSpec, layout: Layout, place: Place) -> Violation | None:
    """Latent attention that an indexer makes sparse has kernels from Hopper on."""
    del layout
    sparse = isinstance(spec.attention, Compressed) or (
        isinstance(spec.attention, Latent) and spec.attention.indexer_layers > 0
    )
    if not sparse or place.gpu.compute_capability >= floors.SPARSE_LATENT_FROM:
        return None
    return Violation(
        field="gpu",
        cause=f"{_capability(place)} has no kernels for the sparse latent attention of {spec.id}, which ask for "
        f"{floors.SPARSE_LATENT_FROM} or later",
        consequence=_REFUSES,
    )


def kernels(spec: ModelSpec, place: Place, engine: Engine) -> Violation | None:
    """The engine has kernels for the weights' precision on the GPU."""
    lacking = next((held for held in sorted(spec.native.precisions) if not floors.runs(place.gpu, held, engine)), None)
    if lacking is None:
        return None
    return Violation(
        field="precision",
        cause=f"{_capability(place)} cannot run {lacking.value} weights with {engine.value}, which asks for "
        f"{floors.weights_from(lacking, engine)} or later",
        consequence=_REFUSES,
    )


def fp8_cache(spec: ModelSpec, place: Place) -> Violation | None:
    """The engine has kernels for keys and values in FP8."""
    oldest = floors.fp8_cache_from(spec)
    if place.gpu.compute_capability >= oldest:
        return None
    return Violation(
        field="kv_precision",
        cause=f"{_capability(place)} has no kernels for keys and values of {spec.id} in fp8, which ask for {oldest} "
        "or later",
        consequence=_REFUSES,
    )


def _capability(place: Place) -> str:
    return f"{place.gpu.name} (compute capability {place.gpu.compute_capability})"


SLICES: tuple[Rule, ...] = (heads, kv_heads, linear_heads, vocabulary, feed_forward, shared_experts)
"""Rules that only another number of tensor-parallel ranks satisfies."""

RULES: tuple[Rule, ...] = (
    sparse_attention,
    slices,
    heads,
    kv_heads,
    linear_heads,
    vocabulary,
    feed_forward,
    experts,
    shared_experts,
    stages,
    nvlink,
)


@lru_cache(maxsize=65536)
def violation(spec: ModelSpec, layout: Layout, place: Place, engine: Engine = Engine.VLLM) -> Violation | None:
    """The first rule that the layout breaks; None when it satisfies all."""
    lacking = image(spec, layout, place) or kernels(spec, place, engine)
    if lacking is not None:
        return lacking
    for rule in RULES:
        broken = rule(spec, layout, place)
        if broken is not None:
            return broken
    return None


def engine(spec: ModelSpec, chosen: Engine) -> Violation | None:
    """TEI serves encoders, the others everything that generates."""
    if chosen is Engine.TEI and not spec.is_encoder:
        return Violation(
            field="engine", cause=f"tei does not run decoder models such as {spec.id}", consequence=_REFUSES
        )
    if spec.is_encoder and chosen in {Engine.SGLANG, Engine.TENSORRT_LLM}:
        what = "reranker" if spec.task is Task.RERANK else "embedding model"
        return Violation(
            field="engine", cause=f"{chosen.value} does not run the {what} {spec.id}", consequence=_REFUSES
        )
    return None
