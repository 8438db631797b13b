"""Every option of ``vllm serve`` 0.33.0: those that users may add, and who decides the others.

Both together are the release: a test holds them against the options recorded from its wheel, so that an option of
a new release is classified before it can be used.
"""

from __future__ import annotations

from collections.abc import Mapping

_PLAN = "the plan decides it"
_MEMORY = "it changes the memory that the plan counted"
_NODES = "it concerns replicas over several nodes, which the plan decides"
_STRATA = "the Service, the probes, the metrics and the network policy depend on it"
_LOCKED = "it takes a secret in plain text, or locks the probes out"
_ANYTHING = "it can set every other option"
_CODE = "it loads code that came with no pinned image"
_CONTROL = "it lets everybody who can send a request control the server or read its files"
_OFFLINE = "servers have no way out of the cluster, and weights only from the catalog"

OWNED_ARGUMENTS: Mapping[str, str] = {
    **dict.fromkeys(
        (
            *("--model", "--dtype", "--quantization", "--quantization-config", "--tensor-parallel-size"),
            *("--pipeline-parallel-size", "--max-model-len", "--max-num-seqs", "--max-num-batched-tokens"),
            *("--max-num-active-seqs", "--max-num-scheduled-tokens", "--max-parallel-loading-workers"),
            *("--device-ids", "--runner", "--convert", "--hf-overrides", "--hf-config-path", "--load-format"),
            *("--model-loader-extra-config", "--pt-load-map-location", "--ignore-patterns", "--revision"),
            *("--speculative-config", "--spec-method", "--spec-model", "--spec-tokens", "--diffusion-config"),
            *("--mm-encoder-only", "--tokens-only", "--skip-tokenizer-init", "--kv-transfer-config"),
            *("--numa-bind", "--numa-bind-cpus", "--numa-bind-nodes", "--disable-sliding-window"),
            *("--engram-config", "--enable-chunked-prefill"),
        ),
        _PLAN,
    ),
    **dict.fromkeys(
        (
            *("--gpu-memory-utilization", "--device-memory-utilization", "--kv-cache-memory-bytes"),
            *("--kv-cache-dtype", "--kv-cache-dtype-skip-layers", "--num-gpu-blocks-override", "--block-size"),
            *("--cpu-offload-gb", "--cpu-offload-params", "--offload-backend", "--offload-group-size"),
            *("--offload-num-in-group", "--offload-params", "--offload-prefetch-step", "--kv-offloading-backend"),
            *("--kv-offloading-size", "--disable-hybrid-kv-cache-manager", "--mamba-block-size"),
            *("--mamba-cache-dtype", "--mamba-cache-mode", "--mamba-ssm-cache-dtype", "--mm-ipc-gpu-memory-gb"),
            *("--mm-processor-cache-gb", "--mm-processor-device", "--skip-mm-profiling", "--ec-manager-config"),
            *("--enable-lora", "--lora-modules", "--lora-dtype", "--lora-target-modules", "--default-mm-loras"),
            *("--max-loras", "--max-cpu-loras", "--max-lora-rank", "--max-lora-cls-labels"),
            *("--enable-tower-connector-lora", "--enable-moe-shared-loras", "--enable-mixed-moe-lora-format"),
            *("--fully-sharded-loras", "--specialize-active-lora", "--enable-shm-tensor-arena"),
            *("--enable-cumem-allocator", "--mm-shm-cache-max-object-size-mb", "--mm-encoder-tp-mode"),
            *("--renderer-num-workers", "--cudagraph-capture-sizes", "--max-cudagraph-capture-size"),
            # Shared memory, of which the pod has what the plan's parallelism needs.
            *("--mm-processor-cache-type", "--mm-tensor-ipc"),
        ),
        _MEMORY,
    ),
    **dict.fromkeys(
        (
            *("--data-parallel-size", "--data-parallel-size-local", "--data-parallel-rank", "--data-parallel-address"),
            *("--data-parallel-start-rank", "--data-parallel-rpc-port", "--data-parallel-backend"),
            *("--data-parallel-hybrid-lb", "--data-parallel-external-lb", "--data-parallel-multi-port-external-lb"),
            *("--data-parallel-supervisor-port", "--dp-supervisor-probe-failure-threshold", "--dp-sync-interval"),
            *("--dp-supervisor-probe-interval-s", "--dp-supervisor-probe-timeout-s", "--api-server-count"),
            *("--headless", "--nnodes", "--node-rank", "--master-addr", "--master-port"),
            *("--distributed-executor-backend", "--disable-nccl-for-dp-synchronization", "--enable-expert-parallel"),
            *("--all2all-backend", "--enable-ep-weight-filter", "--enable-eplb", "--eplb-config"),
            *("--expert-placement-strategy", "--enable-elastic-ep", "--elastic-ep-max-dp-size", "--enable-dbo"),
            *("--dbo-decode-token-threshold", "--dbo-prefill-token-threshold", "--ubatch-size"),
            *("--decode-context-parallel-size", "--prefill-context-parallel-size", "--cp-kv-cache-interleave-size"),
            *("--dcp-comm-backend", "--dcp-kv-cache-interleave-size", "--dcp-q-replicate", "--ec-transfer-config"),
            *("--enable-scale-out", "--enable-fault-tolerance", "--fault-tolerance-config", "--enable-hc-sp"),
            "--ray-workers-use-nsight",
        ),
        _NODES,
    ),
    **dict.fromkeys(
        (
            *("--host", "--port", "--uds", "--grpc", "--grpc-port", "--root-path", "--served-model-name"),
            *("--ssl-keyfile", "--ssl-certfile", "--ssl-ca-certs", "--ssl-cert-reqs", "--ssl-ciphers"),
            *("--enable-ssl-refresh", "--shutdown-timeout", "--disable-access-log-for-endpoints"),
            *("--disable-log-stats", "--show-hidden-metrics-for-version", "--watchdog-config"),
            "--kv-events-config",
        ),
        _STRATA,
    ),
    **dict.fromkeys(("--api-key", "--hf-token"), _LOCKED),
    **dict.fromkeys(("--config", "--additional-config"), _ANYTHING),
    **dict.fromkeys(
        (
            *("--trust-remote-code", "--code-revision", "--middleware", "--worker-cls", "--worker-extension-cls"),
            *("--scheduler-cls", "--logits-processors", "--io-processor-plugin", "--tool-parser-plugin"),
            *("--reasoning-parser-plugin", "--model-class-overrides", "--log-config-file", "--logging-config"),
        ),
        _CODE,
    ),
    **dict.fromkeys(
        (
            *("--allowed-local-media-path", "--enable-sleep-mode", "--sleep-mode-backend"),
            *("--sleep-mode-offload-cudagraph", "--sleep-preserve-parameter-names", "--weight-transfer-config"),
            *("--profiler-config", "--enable-tokenizer-info-endpoint", "--trust-request-chat-template"),
            *("--trust-request-mm-kwargs", "--enable-prompt-embeds", "--enable-mm-embeds", "--enable-trace-replay"),
            "--enable-nccl-comm-suspend",
        ),
        _CONTROL,
    ),
    **dict.fromkeys(
        (
            *("--download-dir", "--tokenizer", "--tokenizer-revision", "--tool-server", "--otlp-traces-endpoint"),
            *("--collect-detailed-traces", "--mm-encoder-fp8-scale-path", "--mm-encoder-fp8-scale-save-path"),
            "--mm-encoder-fp8-scale-save-margin",
        ),
        _OFFLINE,
    ),
}
"""Options that only Strata may write, and why."""

