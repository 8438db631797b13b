"""A replica of a pool in the terms of its speed."""

from __future__ import annotations

from ..speed.catalog import workload
from ..speed.terms import Links
from ..speed.workload import Workload
from .fit import Fit
from .pools import GpuPool
from .question import Question
from .speculating import drafting_of


def work_of(question: Question, sized: Fit, pool: GpuPool, links: Links | None = None) -> Workload:
    """What one replica computes and sends for each step.

    Args:
        question: What is asked.
        sized: The replica.
        pool: Where it runs.
        links: How its GPUs reach each other, where that is not as in the pool.
    """
    return workload(
        sized.spec,
        sized.kv_precision,
        pool.gpu,
        sized.layout,
        links or pool.links,
        question.engine,
        drafting_of(question, sized.draft),
    )
