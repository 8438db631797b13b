"""The one error that a user of the installer sees.

Owns its four parts and how they are printed. It mirrors the error type of the program, and is separate from it because
the installer may not import anything that needs `.venv`.
"""

from collections.abc import Sequence


class ToolchainError(Exception):
    """Something the user can act on; printed without a traceback."""

    def __init__(self, *, field: str, cause: str, consequence: str, fix: str) -> None:
        super().__init__(cause)
        self.field = field
        self.cause = cause
        self.consequence = consequence
        self.fix = fix

    def __str__(self) -> str:
        return f"{self.field}: {self.cause}\n  consequence: {self.consequence}\n  fix: {self.fix}"


class InterruptError(Exception):
    """Work was given up because the user asked for it; never printed as a failure."""


class JobsFailedError(Exception):
    """Several jobs failed; every one is reported, because each may need its own fix."""

    def __init__(self, failures: Sequence[ToolchainError]) -> None:
        super().__init__(f"{len(failures)} failed")
        self.failures = tuple(failures)

    def __str__(self) -> str:
        return "\n\n".join(str(failure) for failure in self.failures)
