"""Speculative decoding: who drafts tokens for the model to verify, how many, and how many are assumed to be right.

How many drafts are accepted depends on what users ask, so it is a setting: an assumption that plans state, with which
tokens per step E = (1 - a^(k + 1)) / (1 - a) follow from k drafted ones (Leviathan et al. 2023).
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from .model import Contract
from .quantities import ByteSize
from .sources import Revision

Drafted = Annotated[int, Field(ge=1, le=16)]
"""Tokens drafted for each step."""
Acceptance = Annotated[float, Field(gt=0, lt=1)]
"""Probability that a drafted token is accepted once those before it are."""


class NgramSpeculation(Contract):
    """Drafts are copied from what followed the same tokens in the prompt: for answers that repeat it."""

    kind: Literal["ngram"]
    tokens: Drafted = 4
    """Tokens drafted for each step."""
    longest_match: Annotated[int, Field(ge=1, le=64)] = 4
    """Tokens at the end that are looked for at most."""
    shortest_match: Annotated[int, Field(ge=1, le=64)] = 2
    """Tokens at the end that are looked for at least."""
    acceptance: Acceptance = 0.3
    """Probability that a drafted token is accepted once those before it are; nothing is published that would hold for
    other prompts."""


class MtpSpeculation(Contract):
    """Drafts come from the prediction head of the model's own checkpoint."""

    kind: Literal["mtp"]
    tokens: Drafted = 1
    """Tokens drafted for each step; a head that predicts one runs again for each further one."""
    acceptance: Acceptance = 0.7
    """Probability that a drafted token is accepted once those before it are. DeepSeek-V3's report has 0.85 to 0.9 for
    one token; InferenceX measured 1.79, 2.27 and 2.49 tokens per step for 1 to 3 drafted by DeepSeek-V4-Pro."""


class Eagle3Speculation(Contract):
    """Drafts come from a head that was trained for the model and has a checkpoint of its own."""

    kind: Literal["eagle3"]
    model: Annotated[str, Field(min_length=1, max_length=200)]
    """Hugging Face id of the head, such as ``yuhuili/EAGLE3-LLaMA3.1-Instruct-8B``."""
    revision: Revision
    """Commit of its repository, 40 hexadecimal digits."""
    config_json: Annotated[str, Field(min_length=1, max_length=4096)]
    """Path of the head's ``config.json``, from which its size is worked out."""
    tokens: Drafted = 3
    """Tokens drafted for each step."""
    acceptance: Acceptance = 0.6
    """Probability that a drafted token is accepted once those before it are. With 7 drafted tokens
    vllm-project/vllm#26191 has 3.53 per step of Llama-3.1-8B on MT-Bench, with 6 vllm-project/vllm#24243 2.47 of
    MiniCPM."""


Speculation = Annotated[NgramSpeculation | MtpSpeculation | Eagle3Speculation, Field(discriminator="kind")]


class SpeculationPlan(Contract):
    """Speculative decoding of a plan, and what it takes and is assumed to give."""

    asked: Speculation
    tokens_per_step: Annotated[float, Field(ge=1)]
    """Tokens that a step yields on average, if the stated share of drafts is accepted."""
    weights: ByteSize
    """Of what drafts, on the fullest GPU; part of the plan's weights."""
    cache_per_token: ByteSize
    """Keys and values of what drafts, for each token, on the fullest GPU."""
    checkpoint: ByteSize
    """Of a head with a checkpoint of its own; 0 without one."""

    def __str__(self) -> str:
        speculation = self.asked
        return (
            f"{speculation.kind} drafts {speculation.tokens} tokens; assumed: each is accepted with probability "
            f"{speculation.acceptance:g} after those before it, {self.tokens_per_step:.2f} tokens per step"
        )
