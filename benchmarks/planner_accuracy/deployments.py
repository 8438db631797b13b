"""Rows of published vLLM deployments, read into the planner's terms.

Owns the reading of ``placements_open.csv``'s columns and the one predicate of which rows are eligible. A blank
cell was not captured; only settings with a default in the engine are then taken to be at that default.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from components.contracts.errors import StrataError
from components.contracts.serving import KvPrecision, Precision
from components.planner.catalogs.gpus import GIB, Gpu, gpu
from components.planner.catalogs.models import Latent, ModelSpec, model
from components.planner.catalogs.quantized import Quantization
from components.planner.choice.question import at_precision
from components.planner.memory.engine import (
    EngineLimits,
    Version,
    default_limits,
    default_utilization,
    engine_memory,
)
from components.planner.memory.layout import Layout

from .spellings import meanings

Row = Mapping[str, str]

ASSUMED_VERSION: Version = (0, 11)
"""For rows that do not name one: the version of most logs that do."""
_FIRST_V1: Version = (0, 8)
# V0 since 0.6.4 takes the peak of a dummy prefill as V1 does; before, what the device had left, fragments and all.
FIRST_PROFILED: Version = (0, 6)
_FIRST_LATENT: Version = (0, 7)
"""Latent attention was cached whole before (vLLM's PR 12601)."""
_V0_SEQUENCES, _V0_TOKENS, _V0_CHUNKS_FROM = 256, 2048, 32768
"""V0's defaults: prefill is chunked for longer contexts only (``EngineArgs.create_engine_config``)."""
_V0_CONTEXT_BYTES = 0.25 * GIB
"""The CUDA context, which V0 counted as the engine's until 0.7; fit to p056 and p114."""
_V1_FROM_CAPABILITY = 8.0
"""Before vLLM 0.10 older GPUs fell back to V0 (``_is_v1_supported_oracle``)."""
_DEFAULTS_DIFFER_FROM_GIB = 70.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Worker:
    """One deployed server; a disaggregated row has two."""

    layout: Layout
    nodes: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Deployment:
    """One row in the planner's terms."""

    id: str
    engine: str
    version: Version | None
    """None when the row does not say."""
    v0: bool
    """The engine before V1: named so, older than V1, or its log counts blocks where V1's counts tokens."""
    spec: ModelSpec
    card: Gpu
    workers: tuple[Worker, ...]
    kv_precision: KvPrecision
    utilization: float | None
    max_num_seqs: int | None
    max_num_batched_tokens: int | None
    context: int | None
    """Context asked for: ``max_model_len``, or the longest of the benchmark's requests."""
    eager: bool
    speculative: bool
    connector: bool
    """Keys and values are also kept elsewhere, by a connector with buffers of its own."""
    outcome: str
    kv_gib: float | None
    """Measured memory for keys and values on each GPU."""
    kv_tokens: int | None
    weights_gib: float | None
    parts_gib: float | None
    """Activations and non-torch memory together, where the log breaks them down."""

    @property
    def limits(self) -> EngineLimits:
        """The row's scheduler limits, the engine's defaults where it has none."""
        usual = self._v0_limits if self.v0 else default_limits(self.card, self.version)
        return EngineLimits(
            max_num_seqs=self.max_num_seqs or usual.max_num_seqs,
            max_num_batched_tokens=self.max_num_batched_tokens or usual.max_num_batched_tokens,
            context=self.context or 0,
        )

    @property
    def _v0_limits(self) -> EngineLimits:
        context = self.context or self.spec.context
        tokens = _V0_TOKENS if context > _V0_CHUNKS_FROM else max(context, _V0_TOKENS)
        return EngineLimits(max_num_seqs=_V0_SEQUENCES, max_num_batched_tokens=tokens)

    @property
    def outside_bytes(self) -> float:
        """What an old engine counted as its own besides what newer ones do."""
        return _V0_CONTEXT_BYTES if self.v0 and self.version is not None and self.version < _FIRST_LATENT else 0.0

    @property
    def effective_version(self) -> Version:
        """The row's version, or the assumed one."""
        return self.version or ASSUMED_VERSION

    @property
    def effective_utilization(self) -> float:
        """The row's utilization, or the version's default."""
        return self.utilization or default_utilization(self.effective_version)


def ineligible(row: Deployment) -> str:
    """Why the row cannot test the prediction of free memory; empty when it can. Looks at inputs only.

    The prediction needs every setting that vLLM's profiling depends on. A missing one is the engine's default, so
    what decides that default must be known: the version for the utilization, version or GPU for ``max_num_seqs``,
    and V0's ``max_model_len`` unless no length could have outweighed the sampler.
    """
    reasons = {
        "not vLLM": row.engine != "vllm",
        "draft model of speculative decoding": row.speculative,
        "KV connector, which takes memory of its own": row.connector,
        "neither version nor gpu_memory_utilization captured": row.utilization is None and row.version is None,
    }
    return next(
        (why for why, holds in reasons.items() if holds), _v0_ineligible(row) if row.v0 else _v1_ineligible(row)
    )


def _v0_ineligible(row: Deployment) -> str:
    if row.version is not None and row.version < FIRST_PROFILED:
        return "engine V0 before it profiled with a dummy prefill"
    if isinstance(row.spec.attention, Latent) and row.version is not None and row.version < _FIRST_LATENT:
        return "engine V0 before latent attention"
    if row.context is None and row.max_num_batched_tokens is None:
        longest = EngineLimits(
            max_num_seqs=row.limits.max_num_seqs, max_num_batched_tokens=min(row.spec.context, _V0_CHUNKS_FROM)
        )
        engine = engine_memory(row.spec, row.card, row.workers[0].layout, longest, row.effective_version)
        if engine.forward >= engine.activations:
            return "engine V0, max_model_len not captured"
    return ""


def _v1_ineligible(row: Deployment) -> str:
    if row.version is None and row.card.compute_capability < _V1_FROM_CAPABILITY:
        return "version not captured on a GPU where only V0 ran for long"
    large = row.card.usable_gib >= _DEFAULTS_DIFFER_FROM_GIB and not row.card.name.startswith("A100")
    if large and row.version is None and row.max_num_seqs is None:
        return "neither version nor max_num_seqs captured on a GPU whose default changed"
    return ""


def read(row: Row) -> Deployment | str:
    """The row in the planner's terms, or why it cannot be put so."""
    if row["trust"].startswith("low"):
        return "trust low"
    name = row["model"].strip()
    try:
        spec = model(re.sub(r" .*", "", name))
    except StrataError:
        return "model not in the catalog"
    card = _card(row["gpu"], _number(row["gpu_total_gib"]))
    if card is None:
        return "GPU not named, or of unknown memory"
    # A recipe may quantize while it loads and still name the checkpoint's own precision.
    stored = _stored(spec, "fp8" if "FP8 (on-the-fly)" in row["value"] else row["precision"])
    if stored is None:
        return f"precision {row['precision'] or 'not captured'}"
    workers = _workers(row)
    if not workers:
        return "parallel sizes not captured"
    version = _version(row["engine_version"])
    return Deployment(
        id=row["id"],
        engine=row["engine"],
        version=version,
        v0="V0" in row["engine_version"]
        or "GPU blocks" in row["value"]
        or (version is not None and version < _FIRST_V1),
        spec=stored,
        card=card,
        workers=workers,
        kv_precision=KvPrecision.FP8 if row["kv_dtype"].startswith("fp8") else stored.cache,
        utilization=_number(row["gpu_memory_utilization"]),
        max_num_seqs=_whole(row["max_num_seqs"]),
        max_num_batched_tokens=_whole(row["max_num_batched_tokens"]),
        context=_whole(row["max_model_len"]) or _longest_request(row["value"]),
        eager=row["enforce_eager"].lower() == "true",
        speculative="EAGLE" in name or "mtp" in row["source"].lower(),
        connector=bool(row.get("kv_connector")),
        outcome=row["outcome"],
        kv_gib=_number(row["kv_gib_per_gpu"]),
        kv_tokens=_whole(row["kv_tokens"]),
        weights_gib=_number(row["weights_gib_per_gpu"]),
        parts_gib=_sum(_number(row["activation_gib"]), _number(row["nontorch_gib"])),
    )


def _version(cell: str) -> Version | None:
    found = re.search(r"(\d+)\.(\d+)", cell)
    return (int(found[1]), int(found[2])) if found else None


def _number(cell: str) -> float | None:
    try:
        return float(cell)
    except ValueError:
        return None


def _whole(cell: str) -> int | None:
    value = _number(cell)
    return None if value is None else int(value)


def _sum(first: float | None, second: float | None) -> float | None:
    return None if first is None or second is None else first + second


def _card(name: str, total: float | None) -> Gpu | None:
    try:
        card = gpu(name.strip())
    except StrataError:
        if total is None:
            return None
        # Only memory and generation matter here; cards that people leave unnamed are consumer cards.
        card = replace(gpu("RTX-3090"), name=name)
    return card if total is None else replace(card, usable_gib=total)


def _stored(spec: ModelSpec, precision: str) -> ModelSpec | None:
    own, wanted = spec.native.precision, meanings(precision)
    if wanted is None:
        return None
    # A mixed checkpoint is called by the precision of any of its parts.
    if not wanted or not spec.native.precisions.isdisjoint(wanted):
        return spec
    if {wanted[0], own} <= {Precision.BF16, Precision.FP16}:
        return spec
    return at_precision(spec, wanted[0]) or spec.sized(
        quantization=Quantization(precision=wanted[0], group=_group(wanted[0]))
    )


def _group(precision: Precision) -> int:
    return {Precision.NVFP4: 16, Precision.MXFP4: 32, Precision.INT4: 32}.get(
        precision, 128 if "int4" in precision else 0
    )


def _roles(cell: str) -> tuple[int, ...]:
    """``8`` or ``P4/D8``."""
    found = re.findall(r"\d+", cell)
    return tuple(int(text) for text in found)


def _workers(row: Row) -> tuple[Worker, ...]:
    sizes = [_roles(row[column]) for column in ("tp", "pp", "ep", "dp")]
    roles = max(len(values) for values in sizes)
    if not all(sizes):
        return ()
    found: list[Worker] = []
    total, nodes = _whole(row["gpu_count"]) or 0, _whole(row["nodes"]) or 1
    for role in range(roles):
        tp, pp, ep, dp = (values[min(role, len(values) - 1)] for values in sizes)
        # Benchmark configurations count in tp all GPUs of a worker, of which dp hold whole attention.
        counted = dp > 1 and (roles > 1 or tp * pp * dp > total) and tp % dp == 0
        tp = tp // dp if counted else tp
        # More expert ranks than GPUs counted: each rank is a data-parallel one of its own.
        dp = ep // tp if ep > tp * dp else dp
        layout = Layout(tensor_parallel=tp, pipeline_parallel=pp, data_parallel=dp, expert_parallel=ep > 1)
        spanned = max(1, -(-layout.gpus * nodes // total)) if total else nodes
        found.append(Worker(layout=layout, nodes=spanned))
    return tuple(found)


def _longest_request(value: str) -> int | None:
    pairs = re.search(r"isl/osl ([\d/,]+)", value)
    if pairs is None:
        return None
    return max(sum(int(part) for part in pair.split("/")) for pair in pairs[1].strip(",").split(","))
