"""Asking until everything holds, or the time is over: devices and volumes come moments after what brings them."""

from __future__ import annotations

import time

from cli.stack import LoadedStack

from .answers import ask
from .comparison import Finding, compare
from .servers import ask_servers

_PAUSE_SECONDS = 1.0


def verified(stack: LoadedStack, wait: float) -> list[Finding]:
    """What holds and what does not.

    Args:
        stack: The stack, which is up.
        wait: For how many seconds to ask again while something does not hold.

    Raises:
        StrataError: The cluster does not answer.
    """
    deadline = time.monotonic() + wait
    while True:
        answers = ask(stack)
        if answers.run_programs:
            answers = answers.model_copy(update={"servers": ask_servers(stack)})
        findings = compare(stack.checked.promises, answers)
        if not any(finding.holds is False for finding in findings) or time.monotonic() >= deadline:
            return findings
        time.sleep(_PAUSE_SECONDS)
