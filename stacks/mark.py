"""The mark of a simulated stack: the parent of everything that a simulated cloud made.

As a parent it stands in the URN of each of these resources, so it is in the state from the first
resource on, cannot be lost while one of them is left, and travels with an exported state.
"""

from __future__ import annotations

import pulumi

MARK = "strata:stacks:Simulated"
"""Type token; it must never change, because old states are recognised by it."""


class Simulated(pulumi.ComponentResource):
    """Says that its children exist in a simulated cloud only."""

    def __init__(self, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(MARK, "simulated", None, opts)
        self.register_outputs({})
