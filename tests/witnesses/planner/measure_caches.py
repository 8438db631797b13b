"""Ask the real vLLM on CPU how it divides its cache for each kind of architecture, with random weights.

``python measure_caches.py CONFIGS FOLDER [KIND…]`` in an environment with vLLM for CPUs (``make planner-witnesses``).
CONFIGS is a folder of files ``<owner>--<name>_config.json``, as for ``count_parameters.py``. Each configuration is cut
to a few layers, what does not matter to a cache is made small, and the result is kept in FOLDER as ``<kind>.json``; of
models that CONFIGS lacks that file is the source. What the engine says is written to the table ``FOLDER.csv``; with
names of kinds only theirs is measured again. Imports nothing of the project, which is not installed there.
"""
# pyright: basic

from __future__ import annotations

import csv
import json
import os
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

SPACE, CONTEXT, STEP, BLOCK = 2**30, 16384, 2048, 32
"""Bytes for keys and values, longest request, tokens of a step, and the smallest block of the CPU's kernels."""
_SMALL = (
    (r".*token_id", 2),
    (r"vocab_size.*", 1024),
    (r"hidden_size", 1024),
    (r".*intermediate_size(_mlp)?|share_expert_dim", 256),
    (r"num_experts|n_routed_experts|num_local_experts", 16),
    (r"n_group|topk_group|num_expert_group", 1),
)
"""Fields that no cache depends on, and the most that is kept of them."""
_PATIENCE = 900
_MARK = "cache of the engine: "
_COLUMNS = "kind,model,layers,version,space,context,step,asked,settings,block,block_bytes,blocks,tokens,groups,refused"
_VARIABLES = {
    "HF_HUB_OFFLINE": "1",
    "MALLOC_MMAP_THRESHOLD_": "131072",
    "MALLOC_TRIM_THRESHOLD_": "131072",
    "OMP_NUM_THREADS": "2",
    "OMP_WAIT_POLICY": "PASSIVE",
    "VLLM_ALLOW_LONG_MAX_MODEL_LEN": "1",
    "VLLM_CPU_OMP_THREADS_BIND": "nobind",
    "VLLM_ENABLE_V1_MULTIPROCESSING": "0",
    "VLLM_NO_USAGE_STATS": "1",
    "VLLM_TARGET_DEVICE": "cpu",
}


@dataclass(frozen=True)
class Kind:
    """A model whose cache stands for that of an architecture."""

    model: str
    layers: int
    architecture: str = ""
    """Of the text model, which is all that is started, where the checkpoint's also sees or hears."""
    nested: bool = False
    """The text model's configuration stays inside of the checkpoint's."""
    experts: bool = True
    settings: str = "{}"
    """Further arguments of the engine, as JSON."""


_HALF_STATES = '{"mamba_ssm_cache_dtype": "bfloat16"}'
"""What a model gets on GPUs that asks for nothing; on CPUs with AVX512-BF16 it gets FP32 (``platforms/cpu.py``)."""
_LARGE_BLOCKS = '{"block_size": 128}'
"""The only ones that the kernels of MiniMax-M3 take; the CPU's kernels for its experts do not know its activation."""
_NO_PREFIXES = '{"enable_prefix_caching": false}'
"""The CPU's backend has none for latent attention, and says so too late for models that keep states as well."""
KINDS = {
    "dense": Kind("Qwen/Qwen3-8B", 4),
    "sliding": Kind("openai/gpt-oss-20b", 5),
    "sliding-wide": Kind("XiaomiMiMo/MiMo-V2-Flash", 6),
    "chunked": Kind("meta-llama/Llama-4-Scout-17B-16E-Instruct", 8, "Llama4ForCausalLM"),
    "gemma-4": Kind("google/gemma-4-26B-A4B", 12, "Gemma4ForCausalLM"),
    "shared": Kind("google/gemma-4-E4B-it", 12),
    "latent": Kind("deepseek-ai/DeepSeek-V3", 4),
    "latent-sparse": Kind("deepseek-ai/DeepSeek-V3.2", 4),
    "compressed": Kind("deepseek-ai/DeepSeek-V4-Flash", 5),
    "grouped-sparse": Kind(
        *("nvidia/MiniMax-M3-NVFP4", 5, "MiniMaxM3SparseForCausalLM"),
        nested=True,
        experts=False,
        settings=_LARGE_BLOCKS,
    ),
    "gated-delta": Kind("Qwen/Qwen3.5-35B-A3B", 8, "Qwen3_5MoeForCausalLM"),
    "gated-delta-half": Kind("Qwen/Qwen3-Next-80B-A3B-Instruct", 8, settings=_HALF_STATES),
    "kimi-delta": Kind("moonshotai/Kimi-K3", 4, "KimiLinearForCausalLM", settings=_NO_PREFIXES),
    "mamba": Kind("nvidia/Nemotron-H-56B-Base-8K", 22),
    "short-convolution": Kind("LiquidAI/LFM2.5-350M", 6),
    "short-convolution-even": Kind("LiquidAI/LFM2.5-230M", 7),
}


def cut(kind: Kind, config: dict[str, object]) -> dict[str, object]:
    """The text model with fewer layers, a small vocabulary, narrow networks and few experts."""
    text = config.get("text_config")
    architectures = [kind.architecture] if kind.architecture else config["architectures"]
    tied = {"tie_word_embeddings": config.get("tie_word_embeddings", False)}
    kept = _cut(kind, {**text, **tied} if isinstance(text, dict) else config)
    if kind.nested:
        return {**_plain(config), "architectures": architectures, "text_config": kept}
    return {**kept, "architectures": architectures}


