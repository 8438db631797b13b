"""Transfer of a KV cache from prefill to decode workers."""

from __future__ import annotations

from .terms import ModelTerms

# Protocol overhead of RDMA and TCP alike; what NIXL and Mooncake report of line rate is 0.8 to 0.9.
_LINE_RATE_REACHED = 0.8


def kv_bytes(model: ModelTerms, tokens: float) -> float:
    """Bytes of the whole cache of one sequence of ``tokens`` tokens, over all GPUs without replicas."""
    windowed = min(tokens, model.window) * model.window_kv_bytes_per_token
    return tokens * model.kv_bytes_per_token + windowed + model.state_bytes_per_sequence


def kv_transfer(model: ModelTerms, input_tokens: float, bandwidth: float) -> float:
    """Seconds to transfer one prompt's cache at ``bandwidth`` bytes/s (all NICs of one replica together).

    Llama-3.1-70B, 8,192 tokens in 16 bits is 2.7 GB: 8 ms over 8 × 400 Gbit/s, 215 ms over 100 Gbit/s.
    Raises ValueError when there is no bandwidth.
    """
    if bandwidth <= 0:
        raise ValueError("a KV transfer needs a network with a bandwidth above 0")
    return kv_bytes(model, input_tokens) / (bandwidth * _LINE_RATE_REACHED)
