"""How many replicas a traffic needs, how fast they are, and what they cost.

Everything measured in seconds comes from ``planner.speed``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

from ...contracts.quantities import Duration
from ...contracts.serving import Cost, Performance, Targets, Topology
from ..speed import (
    Lengths,
    Workload,
    cost_per_hour,
    cost_per_million_tokens,
    largest_batch,
    replicas_for,
    time_per_output_token,
    ttft_band,
)
from ..speed.pipeline import Occupancy, decoding, one_prompt
from .disaggregated import split
from .fit import Fit
from .pools import GpuPool
from .question import Question
from .work import work_of

_LONGEST = 365 * 86400.0
"""Upper limit of durations, far beyond any useful response time."""


class Speed(NamedTuple):
    """What replicas do, in seconds, tokens and requests; a plan's performance before it is a contract."""

    ttft_low: float
    ttft_high: float
    tpot: float
    output_tokens_per_second: float
    requests_per_second: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Fleet:
    """Equal replicas of one fit on one pool."""

    fit: Fit
    pool: GpuPool
    nodes_per_replica: int
    topology: Topology
    replicas: int
    """Spares included; of decode where the roles are split."""
    prefill_replicas: int
    """Replicas that only prefill; 0 where the roles are not split."""
    running: float
    """Requests that run in each replica at the planned load, on average; of decode where the roles are split."""
    speed: Speed
    input_tokens: int
    because: str
    """Why so many replicas."""
    missed: str
    """Setting whose target or load the replicas do not meet; empty when they meet all."""
    missed_because: str

    @property
    def gpus(self) -> int:
        """GPUs of all replicas."""
        return (self.replicas + self.prefill_replicas) * self.fit.layout.gpus

    @property
    def hourly(self) -> float | None:
        """US dollars per hour; None where the price is not known."""
        return cost_per_hour(self.pool.gpu_price, self.gpus)

    @property
    def performance(self) -> Performance:
        """The speed as plans have it; made only of what is shown, as most options are not."""
        speed = self.speed
        return Performance(
            ttft_low=Duration(speed.ttft_low),
            ttft_high=Duration(speed.ttft_high),
            tpot=Duration(speed.tpot),
            output_tokens_per_second=speed.output_tokens_per_second,
            requests_per_second=speed.requests_per_second,
        )

    @property
    def cost(self) -> Cost:
        """What all replicas cost, as plans have it."""
        price = self.pool.machine.price if self.pool.machine else None
        return Cost(
            per_hour=self.hourly,
            per_million_output_tokens=cost_per_million_tokens(self.hourly, self.speed.output_tokens_per_second),
            priced_on=f"{price.date}, {price.region}, {price.source}" if price else None,
        )

    @property
    def chunks(self) -> int:
        """Parts in which a prompt of the planned length is computed."""
        return math.ceil(self.input_tokens / max(1, self.fit.limits.max_num_batched_tokens))

    def occupancy(self, *, prefills: bool = False) -> Occupancy | None:
        """How full the stages are, in replicas that only prefill or in the others; None without stages."""
        stages = self.fit.layout.pipeline_parallel
        if stages == 1:
            return None
        return one_prompt(stages, self.chunks) if prefills else decoding(stages, self.fit.spec.layers, self.running)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Sizing:
    replicas: int
    batch: float
    """Mean requests running in each replica."""
    rate: float | None
    """Requests per second that the traffic brings; None for what the replicas can do."""
    because: str
    missed: str = ""
    missed_because: str = ""


def fleet(question: Question, sized: Fit, pool: GpuPool, nodes: int) -> Fleet:
    """Replicas for the request's traffic, or as many as the user fixed; one when neither is known."""
    work = work_of(question, sized, pool)
    lengths = Lengths(float(question.input_tokens), float(question.output_tokens))
    sizing = _sizing(question, work, sized.batch, lengths)
    replicas = sizing.replicas + question.request.spare_replicas
    return Fleet(
        fit=sized,
        pool=pool,
        nodes_per_replica=nodes,
        topology=Topology.MULTI_NODE if nodes > 1 else Topology.REPLICATED,
        replicas=replicas,
        prefill_replicas=0,
        running=sizing.batch,
        speed=_speed(work, sizing, lengths),
        input_tokens=question.input_tokens,
        because=sizing.because,
        missed=sizing.missed,
        missed_because=sizing.missed_because,
    )


