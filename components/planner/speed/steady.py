"""A replica under constant load: the step's terms collapsed into a few numbers, that are cheap to evaluate."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from .efficiency import STEP
from .step import PrefillLoad, Roofline, roofline, steady_prefill
from .workload import Lengths, Workload


@dataclass(frozen=True, slots=True)
class Steady:
    """One replica that serves requests of given lengths; seconds unless stated."""

    roofline: Roofline
    lengths: Lengths
    fixed: float
    per_sequence: float
    per_prompt_token: float
    expert_slowdown: float
    """Time to read experts, over that at the data sheet's bandwidth."""

    def step(self, batch: float, load: PrefillLoad) -> float:
        """Time of a step that decodes ``batch`` requests and computes a share of prompts."""
        w = self.roofline.workload
        micro, prompts = max(batch / w.pipeline_parallel, 1.0), load.tokens / w.pipeline_parallel
        time = self.fixed + max(micro / w.data_parallel, 1.0) * self.per_sequence
        time += prompts / w.data_parallel * self.per_prompt_token
        drafts = w.drafting
        read = self.roofline.touched(micro * (1 + drafts.tokens), prompts, load.mixed)
        if drafts.share:
            read += drafts.tokens * drafts.share * self.roofline.touched(micro, 0.0, 0.0)
        return time + self.expert_slowdown * read

    def decode(self, batch: float) -> float:
        """Time of a step with ``batch`` requests always running."""
        tokens = self.roofline.workload.drafting.tokens_per_step
        return self.step(batch, steady_prefill(batch, self.lengths.input_tokens, self.lengths.output_tokens / tokens))

    def tpot(self, batch: float) -> float:
        """Time per output token with ``batch`` requests always running."""
        return self.decode(batch) / self.roofline.workload.drafting.tokens_per_step

    def prompt_step(self, micro_batches: int = 1) -> float:
        """Time of a step with one whole prompt and nothing else, in ``micro_batches`` chunks that fill the pipeline."""
        w = self.roofline.workload
        tokens = self.lengths.input_tokens * w.data_parallel * w.pipeline_parallel
        # A prompt's chunks pass p stages in m + p - 1 of the m × p turns that ``step`` counts for all layers.
        stages = w.pipeline_parallel
        return self.step(1, PrefillLoad(tokens, 1.0)) * (micro_batches + stages - 1) / (micro_batches * stages)


@lru_cache(maxsize=16384)
def steady(workload: Workload, lengths: Lengths) -> Steady:
    """The roofline of ``workload`` at these lengths with its engine's coefficients."""
    return collapse(roofline(workload), lengths, STEP[workload.engine])


def collapse(line: Roofline, lengths: Lengths, coefficients: tuple[float, ...]) -> Steady:
    """Multiply a roofline by the coefficients of ``FEATURES`` and add up what grows alike."""
    read, expand, cache, decode, prefill, exchange, hop, launch, permute, schedule = coefficients
    workload = line.workload
    context = lengths.input_tokens + lengths.output_tokens / 2
    cache_read, flops = line.sequence(context)
    per_token = exchange * line.exchanged_token + permute * line.permuted_token
    fixed = read * line.dense + expand * line.dense_expanded + hop * line.hops + launch * workload.model.kernels
    drafts, one = workload.drafting, decode * flops + per_token
    # Drafted tokens are verified together, so that weights and cache are read once; each takes a pass of what drafts.
    passes = drafts.tokens * drafts.share
    return Steady(
        roofline=line,
        lengths=lengths,
        fixed=fixed * (1 + passes),
        per_sequence=cache * cache_read * (1 + passes) + one * (1 + drafts.tokens + passes) + schedule,
        per_prompt_token=prefill * line.prompt_token(lengths.input_tokens) + per_token,
        expert_slowdown=expand if workload.gpu.expands else read,
    )


def time_per_output_token(workload: Workload, batch: float, lengths: Lengths) -> float:
    """Seconds per output token with ``batch`` requests always running.

    In steady state every finished request is replaced by a prompt, part of which each step computes; half of
    the output is cached on average.
    """
    return steady(workload, lengths).tpot(batch)


def decode_step(workload: Workload, batch: float, context: float, prefill_tokens: float = 0.0) -> float:
    """Seconds of one step that decodes ``batch`` sequences of ``context`` tokens and computes ``prefill_tokens``."""
    return steady(workload, Lengths(context, 0.0)).step(batch, PrefillLoad(prefill_tokens, float(prefill_tokens > 0)))
