"""vLLM from 0.30.

Flags were read in the argument classes of vLLM 0.33.0 (``vllm/engine/arg_utils.py``,
``vllm/entrypoints/common/cli_args.py``); ``--shutdown-timeout`` exists since 0.18.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from ...contracts.serving import KvPrecision, Precision
from ...contracts.versions import VLLM
from .adapter import EngineMetrics, EngineServer, ServerRequest

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


_PLAN = "the plan decides it"
_STRATA = "Service, probes and network policy stand on it"
_LOCKED = "it takes a secret in plain text, or locks the probes out"
_ANYTHING = "it can set every other option"
OWNED_ARGUMENTS: Mapping[str, str] = {
    **dict.fromkeys(
        (
            *("--model", "--dtype", "--quantization", "--kv-cache-dtype", "--tensor-parallel-size"),
            *("--pipeline-parallel-size", "--max-model-len", "--max-num-seqs", "--max-num-batched-tokens"),
            *("--gpu-memory-utilization", "--device-memory-utilization", "--kv-cache-memory-bytes"),
            *("--data-parallel-size", "--data-parallel-size-local", "--data-parallel-rank", "--data-parallel-address"),
            *("--data-parallel-start-rank", "--data-parallel-rpc-port", "--data-parallel-backend"),
            *("--data-parallel-hybrid-lb", "--data-parallel-external-lb", "--api-server-count", "--headless"),
            *("--enable-expert-parallel", "--decode-context-parallel-size", "--prefill-context-parallel-size"),
            *("--nnodes", "--node-rank", "--master-addr", "--master-port", "--distributed-executor-backend"),
            *("--device-ids", "--kv-transfer-config", "--download-dir", "--revision"),
        ),
        _PLAN,
    ),
    **dict.fromkeys(
        (
            *("--host", "--port", "--uds", "--grpc", "--grpc-port", "--root-path", "--served-model-name"),
            *("--ssl-keyfile", "--ssl-certfile", "--ssl-ca-certs", "--ssl-cert-reqs", "--ssl-ciphers"),
            *("--enable-ssl-refresh", "--shutdown-timeout", "--disable-access-log-for-endpoints"),
        ),
        _STRATA,
    ),
    **dict.fromkeys(("--api-key", "--hf-token"), _LOCKED),
    "--config": _ANYTHING,
}
OWNED_VARIABLES = frozenset({"VLLM_API_KEY", "VLLM_HOST_IP", "VLLM_PORT", "HF_TOKEN", "CUDA_VISIBLE_DEVICES"})
"""Beside those that are set: they move the server, lock its probes out, or hand out GPUs again."""


class VllmAdapter:
    """Writes vLLM's command line."""

    @property
    def owned_arguments(self) -> Mapping[str, str]:
        """Long options that nobody else may write, with who decides them."""
        return OWNED_ARGUMENTS

    @property
    def owned_variables(self) -> Collection[str]:
        """Variables that nobody else may set."""
        return OWNED_VARIABLES | _environment().keys()

    def server(self, request: ServerRequest) -> EngineServer:
        """The container for this request."""
        return EngineServer(
            image=VLLM,
            command=("vllm", "serve", request.model_path, *_arguments(request), *request.further_arguments),
            environment={**_environment(), **dict(request.fabric_environment)},
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
        f"--gpu-memory-utilization={plan.gpu_memory_utilization:g}",
        # Answers under way are finished after SIGTERM; the default aborts them.
        f"--shutdown-timeout={request.drain.whole_seconds}",
        "--disable-access-log-for-endpoints=/health,/metrics,/v1/models",
    ]
    if role.data_parallel > 1:
        arguments.append(f"--data-parallel-size={role.data_parallel}")
    if role.expert_parallel:
        arguments.append("--enable-expert-parallel")
    return tuple(arguments)


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
