"""Measured deployments, read from the columns of ``perf_open.csv`` or of aiconfigurator-core's ``silicon_sample.csv``.

Owns the reading of a row: which deployment it describes, and which rows can be used at all. A row is used or
not by what is known before the measurement, never by its result.
"""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from components.contracts.serving import Engine

_ENGINES = {
    "vllm": Engine.VLLM,
    "sglang": Engine.SGLANG,
    "trtllm": Engine.TENSORRT_LLM,
    "tensorrt-llm": Engine.TENSORRT_LLM,
}
_GPUS = {"h100_sxm": "H100-SXM", "h200_sxm": "H200", "b200_sxm": "B200", "b300_sxm": "B300"}
_QUANTIZED = {"fp8": "fp8", "fp8_block": "fp8", "nvfp4": "nvfp4", "int4_wo": "int4"}
_PRECISIONS = {"fp4": "nvfp4", "": "bf16", "int4": "int4"}
_SPECULATED = frozenset({"deepseek-ai/DeepSeek-R1", "deepseek-ai/DeepSeek-V3"})
"""The recorder calls the same runs by either name."""
_FIRST_SPECULATED, _BOTH_REPEATED = "2026-01-14", "2026-01-28"


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One measured deployment; times in seconds, None where not given."""

    model: str
    precision: str
    gpu: str
    engine: Engine
    engine_version: str
    tensor_parallel: int
    pipeline_parallel: int
    data_parallel: int
    expert_parallel: bool
    input_tokens: int
    output_tokens: int
    concurrency: float
    """Requests that the clients keep in flight at the whole deployment."""
    draft_tokens: int
    """Tokens that the model's prediction head drafts for each step; 0 without speculative decoding."""
    ttft: float | None
    tpot: float | None
    source: str


@dataclass(frozen=True, slots=True)
class Unusable:
    """A row that is left out, and why."""

    source: str
    because: str


def read(path: Path) -> list[Measured | Unusable]:
    """All rows of a file in either format.

    Raises:
        ValueError: when its columns are those of neither.
    """
    with path.open(newline="", encoding="utf-8") as file:
        reader = csv.DictReader(file)
        columns = set(reader.fieldnames or ())
        if "silicon_tpot_ms" in columns:
            return [parse(_from_silicon(row)) for row in reader]
        if {"model", "gpu", "engine", "tpot_ms"} <= columns:
            return [parse(row) for row in reader]
    raise ValueError(f"{path.name} has neither the columns of perf_open.csv nor of silicon_sample.csv")


def parse(row: Mapping[str, str]) -> Measured | Unusable:
    """One row in the columns of ``perf_open.csv``."""
    source = row.get("source", "")
    missing = _unknown_input(row)
    if missing:
        return Unusable(source, missing)
    tp, dp, ep = _parallel(row)
    gpus = tp * dp * max(1, _whole(row["pp"]))
    if ep not in {1, tp * dp}:
        return Unusable(source, f"expert parallelism of {ep} on {gpus} GPUs, neither none nor all")
    return Measured(
        model=row["model"],
        precision=_PRECISIONS.get(row["precision"], row["precision"]),
        gpu=_GPUS.get(row["gpu"], row["gpu"]),
        engine=_ENGINES[row["engine"]],
        engine_version=row["engine_version"],
        tensor_parallel=tp,
        pipeline_parallel=max(1, _whole(row["pp"])),
        data_parallel=dp,
        expert_parallel=ep > 1,
        input_tokens=_whole(row["isl"]),
        output_tokens=_whole(row["osl"]),
        concurrency=float(row["concurrency"]),
        draft_tokens=_draft_tokens(row) or 0,
        ttft=_seconds(row["ttft_ms"]),
        tpot=_seconds(row["tpot_ms"]),
        source=source,
    )


def _unknown_input(row: Mapping[str, str]) -> str:
    """Why the deployment is not known well enough; empty when it is."""
    if row.get("trust", "").startswith("low"):
        return "trust low"
    if row["engine"] not in _ENGINES:
        return f"engine {row['engine']}"
    if row["mode"] != "aggregated":
        # Rows of disaggregated runs do not say how many requests a decode worker held, nor whether it speculated.
        return f"mode {row['mode']}"
    for name in ("tp", "isl", "osl", "concurrency"):
        if not _whole(row[name]):
            return f"{name} not recorded"
    if row["dp"].strip() == "0":
        return "attention data parallelism of 0"
    if _draft_tokens(row) is None:
        return "recorded with and without speculative decoding under the same key"
    if _whole(row["tp"]) > 8 and not _is_product(row):  # noqa: PLR2004
        return "tensor parallelism beyond one node: disaggregated runs recorded as aggregated"
    return ""