def _cut(kind: Kind, text: dict[str, object]) -> dict[str, object]:
    layers = int(str(text["num_hidden_layers"]))
    kept = {name: _short(name, value, layers, kind.layers) for name, value in _plain(text).items()}
    if "num_nextn_predict_layers" in kept:
        kept["num_nextn_predict_layers"] = 0
    without = {} if kind.experts else {"moe_layer_freq": [0] * kind.layers}
    return {**kept, **without, "num_hidden_layers": kind.layers}


def _plain(config: dict[str, object]) -> dict[str, object]:
    """Without quantization and remote code."""
    return {name: value for name, value in config.items() if name not in {"quantization_config", "auto_map"}}


def _short(name: str, value: object, layers: int, kept: int) -> object:
    """A field of a model with as many layers, for one with those that are kept."""
    if isinstance(value, dict):
        return {inner: _short(inner, part, layers, kept) for inner, part in value.items()}
    if isinstance(value, list):
        listed = [layer for layer in value if layer <= kept] if name.endswith("_layers") else value[:kept]
        return listed if len(value) >= layers or name.endswith("_layers") else value
    if name == "hybrid_override_pattern":
        return str(value)[:kept]
    most = next((size for pattern, size in _SMALL if re.fullmatch(pattern, name)), None)
    return value if most is None or not isinstance(value, int) else min(value, most)


def engine(folder: str, settings: dict[str, object]) -> None:
    """Start the engine in this process and print how it divided its cache."""
    from vllm import LLM, __version__  # noqa: PLC0415  # pyright: ignore[reportMissingImports]

    llm = LLM(
        model=folder,
        load_format="dummy",
        skip_tokenizer_init=True,
        enforce_eager=True,
        dtype="bfloat16",
        max_model_len=CONTEXT,
        max_num_batched_tokens=STEP,
        max_num_seqs=16,
        kv_cache_memory_bytes=SPACE,
        **{"block_size": BLOCK, "enable_prefix_caching": True, **settings},
    )
    core = llm.llm_engine.engine_core.engine_core
    config = core.vllm_config
    # The worker's: of mixed layers the scheduler keeps the first alone.
    cache = core.model_executor.collective_rpc(lambda worker: worker.model_runner.kv_cache_config)[0]
    groups: list[str] = []
    for group in cache.kv_cache_groups:
        spec, layers = group.kv_cache_spec, len(group.layer_names)
        kind = type(getattr(spec, "first_spec", spec)).__name__.removesuffix("Spec")
        page = spec.page_size_bytes
        held = -(-spec.max_memory_usage_bytes(config) // page)
        # Layers, borrowing ones too; tokens of a block; bytes of one in a layer, in all of them where they differ; and
        # blocks of a request as long as the context.
        groups.append(f"{kind}:{layers}:{spec.block_size}:{page}:{held}")
    said = {
        "version": __version__,
        "step": config.max_in_flight_tokens,
        "block": config.cache_config.block_size,
        "block_bytes": cache.kv_cache_tensors[0].size // cache.num_blocks,
        "blocks": cache.num_blocks,
        "tokens": config.cache_config.kv_cache_size_tokens,
        "groups": " ".join(groups),
    }
    print(_MARK + json.dumps(said), flush=True)


def measure(config: dict[str, object], settings: str) -> dict[str, object]:
    """What the engine says of a configuration, in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "config.json").write_text(json.dumps(config), encoding="utf-8")
        command = [sys.executable, __file__, "--engine", folder, settings]
        surroundings = os.environ | _VARIABLES
        done = subprocess.run(command, capture_output=True, text=True, timeout=_PATIENCE, env=surroundings, check=False)
    found = next((line for line in done.stdout.splitlines() if _MARK in line), "")
    if found:
        return json.loads(found.partition(_MARK)[2])
    sys.stderr.write(done.stdout + done.stderr)
    said = done.stderr.replace("[rank0]: ", "")
    errors = re.findall(r"^[\w.]+(?:Error|Exception)\b.*(?:\n {2}\S.*)*", said, re.MULTILINE)
    return {"refused": " ".join((errors or [said or "nothing"])[-1].partition(" [type=")[0].split())[:300]}


def main() -> None:
    """Measure the named kinds, or all."""
    configs, folder, named = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:] or list(KINDS)
    table, columns = folder.with_suffix(".csv"), [str(column) for column in _COLUMNS.split(",")]
    rows: dict[str, dict[str, object]] = {}
    if table.exists():
        with table.open(encoding="utf-8") as file:
            rows = {row["kind"]: dict(row) for row in csv.DictReader(file)}
    for name in named:
        kind, kept = KINDS[name], folder / f"{name}.json"
        source = configs / f"{kind.model.replace('/', '--')}_config.json"
        config = cut(kind, json.loads((source if source.exists() else kept).read_text(encoding="utf-8")))
        kept.write_text(json.dumps(config, indent=2, sort_keys=True) + "\n", encoding="utf-8")
        block = json.loads(kind.settings).get("block_size", BLOCK)
        asked = {"space": SPACE, "context": CONTEXT, "step": STEP, "asked": block, "settings": kind.settings}
        rows[name] = {
            "kind": name,
            "model": kind.model,
            "layers": kind.layers,
            **asked,
            **measure(config, kind.settings),
        }
        print(name, rows[name], flush=True)
        with table.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, columns, lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows[each] for each in KINDS if each in rows)


if __name__ == "__main__":
    if sys.argv[1] == "--engine":
        engine(sys.argv[2], json.loads(sys.argv[3]))
    else:
        main()
