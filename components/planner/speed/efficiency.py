"""How far real engines stay behind the roofline, by engine.

Written by ``python -m benchmarks.planner_fit --write``; do not edit. Source: 3,263 aggregated runs of
aiconfigurator-core 0.12.0's ``silicon_sample.csv`` (Apache-2.0, mostly InferenceX), one robust non-negative fit.
Coefficients of the terms in seconds are times over the data sheet's speed; the others are seconds per all-reduce hop,
kernel launch, sequence and request. TEI, which was not measured, has what the others share.
"""

from __future__ import annotations

from ...contracts.serving import Engine

STEP: dict[Engine, tuple[float, ...]] = {
    Engine.VLLM: (
        1.077,  # weights read
        1.592,  # weights expanded
        1.321,  # KV cache read
        0.6632,  # decode FLOPs
        1.405,  # prefill FLOPs
        1.62,  # bytes exchanged
        4.063e-06,  # all-reduce hops
        4.042e-06,  # kernel launches
        9.449,  # tokens permuted
        8.213e-06,  # sequences scheduled
    ),
    Engine.SGLANG: (
        0.9654,  # weights read
        1.707,  # weights expanded
        1.348,  # KV cache read
        0.0,  # decode FLOPs
        0.8571,  # prefill FLOPs
        1.499,  # bytes exchanged
        3.162e-06,  # all-reduce hops
        3.844e-06,  # kernel launches
        18.35,  # tokens permuted
        1.89e-05,  # sequences scheduled
    ),
    Engine.TENSORRT_LLM: (
        0.9638,  # weights read
        1.942,  # weights expanded
        1.225,  # KV cache read
        0.8427,  # decode FLOPs
        1.634,  # prefill FLOPs
        2.195,  # bytes exchanged
        2.64e-06,  # all-reduce hops
        3.813e-06,  # kernel launches
        9.377,  # tokens permuted
        1.081e-05,  # sequences scheduled
    ),
    Engine.TEI: (
        1.02,  # weights read
        1.707,  # weights expanded
        1.357,  # KV cache read
        0.4298,  # decode FLOPs
        1.389,  # prefill FLOPs
        1.866,  # bytes exchanged
        3.344e-06,  # all-reduce hops
        3.907e-06,  # kernel launches
        10.83,  # tokens permuted
        1.118e-05,  # sequences scheduled
    ),
}
"""Coefficients in the order of ``step.FEATURES``."""

TTFT: dict[Engine, tuple[float, ...]] = {
    Engine.VLLM: (
        1.786,  # own prompt
        0.05355,  # prompts ahead
        2.681,  # decode steps
        0.01792,  # wait for a place
        0.004987,  # request handling
    ),
    Engine.SGLANG: (
        1.862,  # own prompt
        0.08208,  # prompts ahead
        6.037,  # decode steps
        0.005122,  # wait for a place
        0.05825,  # request handling
    ),
    Engine.TENSORRT_LLM: (
        1.873,  # own prompt
        0.05012,  # prompts ahead
        4.034,  # decode steps
        0.003277,  # wait for a place
        0.0136,  # request handling
    ),
    Engine.TEI: (
        1.922,  # own prompt
        0.05485,  # prompts ahead
        3.507,  # decode steps
        0.006366,  # wait for a place
        0.006428,  # request handling
    ),
}
"""Coefficients in the order of ``prefill.TTFT_FEATURES``."""
