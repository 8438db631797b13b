"""vLLM from 0.30.

Flags were read in the argument classes of vLLM 0.33.0 (``vllm/engine/arg_utils.py``,
``vllm/entrypoints/common/cli_args.py``); ``--shutdown-timeout`` exists since 0.18.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from functools import cache
from pathlib import Path

from ...contracts.serving import KvPrecision, Precision
from ...contracts.speculation import Eagle3Speculation, MtpSpeculation, NgramSpeculation, Speculation
from ...contracts.versions import VLLM
from ...planner.fabric_pods import expert_backend
from .adapter import EngineMetrics, EngineOptions, EngineServer, ServerRequest
from .option_values import OptionValue, read_values
from .vllm_options import CONFIG_KEYS, FREE_ARGUMENTS, NEEDED_ARGUMENTS, OWNED_ARGUMENTS

PORT = 8000
_HOME = "/tmp/home"  # noqa: S108 - a volume of the pod's own
# Metric names: vLLM documentation, production metrics; the label is model_name, not model.
METRICS = EngineMetrics(
    waiting="vllm:num_requests_waiting",
    running="vllm:num_requests_running",
    kv_usage="vllm:kv_cache_usage_perc",
    model_label="model_name",
)
# Checkpoints that carry their quantization in config.json are recognised by vLLM itself; only
# quantizing at load has to be asked for.
_DTYPES = {Precision.BF16: "bfloat16", Precision.FP16: "float16"}
OWNED_VARIABLES = frozenset(
    {
        # Address, port and the key that would lock the probes out.
        *("VLLM_API_KEY", "VLLM_HOST_IP", "VLLM_PORT", "VLLM_RPC_BASE_PATH", "VLLM_LOOPBACK_IP"),
        *("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"),
        # Endpoints that control the server, and code from requests.
        *("VLLM_SERVER_DEV_MODE", "VLLM_ALLOW_INSECURE_SERIALIZATION", "VLLM_ALLOW_RUNTIME_LORA_UPDATING"),
        *("VLLM_LORA_RESOLVER_CACHE_DIR", "VLLM_LORA_RESOLVER_HF_REPO_LIST", "VLLM_MEDIA_CONNECTOR"),
        # Code and libraries from elsewhere.
        *("VLLM_PLUGINS", "VLLM_LOGGING_CONFIG_PATH", "VLLM_CUDART_SO_PATH", "VLLM_NCCL_SO_PATH"),
        "VLLM_NCCL_INCLUDE_PATH",
        *("VLLM_RUST_FRONTEND_PATH", "VLLM_CUDA_COMPATIBILITY_PATH", "VLLM_MODEL_REDIRECT_PATH"),
        *("VLLM_TUNED_CONFIG_FOLDER", "VLLM_USE_MODELSCOPE", "VLLM_TARGET_DEVICE", "VLLM_TEST_FORCE_LOAD_FORMAT"),
        # Directories: the root of the file system is read-only.
        *("VLLM_CONFIG_ROOT", "VLLM_ASSETS_CACHE", "VLLM_MEDIA_CACHE", "VLLM_DEBUG_DUMP_PATH"),
        *("VLLM_XLA_CACHE_PATH", "VLLM_FLASHINFER_AUTOTUNE_CACHE_DIR"),
        "HF_ENDPOINT",
        # Parallelism and memory, which the plan decides.
        *("VLLM_DP_RANK", "VLLM_DP_RANK_LOCAL", "VLLM_DP_SIZE", "VLLM_DP_MASTER_IP", "VLLM_DP_MASTER_PORT"),
        *("VLLM_PP_LAYER_PARTITION", "VLLM_RAY_PER_WORKER_GPUS", "VLLM_RAY_BUNDLE_INDICES"),
        *("VLLM_RAY_DP_PLACEMENT_NODE_IPS", "VLLM_ALLOW_LONG_MAX_MODEL_LEN", "VLLM_KV_CACHE_LAYOUT"),
        "VLLM_MEMORY_PROFILER_ESTIMATE_CUDAGRAPHS",
        *("LOCAL_RANK", "RANK", "WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT"),
        # Usage reports leave the cluster.
        *("VLLM_USAGE_STATS_SERVER", "VLLM_DO_NOT_TRACK", "DO_NOT_TRACK"),
    }
)
"""Beside those that are set: they move the server, open it, load other code into it, or contradict its plan."""


@cache
def _values() -> Mapping[tuple[str, str], OptionValue]:
    return read_values(Path(__file__).with_name("vllm_values.csv"))


class VllmAdapter:
    """Writes vLLM's command line."""

    @property
    def options(self) -> EngineOptions:
        """The long options of the pinned release."""
        return EngineOptions(
            owned=OWNED_ARGUMENTS, free=FREE_ARGUMENTS, keys=CONFIG_KEYS, values=_values(), needs=NEEDED_ARGUMENTS
        )

    @property
    def owned_variables(self) -> Collection[str]:
        """Variables that nobody else may set."""
        return OWNED_VARIABLES | _environment().keys()

    def server(self, request: ServerRequest) -> EngineServer:
        """The container for this request."""
        return EngineServer(
            image=VLLM,
            command=("vllm", "serve", request.model_path, *_arguments(request), *request.further_arguments),
            environment={**_environment(), **dict(request.fabric.environment)},
            port=PORT,
            health_path="/health",
            ready_path="/v1/models",
            metrics_path="/metrics",
            metrics=METRICS,
        )


