"""The mark of a simulated stack: the parent of everything that a simulated cloud made.

As a parent it is part of the URN of each of these resources: the state has it from the first resource on, keeps it as
long as one of them is left, and an exported state contains it.
"""

from __future__ import annotations

import pulumi

MARK = "strata:stacks:Simulated"
"""Type token; it must never change, because old states are recognised by it."""


class Simulated(pulumi.ComponentResource):
    """Marks its children as existing in a simulated cloud only."""

    def __init__(self, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(MARK, "simulated", None, opts)
        self.register_outputs({})