FREE_ARGUMENTS = frozenset(
    {
        # Answers: templates, tool calls, reasoning, sampling.
        *("--chat-template", "--chat-template-content-format", "--default-chat-template-kwargs", "--response-role"),
        *("--enable-auto-tool-choice", "--tool-call-parser", "--tool-strict-level", "--reasoning-parser"),
        *("--exclude-tools-when-tool-choice-none", "--reasoning-config", "--reasoning-effort-map"),
        *("--anthropic-disabled-thinking-effort", "--cohere-format", "--cohere-is-reasoning-model"),
        *("--structured-outputs-config", "--generation-config", "--override-generation-config", "--seed"),
        *("--max-logprobs", "--logprobs-mode", "--return-tokens-as-token-ids", "--return-sampling-mask"),
        *("--enable-force-include-usage", "--enable-prompt-tokens-details", "--enable-request-id-headers"),
        *("--enable-return-routed-experts", "--stream-interval", "--sse-keep-alive-interval", "--use-fp64-gumbel"),
        *("--pooler-config", "--aux-output-config", "--enable-per-request-metrics", "--watermark"),
        *("--watermark-config", "--fingerprint-mode", "--fingerprint-value", "--tokenizer-mode"),
        # Browsers and HTTP.
        *("--allow-credentials", "--allowed-headers", "--allowed-methods", "--allowed-origins"),
        *("--allowed-media-domains", "--disable-fastapi-docs", "--enable-offline-docs"),
        *("--h11-max-header-count", "--h11-max-incomplete-event-size"),
        # Logs and metrics.
        *("--log-level", "--uvicorn-log-level", "--log-error-stack", "--max-log-len", "--enable-log-deltas"),
        *("--enable-log-outputs", "--enable-log-requests", "--enable-logging-iteration-details"),
        *("--aggregate-engine-logging", "--disable-uvicorn-access-log", "--enable-server-load-tracking"),
        *("--cudagraph-metrics", "--custom-histogram-buckets", "--enable-mfu-metrics", "--kv-cache-metrics"),
        *("--kv-cache-metrics-sample", "--per-request-spec-decode-metrics", "--enable-layerwise-nvtx-tracing"),
        *("--jit-monitor-mode", "--jit-monitor-verbose", "--use-tqdm-on-load", "--fail-on-environ-validation"),
        # Images, sound and video.
        *("--language-model-only", "--limit-mm-per-prompt", "--media-io-kwargs", "--mm-processor-kwargs"),
        *("--mm-hasher-algorithm", "--mm-device-do-normalize"),
        *("--mm-encoder-attn-backend", "--mm-encoder-attn-dtype", "--interleave-mm-strings"),
        *("--disable-chunked-mm-input", "--video-pruning-method", "--video-pruning-rate"),
        # Scheduling and caching inside the planned memory.
        *("--async-scheduling", "--scheduling-policy", "--scheduler-reserve-full-isl"),
        *("--enable-prefix-caching", "--prefix-caching-hash-algo", "--prefix-cache-retention-interval"),
        *("--prefix-match-unit", "--prefill-schedule-interval", "--long-prefill-token-threshold"),
        *("--long-prefill-token-threshold-adaptive", "--max-num-queued-reqs", "--max-num-queued-tokens"),
        *("--kv-sharing-fast-prefill", "--swa-bounded-replay", "--replayssm-buffer-len", "--use-replayssm"),
        *("--enable-mamba-shared-prefix-checkpoint", "--enable-batch-sharded-sampling"),
        # Kernels and compilation.
        *("--attention-backend", "--attention-config", "--compilation-config", "--optimization-level"),
        *("--performance-mode", "--enforce-eager"),
        *("--disable-cascade-attn", "--disable-custom-all-reduce", "--enable-flashinfer-autotune"),
        *("--enable-flash-late-interaction", "--enable-mamba-cache-stochastic-rounding", "--mamba-backend"),
        *("--mamba-cache-philox-rounds", "--mamba-ssu-algorithm", "--gdn-prefill-backend", "--kda-decode-backend"),
        *("--kda-prefill-backend", "--kernel-config", "--linear-backend", "--moe-backend", "--monokernel"),
        *("--ir-op-priority", "--sparse-indexer-topk-backend"),
        # Loading.
        *("--config-format", "--model-impl", "--safetensors-load-strategy", "--safetensors-prefetch-block-size"),
        *("--safetensors-prefetch-num-threads", "--allow-deprecated-quantization"),
        *("--cpu-distributed-timeout-seconds", "--distributed-timeout-seconds"),
    }
)
"""Options that users may add: they change neither what was planned nor who can reach or read the server."""

