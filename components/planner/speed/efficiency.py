"""How far real engines stay behind the roofline, by engine.

Written by ``python -m benchmarks.planner_fit --write``; do not edit. Source: 3,515 aggregated runs of
aiconfigurator-core 0.12.0's ``silicon_sample.csv`` (Apache-2.0, mostly InferenceX), one robust non-negative fit.
Coefficients of the terms in seconds are times over the data sheet's speed; the others are seconds per all-reduce hop,
kernel launch, sequence and request. TEI, which was not measured, has what the others share.
"""

from __future__ import annotations

from ...contracts.serving import Engine

STEP: dict[Engine, tuple[float, ...]] = {
    Engine.VLLM: (
        1.132,  # weights read
        1.551,  # weights expanded
        1.367,  # KV cache read
        1.21,  # decode FLOPs
        1.351,  # prefill FLOPs
        1.752,  # bytes exchanged
        4.115e-06,  # all-reduce hops
        3.999e-06,  # kernel launches
        9.448,  # tokens permuted
        9.089e-06,  # sequences scheduled
    ),
    Engine.SGLANG: (
        1.003,  # weights read
        1.671,  # weights expanded
        1.358,  # KV cache read
        0.0,  # decode FLOPs
        0.8164,  # prefill FLOPs
        1.567,  # bytes exchanged
        3.284e-06,  # all-reduce hops
        3.796e-06,  # kernel launches
        19.57,  # tokens permuted
        1.859e-05,  # sequences scheduled
    ),
    Engine.TENSORRT_LLM: (
        0.997,  # weights read
        1.883,  # weights expanded
        1.21,  # KV cache read
        0.8751,  # decode FLOPs
        1.583,  # prefill FLOPs
        2.264,  # bytes exchanged
        2.751e-06,  # all-reduce hops
        3.711e-06,  # kernel launches
        8.735,  # tokens permuted
        1.058e-05,  # sequences scheduled
    ),
    Engine.TEI: (
        1.066,  # weights read
        1.671,  # weights expanded
        1.364,  # KV cache read
        0.6069,  # decode FLOPs
        1.347,  # prefill FLOPs
        1.957,  # bytes exchanged
        3.47e-06,  # all-reduce hops
        3.845e-06,  # kernel launches
        10.83,  # tokens permuted
        1.129e-05,  # sequences scheduled
    ),
}
"""Coefficients in the order of ``step.FEATURES``."""

TTFT: dict[Engine, tuple[float, ...]] = {
    Engine.VLLM: (
        1.79,  # own prompt
        0.05356,  # prompts ahead
        2.562,  # decode steps
        0.7197,  # wait for a place
        0.005059,  # request handling
    ),
    Engine.SGLANG: (
        1.842,  # own prompt
        0.07698,  # prompts ahead
        5.909,  # decode steps
        1.243,  # wait for a place
        0.05913,  # request handling
    ),
    Engine.TENSORRT_LLM: (
        1.864,  # own prompt
        0.05137,  # prompts ahead
        4.022,  # decode steps
        0.5178,  # wait for a place
        0.01362,  # request handling
    ),
    Engine.TEI: (
        1.92,  # own prompt
        0.05506,  # prompts ahead
        3.403,  # decode steps
        0.6242,  # wait for a place
        0.006451,  # request handling
    ),
}
"""Coefficients in the order of ``prefill.TTFT_FEATURES``."""

GPUS = ("B200", "B300", "H100-SXM", "H200")
"""Those with at least 20 rows."""

ERRORS: dict[Engine, float] = {
    Engine.VLLM: 0.11,
    Engine.SGLANG: 0.13,
    Engine.TENSORRT_LLM: 0.13,
}
"""Median error of the time per output token on families that were left out of the fit, by engine."""
