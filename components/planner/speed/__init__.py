"""How fast a replica is, how many are needed, and what its tokens cost.

All times in seconds, sizes in bytes, speeds in bytes/s and FLOP/s. The formulas are in the modules; the coefficients
that tie them to measured deployments are in ``efficiency``.
"""

from .batch import largest_batch
from .cost import cost_per_hour, cost_per_million_tokens
from .prefill import Band, prefill, ttft_band
from .queueing import Load, replicas_for
from .steady import decode_step, time_per_output_token
from .terms import GpuTerms, ModelTerms
from .transfer import kv_bytes, kv_transfer
from .workload import Lengths, Workload

__all__ = [
    "Band",
    "GpuTerms",
    "Lengths",
    "Load",
    "ModelTerms",
    "Workload",
    "cost_per_hour",
    "cost_per_million_tokens",
    "decode_step",
    "kv_bytes",
    "kv_transfer",
    "largest_batch",
    "prefill",
    "replicas_for",
    "time_per_output_token",
    "ttft_band",
]