def split_fleet(question: Question, sized: Fit, pool: GpuPool, nodes: int) -> Fleet:
    """Prefill and decode replicas of the same layout."""
    request = question.request
    work = work_of(question, sized, pool)
    lengths = Lengths(float(question.input_tokens), float(question.output_tokens))
    rate = request.traffic.rate if request.traffic else None
    bandwidth = pool.fabric_bytes_per_second * sized.layout.gpus
    parts = split(work, sized.batch, rate, lengths, request.targets, bandwidth)
    decodes, missed, why = parts.decode, parts.missed, parts.missed_because
    if request.replicas is not None:
        decodes = request.replicas
        if decodes < parts.decode and not missed:
            missed, why = "replicas", f"the traffic needs {parts.decode} decode replicas, not {decodes}"
    decodes += request.spare_replicas
    prefills = parts.prefill + request.spare_replicas
    done = rate or decodes * max(1.0, parts.batch) / (lengths.output_tokens * parts.tpot)
    speed = Speed(
        ttft_low=_rounded(parts.ttft_low),
        ttft_high=_rounded(parts.ttft_high),
        tpot=_rounded(parts.tpot),
        output_tokens_per_second=done * lengths.output_tokens,
        requests_per_second=done,
    )
    return Fleet(
        fit=sized,
        pool=pool,
        nodes_per_replica=nodes,
        topology=Topology.DISAGGREGATED,
        replicas=decodes,
        prefill_replicas=prefills,
        running=parts.batch,
        speed=speed,
        input_tokens=question.input_tokens,
        because=parts.because,
        missed=missed,
        missed_because=why,
    )


def _speed(work: Workload, sizing: _Sizing, lengths: Lengths) -> Speed:
    batch = max(1.0, sizing.batch)
    tpot = time_per_output_token(work, batch, lengths)
    band = ttft_band(work, batch, lengths)
    rate = sizing.rate
    if rate is None:
        rate = sizing.replicas * batch / (band.low + lengths.output_tokens * tpot)
    return Speed(
        ttft_low=_rounded(band.low),
        ttft_high=_rounded(band.high),
        tpot=_rounded(tpot),
        output_tokens_per_second=rate * lengths.output_tokens,
        requests_per_second=rate,
    )


def _rounded(seconds: float) -> float:
    """To a tenth of a millisecond: more digits would pretend to a precision that no prediction has."""
    return round(min(seconds, _LONGEST), 4)


def _sizing(question: Question, work: Workload, limit: int, lengths: Lengths) -> _Sizing:
    request = question.request
    fixed = request.replicas
    if request.traffic is None:
        return _without_traffic(work, limit, lengths, request.targets, fixed or 1, fixed=fixed is not None)
    rate = request.traffic.rate
    load = replicas_for(work, limit, rate, lengths, request.targets)
    if load is None:
        missed, why = _missed_target(work, lengths, request.targets)
        return _Sizing(replicas=fixed or 1, batch=1, rate=rate, because="", missed=missed, missed_because=why)
    needed = (
        f"{rate:g} requests/s of {lengths.input_tokens:g} + {lengths.output_tokens:g} tokens keep {load.batch:.1f}"
        f" requests running in each replica, of {load.batch_limit} at most ({load.utilization:.0%} busy, limit 75 %)"
    )
    if fixed is None or fixed >= load.replicas:
        count = fixed or load.replicas
        return _Sizing(
            replicas=count,
            batch=load.batch * load.replicas / count,
            rate=rate,
            because=f"fixed by the request; {load.replicas} would be enough: {needed}" if fixed else needed,
        )
    return _Sizing(
        replicas=fixed,
        batch=load.batch_limit,
        rate=rate,
        because="",
        missed="replicas",
        missed_because=f"{rate:g} requests/s need {load.replicas} replicas, not {fixed}",
    )


def _without_traffic(
    work: Workload, limit: int, lengths: Lengths, targets: Targets, replicas: int, *, fixed: bool
) -> _Sizing:
    batch = largest_batch(work, limit, lengths, targets)
    why = "fixed by the request" if fixed else "one, as no traffic is given"
    if batch:
        return _Sizing(replicas=replicas, batch=batch, rate=None, because=f"{why}; it runs {batch} requests at once")
    missed, because = _missed_target(work, lengths, targets)
    return _Sizing(replicas=replicas, batch=1, rate=None, because="", missed=missed, missed_because=because)


def _missed_target(work: Workload, lengths: Lengths, targets: Targets) -> tuple[str, str]:
    """Which target even a single request misses, and by how much; traffic itself when it is none of them."""
    tpot = time_per_output_token(work, 1, lengths)
    if targets.tpot is not None and tpot > targets.tpot:
        return "targets.tpot", f"a token takes {tpot * 1e3:.1f} ms even for a single request, above {targets.tpot}"
    band = ttft_band(work, 1, lengths)
    if targets.ttft is not None and band.high > targets.ttft:
        return (
            "targets.ttft",
            f"the first token takes up to {band.high:.3g} s even for a single request, above {targets.ttft}",
        )
    return "traffic.requests_per_second", "no number of replicas keeps up with the traffic"
