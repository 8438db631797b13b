"""How many replicas a stream of requests needs.

Requests arrive at random (Poisson). A replica that runs B requests at once finishes B per residence time; its load
stays at or below ``MAX_UTILIZATION``, and few requests wait longer than the TTFT target leaves room for.
For a fixed number of replicas every condition only gets harder with more traffic, so that more traffic never
lowers the answer.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from ...contracts.serving import Targets
from .batch import largest_steady
from .prefill import SPREAD, Band, band, prompt_occupancy, prompt_time, ttft_middle
from .steady import Steady, steady
from .workload import Lengths, Workload

MAX_UTILIZATION = 0.75
"""Above it waiting times explode: the wait of an M/M/1 queue is rho / (1 - rho) service times."""
_MAY_WAIT_TOO_LONG = 0.05
_PROMPT_CV2 = 1.0
"""Squared coefficient of variation of prefill times: prompts as varied as an exponential distribution."""
# With so many servers at 75 % load Erlang's C is below 1e-9.
_NEVER_WAITS = 500
MAX_REPLICAS = 1_000_000
_SECANTS = 20
_CLOSE = 1e-3


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """A fleet under a given traffic; times in seconds."""

    replicas: int
    batch: float
    """Mean requests running in each replica, from Little's law."""
    batch_limit: int
    """Most requests that each replica runs at once."""
    utilization: float
    """Part of its capacity that each replica works at."""
    tpot: float
    ttft: Band
    prefill_wait: float
    """Mean wait for the prompts ahead, M/G/1."""
    waits: float
    """Probability that a request finds all places taken, Erlang C."""
    output_tokens_per_second: float
    """Of all replicas at the given traffic."""


@dataclass(frozen=True, slots=True)
class _Server:
    """One replica at its largest batch."""

    batch: int
    rate: float
    prefill: float
    first_token: float


def erlang_c(servers: int, offered: float) -> float:
    """Probability that an arrival waits, with ``offered`` = arrival rate × service time; 1 when overloaded."""
    if offered >= servers:
        return 1.0
    if servers > _NEVER_WAITS and offered <= MAX_UTILIZATION * servers:
        return 0.0
    blocked = 1.0
    for n in range(1, servers + 1):
        blocked = offered * blocked / (n + offered * blocked)
    return servers * blocked / (servers - offered * (1 - blocked))


def prefill_wait(rate: float, seconds: float) -> float:
    """Mean M/G/1 wait of prompts that arrive at ``rate`` and take ``seconds`` each: Pollaczek-Khinchine."""
    rho = rate * seconds
    return math.inf if rho >= 1 else rho * seconds * (1 + _PROMPT_CV2) / (2 * (1 - rho))


def little_batch(at: Steady, rate: float, limit: float) -> float:
    """Mean requests in one replica: the fixed point of B = rate × (prefill + output × TPOT(B)), at most ``limit``."""
    alone, output = prompt_time(at), at.lengths.output_tokens

    def surplus(batch: float) -> float:
        return batch - rate * (alone + output * at.tpot(batch))

    low, high = 0.0, float(limit)
    below, above = surplus(low), surplus(high)
    if above <= 0:
        return high
    # TPOT is nearly linear in the batch, so that a few secants from both ends meet.
    for _ in range(_SECANTS):
        batch = low - below * (high - low) / (above - below)
        value = surplus(batch)
        if value > 0:
            high, above, below = batch, value, below / 2
        else:
            low, below, above = batch, value, above / 2
        if abs(value) <= _CLOSE * batch:
            return batch
    return high


def _enough(replicas: int, rate: float, server: _Server, ttft: float | None) -> bool:
    per_replica = rate / replicas
    if per_replica > MAX_UTILIZATION * server.rate or per_replica * server.prefill > MAX_UTILIZATION:
        return False
    if ttft is None:
        return True
    room = ttft - server.first_token - prefill_wait(per_replica, server.prefill)
    late = erlang_c(replicas, rate / server.rate) * math.exp(-(replicas * server.rate - rate) * max(room, 0.0))
    return room >= 0 and late <= _MAY_WAIT_TOO_LONG


def _fewest(rate: float, server: _Server, ttft: float | None) -> int:
    # Below this number the utilization limits fail, which spares most of the search.
    least = rate / MAX_UTILIZATION * max(1 / server.rate, server.prefill)
    if least > MAX_REPLICAS:
        return 0
    good = max(1, math.ceil(least))
    bad = good - 1
    while not _enough(good, rate, server, ttft):
        bad, good = good, good * 2
        if good > MAX_REPLICAS:
            return 0
    while good - bad > 1:
        middle = (bad + good) // 2
        bad, good = (bad, middle) if _enough(middle, rate, server, ttft) else (middle, good)
    return good


def replicas_for(workload: Workload, limit: int, rate: float, lengths: Lengths, targets: Targets) -> Load | None:
    """Fewest equal replicas for ``rate`` requests/s under both targets.

    ``limit`` is what memory and ``max_num_seqs`` allow in one replica. None when no number of replicas will do.
    """
    at = steady(workload, lengths)
    batch = largest_steady(at, limit, targets)
    if batch == 0:
        return None
    residence = prompt_time(at) + lengths.output_tokens * at.tpot(batch)
    occupied = prompt_occupancy(at)
    server = _Server(batch, batch / residence, occupied, ttft_middle(at, 1) / SPREAD)
    replicas = _fewest(rate, server, targets.ttft)
    if replicas == 0:
        return None
    per_replica = rate / replicas
    running = little_batch(at, per_replica, batch)
    return Load(
        replicas=replicas,
        batch=running,
        batch_limit=batch,
        utilization=per_replica / server.rate,
        tpot=at.tpot(running),
        ttft=band(ttft_middle(at, running)),
        prefill_wait=prefill_wait(per_replica, occupied),
        waits=erlang_c(replicas, rate / server.rate),
        output_tokens_per_second=rate * lengths.output_tokens,
    )
