"""One configuration through everything that ``strata check`` does, in memory."""

from __future__ import annotations

import re
import resource
import time
from dataclasses import dataclass
from pathlib import Path

from components.contracts.errors import Problem, StrataError
from stacks.checks import files_only
from stacks.reading import read_stack

LONGEST_SECONDS = 2.0
MOST_MEGABYTES = 300
_PLACED = re.compile(r"\.yaml(:\d+)*\)?$")


@dataclass(frozen=True)
class Answer:
    """What the program says to one configuration.

    Attributes:
        problems: Empty where it is accepted.
        seconds: CPU time that the answer took; others on the machine do not count.
        megabytes: Growth of the largest memory that the process ever had.
    """

    problems: tuple[Problem, ...]
    seconds: float
    megabytes: float

    @property
    def text(self) -> str:
        """What a user sees."""
        return "\n".join(str(problem) for problem in self.problems)

    def faults(self, secret: str | None = None) -> list[str]:
        """What is wrong with the answer itself.

        Args:
            secret: A text that must not be shown.
        """
        found: list[str] = []
        if self.seconds > LONGEST_SECONDS:
            found.append(f"took {self.seconds:.1f} s")
        if self.megabytes > MOST_MEGABYTES:
            found.append(f"took {self.megabytes:.0f} MB")
        if secret and secret in self.text:
            found.append("shows the secret")
        if len(set(self.problems)) < len(self.problems):
            found.append("says the same twice")
        for problem in self.problems:
            if not all((problem.field, problem.cause, problem.consequence, problem.fix)):
                found.append(f"leaves a part out: {problem}")
            if not _PLACED.search(problem.field):
                found.append(f"names no line: {problem.field}")
            if len(str(problem).splitlines()) != 3:
                found.append(f"has lines of its own: {problem!r}")
        return found


def answer(folder: Path, stack: str, text: str | bytes) -> Answer:
    """What the program says to this text in place of the stack's file; the file stays as it was.

    Args:
        folder: The project's stacks, to be written to.
        stack: Whose file is replaced.
        text: What is in it.
    """
    path = folder / f"Pulumi.{stack}.yaml"
    before, memory, started = path.read_bytes(), _peak(), time.process_time()
    path.write_bytes(text.encode(errors="surrogatepass") if isinstance(text, str) else text)
    try:
        problems = _problems(folder, stack)
    finally:
        path.write_bytes(before)
    return Answer(problems, time.process_time() - started, _peak() - memory)


def _problems(folder: Path, stack: str) -> tuple[Problem, ...]:
    try:
        file = read_stack(folder, stack)
        with file.positions.adding():
            file.stack.check(files_only(folder))
    except StrataError as error:
        return error.problems
    return ()


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
