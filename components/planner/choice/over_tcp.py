"""Replicas that reach other nodes over the ordinary network: whether a request may have them, and what they cost.

They run, slowly and without an error, so that nobody gets them without saying so. What they cost is told in the terms
of ``planner.speed``: the same replica, with a fast card for each GPU and with what the pool has.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from ...contracts.serving import Topology
from ..memory.layout import Layout
from ..rules import Violation
from ..speed import Lengths, kv_transfer, time_per_output_token, ttft_band
from ..speed.terms import Links
from .fit import Fit
from .pools import LEAST_GBPS, GpuPool
from .question import Question
from .work import work_of

_CARD_GBPS = 400
"""Of one card for each GPU, as HGX and DGX machines with H100 have them."""
FIELD = "over_tcp"
_BATCH = 8
"""Requests running at once, for which times are compared."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Crossing:
    """A replica whose GPUs would talk to other nodes over TCP, without the request's consent."""

    cause: str
    consequence: str
    slowdown: float
    """Time of a token over that with a fast card for each GPU; for a split server, of a cache's way."""


def crosses(layout: Layout, pool: GpuPool, topology: Topology | None) -> bool:
    """Whether GPUs of that layout talk over the ordinary network."""
    if pool.place.rdma:
        return False
    joined = max(pool.place.gpus_per_node, pool.place.nvlink_domain)
    return layout.gpus > joined or topology is Topology.DISAGGREGATED


def shared_cards(layout: Layout, pool: GpuPool) -> Violation | None:
    """Whether pods would share a node whose cards are handed out together, to one pod."""
    per_node, fabric = pool.place.gpus_per_node, pool.facts.fabric
    if not fabric.takes_whole_nodes or layout.gpus % per_node == 0:
        return None
    return Violation(
        field="tensor_parallel",
        cause=f"prefill and decode of {layout} take {layout.gpus} GPUs, and a node of pool {pool.facts.name} hands all "
        f"{fabric.transport.value} cards of its {per_node} GPUs to one pod",
        consequence="the second pod of a node would find no card and stay pending",
    )


def unasked(question: Question, sized: Fit, pool: GpuPool) -> Crossing | None:
    """What it would cost where the request does not say that it may; None where it does, or nothing crosses."""
    request = question.request
    if request.over_tcp or not crosses(sized.layout, pool, request.topology):
        return None
    have = pool.fabric_bytes_per_second
    fast = _CARD_GBPS / 8 * 1e9
    if request.topology is Topology.DISAGGREGATED:
        said, slowdown = _handed_over(question, sized, pool, have, fast)
    else:
        said, slowdown = _computed(question, sized, pool, fast)
    return Crossing(
        cause=f"{_what(question, sized, pool)}, whose nodes have no RDMA: each GPU has {_rate(have)} GB/s to other "
        f"nodes over TCP, where a card of {_CARD_GBPS} Gbit/s for each has {_rate(fast)}" + _assumed(pool),
        consequence=said,
        slowdown=slowdown,
    )


def _what(question: Question, sized: Fit, pool: GpuPool) -> str:
    if question.request.topology is Topology.DISAGGREGATED:
        return f"prefill would hand its cache to decode between pods of pool {pool.facts.name}"
    nodes = math.ceil(sized.layout.gpus / pool.place.gpus_per_node)
    return f"a replica of {sized.layout} would span {nodes} nodes of pool {pool.facts.name}"


def _assumed(pool: GpuPool) -> str:
    return "" if pool.network_is_known else f" ({LEAST_GBPS:g} Gbit/s of a node assumed, as nobody knows its network)"


def _computed(question: Question, sized: Fit, pool: GpuPool, fast: float) -> tuple[str, float]:
    lengths = Lengths(float(question.input_tokens), float(question.output_tokens))
    batch = min(_BATCH, max(1, sized.batch))

    def times(links: Links) -> tuple[float, float]:
        work = work_of(question, sized, pool, links)
        return time_per_output_token(work, batch, lengths), ttft_band(work, batch, lengths).low

    token, first = times(pool.links)
    fast_token, fast_first = times(replace(pool.links, fabric=fast))
    said = (
        f"with {batch} requests running a token would take {_milliseconds(token)} ms instead of "
        f"{_milliseconds(fast_token)} ({token / fast_token:.1f} times), and the first one "
        f"{_milliseconds(first)} ms instead of {_milliseconds(fast_first)}"
    )
    return said, token / fast_token


def _handed_over(question: Question, sized: Fit, pool: GpuPool, have: float, fast: float) -> tuple[str, float]:
    work = work_of(question, sized, pool)
    gpus, tokens = sized.layout.gpus, float(question.input_tokens)
    quick = kv_transfer(work.model, tokens, fast * gpus)
    slow = kv_transfer(work.model, tokens, have * gpus)
    said = (
        f"the cache of a prompt of {question.input_tokens} tokens would take {_milliseconds(slow)} ms on its way "
        f"instead of {_milliseconds(quick)} ({slow / quick:.0f} times), and the first token as much longer; NVIDIA saw "
        "98 s instead of 0.2 to 0.5 s (Dynamo 1.2, disaggregated communication)"
    )
    return said, slow / quick


def _milliseconds(seconds: float) -> str:
    return f"{seconds * 1e3:.3g}" if seconds < 1 else f"{seconds * 1e3:,.0f}"


def _rate(bytes_per_second: float) -> str:
    return f"{bytes_per_second / 1e9:.3g}"