def _arguments(request: ServerRequest) -> tuple[str, ...]:
    plan, role = request.plan, request.role
    arguments = [
        # The first name is the one that metrics carry.
        "--served-model-name",
        request.served_name,
        plan.model,
        "--host=0.0.0.0",
        f"--port={PORT}",
        f"--dtype={_DTYPES.get(plan.precision, 'auto')}",
        f"--kv-cache-dtype={'fp8' if plan.kv_precision is KvPrecision.FP8 else 'auto'}",
        f"--tensor-parallel-size={role.tensor_parallel}",
        f"--pipeline-parallel-size={role.pipeline_parallel}",
        f"--max-model-len={plan.max_model_len}",
        f"--max-num-seqs={role.max_num_seqs}",
        f"--max-num-batched-tokens={role.max_num_batched_tokens}",
        f"--gpu-memory-utilization={plan.gpu_memory_utilization * plan.gpu_share:g}",
        # Answers under way are finished after SIGTERM; the default aborts them.
        f"--shutdown-timeout={request.drain.whole_seconds}",
        "--disable-access-log-for-endpoints=/health,/metrics,/v1/models",
    ]
    if plan.gpu_share < 1 and role.memory.kv_cache:
        # Its measurement of free memory would count what neighbours on the GPU take and give back meanwhile.
        arguments.append(f"--kv-cache-memory-bytes={int(role.memory.kv_cache)}")
    if plan.quantized_on_load:
        arguments.append(f"--quantization={plan.precision.value}")
    if role.data_parallel > 1:
        arguments.append(f"--data-parallel-size={role.data_parallel}")
    if role.expert_parallel:
        arguments.append("--enable-expert-parallel")
    backend = expert_backend(request.fabric, plan.engine, plan.engine_version, role)
    if backend is not None:
        arguments += [f"--all2all-backend={backend.backend}", *(["--enable-dbo"] if backend.overlap else [])]
    if plan.speculation is not None:
        drafts = _speculation(plan.speculation.asked, request.draft_path)
        arguments.append(f"--speculative-config={json.dumps(drafts, separators=(',', ':'))}")
    return tuple(arguments)


def _speculation(speculation: Speculation, draft_path: str) -> Mapping[str, str | int]:
    """``SpeculativeConfig`` in ``vllm/config/speculative.py``."""
    drafts: dict[str, str | int] = {"method": speculation.kind, "num_speculative_tokens": speculation.tokens}
    match speculation:
        case NgramSpeculation(longest_match=longest, shortest_match=shortest):
            drafts |= {"prompt_lookup_max": longest, "prompt_lookup_min": shortest}
        case Eagle3Speculation():
            drafts["model"] = draft_path
        case MtpSpeculation():
            pass
    return drafts


def _environment() -> dict[str, str]:
    return {
        "HOME": _HOME,
        # The image knows no user of our number, and torch asks for a name.
        "USER": "vllm",
        "HF_HUB_OFFLINE": "1",
        "TRANSFORMERS_OFFLINE": "1",
        "VLLM_NO_USAGE_STATS": "1",
        "VLLM_CACHE_ROOT": f"{_HOME}/vllm",
        "TORCHINDUCTOR_CACHE_DIR": f"{_HOME}/inductor",
        "TRITON_CACHE_DIR": f"{_HOME}/triton",
        # Limits against abuse that vLLM's security guide asks for.
        "VLLM_MEDIA_URL_ALLOW_REDIRECTS": "0",
        "VLLM_MAX_N_SEQUENCES": "64",
    }