NEEDED_ARGUMENTS: Mapping[str, str] = {
    "--enable-auto-tool-choice": "--tool-call-parser",
    "--enable-log-outputs": "--enable-log-requests",
}
"""``validate_parsed_serve_args`` in ``vllm/entrypoints/common/cli_args.py``."""

CONFIG_KEYS: Mapping[str, frozenset[str]] = {
    "--attention-config": frozenset(
        {
            *("backend", "backend_per_kind", "flash_attn_version", "flash_attn_max_num_splits_for_cuda_graph"),
            *("use_trtllm_attention", "disable_flashinfer_q_quantization", "mla_prefill_backend"),
            *("use_prefill_query_quantization", "trtllm_ragged_backend", "sparse_mla_force_mqa"),
            *("tokenspeed_mla_min_split_kv", "minimax_m3_msa_decode_backend", "flex_attn_block_m"),
            *("flex_attn_block_n", "flex_attn_q_block_size", "flex_attn_kv_block_size"),
        }
    ),
    "--aux-output-config": frozenset({"enable_return_routed_experts"}),
    "--compilation-config": frozenset(
        {
            *("mode", "custom_ops", "splitting_ops", "compile_mm_encoder", "compile_sizes", "cudagraph_mode"),
            *("compile_ranges_endpoints", "cudagraph_copy_inputs", "use_inductor_graph_partition", "pass_config"),
            *("dynamic_shapes_config", "fast_moe_cold_start", "ir_enable_torch_wrap"),
        }
    ),
    "--ir-op-priority": frozenset({"rms_norm", "fused_add_rms_norm", "gelu_and_mul_sparse"}),
    "--kernel-config": frozenset(
        {
            *("ir_op_priority", "enable_flashinfer_autotune", "enable_rocm_segmented_attn_autotune"),
            *("enable_cutedsl_warmup", "enable_jit_warmup", "monokernel", "moe_backend", "linear_backend"),
            *("sparse_indexer_topk_backend", "linear_backend_per_quant"),
        }
    ),
    "--pooler-config": frozenset(
        {
            *("task", "pooling_type", "seq_pooling_type", "tok_pooling_type", "use_activation", "dimensions"),
            *("enable_flash_late_interaction", "enable_chunked_processing", "max_embed_len", "logit_mean"),
            *("logit_sigma", "step_tag_id", "returned_token_ids"),
        }
    ),
    "--reasoning-config": frozenset({"reasoning_parser", "reasoning_start_str", "reasoning_end_str"}),
    "--structured-outputs-config": frozenset(
        {
            *("backend", "disable_any_whitespace", "disable_additional_properties", "enable_in_reasoning"),
            "reasoning_parser",
        }
    ),
}
"""Keys that users may write in free options that take an object; the others load code, name directories or change
the memory that the plan counted, such as ``reasoning_parser_plugin``, ``backend`` of a compilation, capture sizes."""
