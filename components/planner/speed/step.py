"""The time of one engine step, as a roofline whose terms add up.

A step decodes one token for every running sequence and, with chunked prefill, computes a share of the waiting
prompts. Its time is a sum of physical terms (bytes over bandwidth, FLOPs over peak, launches) times the
coefficients of ``efficiency``. What does not depend on the batch is worked out once per replica.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

from .collectives import all_reduce_bytes, all_to_all_bytes, stage_bytes
from .workload import Workload

FEATURES = (
    "weights read",
    "weights expanded",
    "KV cache read",
    "decode FLOPs",
    "prefill FLOPs",
    "bytes exchanged",
    "all-reduce hops",
    "kernel launches",
    "tokens permuted",
    "sequences scheduled",
)
"""Terms of a step: seconds at the data sheet's speed, except for hops, launches and sequences, which are counts."""

PREFILL_CHUNK = 8192
"""Prompt tokens that one step computes at most; vLLM's and SGLang's default on large GPUs."""


@dataclass(frozen=True, slots=True)
class Roofline:
    """A replica's step with everything worked out that no batch changes; seconds unless stated.

    A pipeline works on as many micro-batches as it has stages, and a token passes all stages, so that a
    token's time is that of all layers at a micro-batch.
    """

    workload: Workload
    dense: float
    dense_expanded: float
    experts: float
    miss: float
    """Probability that one token leaves an expert untouched."""
    cached_token: float
    window_token: float
    state: float
    token_flops: float
    cached_token_flops: float
    prefill_pair_flops: float
    exchanged_token: float
    permuted_token: float
    hops: float

    def sequence(self, context: float) -> tuple[float, float]:
        """Cache read and FLOPs of one sequence of ``context`` tokens."""
        window = min(context, self.workload.model.window)
        read = context * self.cached_token + window * self.window_token + self.state
        return read, self.token_flops + context * self.cached_token_flops

    def prompt_token(self, input_tokens: float) -> float:
        """FLOPs of one token of a prompt of ``input_tokens``, which sees half of the prompt on average."""
        return self.token_flops + input_tokens / 2 * self.prefill_pair_flops

    def touched(self, tokens: float, prefill_tokens: float, mixed: float) -> float:
        """Reading of the experts that ``tokens`` visit; a share ``mixed`` of steps carries all the prompt tokens."""
        if not self.experts:
            return 0.0
        alone = self.miss**tokens
        if mixed <= 0:
            return self.experts * (1 - alone)
        return self.experts * (1 - alone * (1 - mixed + mixed * self.miss ** (prefill_tokens / mixed)))

    def features(
        self, batch: float, input_tokens: float, context: float, load: PrefillLoad, width: int = 1
    ) -> tuple[float, ...]:
        """Values of ``FEATURES`` for ``batch`` running sequences of ``context`` cached tokens each.

        ``width`` tokens of every sequence are computed at once, as when drafted tokens are verified: weights and cache
        are read for all of them together.
        """
        w = self.workload
        micro, prompts = max(batch / w.pipeline_parallel, 1.0), load.tokens / w.pipeline_parallel
        sequences, own_prompts = max(micro / w.data_parallel, 1.0), prompts / w.data_parallel
        read, flops = self.sequence(context)
        experts = self.touched(micro * width, prompts, load.mixed)
        tokens = sequences * width + own_prompts
        return (
            self.dense + (0.0 if w.gpu.expands else experts),
            self.dense_expanded + (experts if w.gpu.expands else 0.0),
            sequences * read,
            sequences * width * flops,
            own_prompts * self.prompt_token(input_tokens),
            tokens * self.exchanged_token,
            self.hops,
            float(w.model.kernels),
            tokens * self.permuted_token,
            sequences,
        )


class PrefillLoad(NamedTuple):
    """Prompt tokens that ride on decode steps."""

    tokens: float = 0.0
    """Per step on average, in the whole replica."""
    mixed: float = 0.0
    """Share of steps that carry any."""


def steady_prefill(batch: float, input_tokens: float, output_tokens: float) -> PrefillLoad:
    """What a running request sees of others' prompts when each finished one is replaced at once.

    Of ``batch`` requests the others bring (batch - 1) × input / output prompt tokens per step, in chunks.
    """
    starts = max(batch - 1, 0.0) / max(output_tokens, 1.0)
    return PrefillLoad(starts * input_tokens, min(1.0, starts * max(1.0, input_tokens / PREFILL_CHUNK)))


def roofline(workload: Workload) -> Roofline:
    """The step of one replica."""
    model, gpu, tp = workload.model, workload.gpu, workload.tensor_parallel
    dense = model.dense_bytes / tp / gpu.bandwidth
    # Quantized models with experts keep most of the rest in 16 bit.
    expands_dense = gpu.expands and not model.experts
    dispatches = model.moe_layers > 0 and workload.expert_parallel and workload.data_parallel > 1
    exchanged = (
        2 * model.layers * all_reduce_bytes(model.hidden * model.activation_bytes, tp) / workload.group_bandwidth
    )
    if dispatches:
        message = all_to_all_bytes(1, model.hidden, model.active_experts, workload.expert_gpus)
        exchanged += model.moe_layers * message / workload.expert_bandwidth
    if workload.pipeline_parallel > 1:
        message = stage_bytes(workload.pipeline_parallel, model.hidden * model.activation_bytes)
        exchanged += message / workload.stage_bandwidth
    routed = model.moe_layers * model.active_experts * model.hidden * model.activation_bytes
    return Roofline(
        workload=workload,
        dense=0.0 if expands_dense else dense,
        dense_expanded=dense if expands_dense else 0.0,
        experts=model.expert_bytes / workload.expert_gpus / gpu.bandwidth,
        miss=1 - model.active_experts / model.experts if model.experts else 1.0,
        cached_token=model.kv_bytes_per_token * workload.kv_share / gpu.bandwidth,
        window_token=model.window_kv_bytes_per_token * workload.kv_share / gpu.bandwidth,
        # Recurrent states are read and written back.
        state=2 * model.state_bytes_per_sequence / tp / gpu.bandwidth,
        token_flops=2 * model.active_parameters / tp / gpu.flops,
        cached_token_flops=model.decode_attention_flops / tp / gpu.attention_flops,
        prefill_pair_flops=model.prefill_attention_flops / tp / gpu.attention_flops,
        exchanged_token=exchanged,
        permuted_token=routed / gpu.bandwidth,
        hops=2 * model.layers * math.log2(tp),
    )
