"""How a simulated cloud says no.

Owns the exceptions. How each cloud words them is part of its tables.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .values import Object


@dataclass(eq=False)
class CloudError(Exception):
    """The cloud's API refuses a call.

    Attributes:
        code: The cloud's own code, such as ``DependencyViolation``.
        message: The cloud's own words.
    """

    code: str
    message: str

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"


class WaitError(CloudError):
    """The provider gives up waiting; the message is all that it says."""

    def __str__(self) -> str:
        return self.message


class ProviderError(Exception):
    """A call fails; the text is what the user reads."""


class PartialFailureError(Exception):
    """The object exists in the cloud, and is not well.

    Attributes:
        identifier: Its id, which goes into the state.
        inputs: Its inputs.
        outputs: Its outputs.
        reasons: What is wrong.
    """

    def __init__(self, identifier: str, inputs: Object, outputs: Object, reasons: Sequence[str]) -> None:
        super().__init__("; ".join(reasons))
        self.identifier = identifier
        self.inputs = inputs
        self.outputs = outputs
        self.reasons = tuple(reasons)
