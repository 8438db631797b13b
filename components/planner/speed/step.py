"""The time of one engine step, as a roofline whose terms add up.

A step decodes one token for every running sequence and, with chunked prefill, computes a share of the waiting
prompts. Its time is a sum of physical terms (bytes over bandwidth, FLOPs over peak, launches) times the
coefficients of ``efficiency``. What does not depend on the batch is worked out once per replica.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from .collectives import all_reduce_bytes, all_to_all_bytes
from .efficiency import STEP
from .workload import Lengths, Workload

FEATURES = (
    "weights read",
    "KV cache read",
    "decode FLOPs",
    "prefill FLOPs",
    "bytes exchanged",
    "all-reduce launches",
    "all-to-all launches",
    "layer launches",
    "MoE layer launches",
    "sequences scheduled",
)
"""Terms of a step: seconds at the data sheet's speed for the first five, counts for the others."""


@dataclass(frozen=True, slots=True)
class Roofline:
    """A replica's step with everything worked out that no batch changes; seconds unless stated."""

    workload: Workload
    dense: float
    experts: float
    miss: float
    """Probability that one token leaves an expert untouched."""
    cached_token: float
    window_token: float
    state: float
    token_flops: float
    cached_token_flops: float
    prefill_pair_flops: float
    reduce_token: float
    expert_token: float
    reduces: int
    expert_launches: int

    def features(self, batch: float, context: float, prefill_tokens: float) -> tuple[float, ...]:
        """Values of ``FEATURES``.

        ``batch`` running sequences in the whole replica with ``context`` cached tokens each, and ``prefill_tokens``
        prompt tokens computed in the same step. A pipeline works on as many micro-batches as it has stages,
        and a token passes all stages, so that a token's time is that of all layers at a micro-batch.
        """
        w = self.workload
        model = w.model
        batch, prefill_tokens = max(batch / w.pipeline_parallel, 1.0), prefill_tokens / w.pipeline_parallel
        sequences, own_prefill = max(batch / w.data_parallel, 1.0), prefill_tokens / w.data_parallel
        touched = self.experts * (1 - self.miss ** (batch + prefill_tokens)) if self.experts else 0.0
        tokens = sequences + own_prefill
        return (
            self.dense + touched,
            sequences * (context * self.cached_token + min(context, model.window) * self.window_token + self.state),
            sequences * (self.token_flops + context * self.cached_token_flops),
            own_prefill * (self.token_flops + context / 2 * self.prefill_pair_flops),
            tokens * (self.reduce_token + self.expert_token),
            float(self.reduces),
            float(self.expert_launches),
            float(model.layers),
            float(model.moe_layers),
            sequences,
        )

    def seconds(self, batch: float, context: float, prefill_tokens: float = 0.0) -> float:
        """Time of one step; arguments as for ``features``."""
        values = self.features(batch, context, prefill_tokens)
        return sum(map(float.__mul__, STEP[self.workload.engine], values))


@lru_cache(maxsize=4096)
def roofline(workload: Workload) -> Roofline:
    """The step of one replica; cheap to ask for again."""
    model, gpu, tp = workload.model, workload.gpu, workload.tensor_parallel
    spread = workload.expert_gpus > 1 and model.moe_layers > 0
    exchanges_tokens = spread and workload.expert_parallel and workload.data_parallel > 1
    layer_message = model.hidden * model.activation_bytes
    return Roofline(
        workload=workload,
        dense=model.dense_bytes / tp / gpu.bandwidth,
        experts=model.expert_bytes / workload.expert_gpus / gpu.bandwidth,
        miss=1 - model.active_experts / model.experts if model.experts else 1.0,
        cached_token=model.kv_bytes_per_token * workload.kv_share / gpu.bandwidth,
        window_token=model.window_kv_bytes_per_token * workload.kv_share / gpu.bandwidth,
        state=model.state_bytes_per_sequence / tp / gpu.bandwidth,
        token_flops=2 * model.active_parameters / tp / gpu.flops,
        cached_token_flops=model.decode_attention_flops / tp / gpu.attention_flops,
        prefill_pair_flops=model.prefill_attention_flops / tp / gpu.attention_flops,
        reduce_token=2 * model.layers * all_reduce_bytes(layer_message, tp) / workload.group_bandwidth,
        expert_token=model.moe_layers
        * all_to_all_bytes(1, model.hidden, model.active_experts, workload.expert_gpus)
        / workload.expert_bandwidth
        if exchanges_tokens
        else 0.0,
        reduces=2 * model.layers if tp > 1 else 0,
        expert_launches=2 * model.moe_layers if spread and workload.expert_parallel else 0,
    )


def decode_step(workload: Workload, batch: float, context: float, prefill_tokens: float = 0.0) -> float:
    """Seconds of one step that decodes ``batch`` sequences of ``context`` tokens and computes ``prefill_tokens``."""
    return roofline(workload).seconds(batch, context, prefill_tokens)


def time_per_output_token(workload: Workload, batch: float, lengths: Lengths) -> float:
    """Seconds per output token with ``batch`` requests always running.

    In steady state every finished request is replaced by a prompt, so that each step also computes
    batch × input / output prompt tokens; half of the output is cached on average.
    """
    output = max(lengths.output_tokens, 1.0)
    return roofline(workload).seconds(batch, lengths.input_tokens + output / 2, batch * lengths.input_tokens / output)