def _draft_tokens(row: Mapping[str, str]) -> int | None:
    """Tokens drafted per step, which no column records; None where the run may have been of either kind.

    InferenceX ran DeepSeek-R1 on TensorRT-LLM with and without the model's prediction head and the recorder dropped
    the difference. Its history tells them apart by image and date (perf-changelog.yaml of
    github.com/SemiAnalysisAI/InferenceX, read 2026-11-28): the first runs with the head are those of PR 392 on
    2026-01-14; PRs 594 and 620 moved the runs without it to 1.2.0rc6.post2, PRs 632 and 642 those with it, and no
    others, to 1.2.0rc6.post3; PR 587 repeated both on 2026-01-28. Its scripts (dsr1_*_trt_mtp.sh) draft three tokens,
    one with data-parallel attention.
    """
    if row["engine"] not in {"trtllm", "tensorrt-llm"} or row["model"] not in _SPECULATED:
        return 0
    version, day = row["engine_version"], row.get("measured_on", "")[:10]
    if version.endswith("rc6.post3") or day == _FIRST_SPECULATED:
        return 1 if _parallel(row)[1] > 1 else 3
    return None if day in {_BOTH_REPEATED, ""} else 0


def _recorded(row: Mapping[str, str]) -> tuple[int, int, int]:
    tp, dp, ep = (max(1, _whole(row[name])) for name in ("tp", "dp", "ep"))
    return tp, dp, ep


def _parallel(row: Mapping[str, str]) -> tuple[int, int, int]:
    return _undo_product(*_recorded(row))


def _is_product(row: Mapping[str, str]) -> bool:
    return _parallel(row) != _recorded(row)


def _undo_product(tp: int, dp: int, ep: int) -> tuple[int, int, int]:
    """Undo the product of two descriptions of the same n GPUs, n = 2, 4 or 8.

    The campaign behind aiconfigurator's rows names attention and experts apart (TP8 and EP8 on the same 8 GPUs);
    the recorder multiplied them: TP64 EP8, or DP64 EP8, or TP4 DP4 EP16. Its aggregated runs are one node.
    """
    if tp == dp > 1 and ep == tp * dp:
        return tp, 1, tp
    n = math.isqrt(tp * dp)
    if n > 1 and n * n == tp * dp and ep == n and 1 in {tp, dp}:
        return (n, 1, n) if dp == 1 else (1, n, n)
    return tp, dp, ep


def _from_silicon(row: Mapping[str, str]) -> dict[str, str]:
    found = re.search(r"silicon_concurrency=([\d.]+)", row["silicon_data_source"])
    measured = re.search(r"measured=([\d-]+)", row["silicon_data_source"])
    return {
        "model": row["model_path"],
        "precision": row["precision"] or _QUANTIZED.get(row["gemm_quant_mode"], ""),
        "gpu": row["system"].upper() if row["system"].startswith("g") else row["system"],
        "engine": row["backend"],
        "engine_version": row["backend_version"],
        "mode": "aggregated" if row["mode"] == "agg" else "disaggregated",
        "tp": row["tp_size"],
        "pp": row["pp_size"],
        "dp": row["attention_dp_size"] or "1",
        "ep": row["moe_ep_size"],
        "isl": row["isl"],
        "osl": row["osl"],
        "concurrency": found[1] if found else "",
        "ttft_ms": row["silicon_ttft_ms"],
        "tpot_ms": row["silicon_tpot_ms"],
        "measured_on": measured[1] if measured else "",
        "source": row["id"],
    }


def _whole(text: str) -> int:
    try:
        return int(float(text))
    except (ValueError, OverflowError):
        return 0


def _seconds(text: str) -> float | None:
    try:
        value = float(text) / 1e3
    except ValueError:
        return None
    return value if value > 0 and math.isfinite(value) else None
