"""Tables of mistakes: one wrong setting each, the field that has to be blamed for it, and words of the answer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from components.contracts.capacity import Capacity
from components.contracts.errors import Problem
from components.contracts.model import Contract
from components.contracts.pools import NodePool
from stacks.reading import read_whole_stack

Target = TypeVar("Target", bound=Contract)
Pools = tuple[NodePool, ...]


def assert_blamed(found: Sequence[Problem], field: str, said: str, *, most: int | None = None) -> None:
    """A problem blames that field and says those words, and every problem is whole.

    Args:
        found: All problems of the settings.
        field: Path of the setting.
        said: Words of cause, consequence or fix.
        most: How many problems one mistake may bring about; None for any number.
    """
    blamed = [str(problem) for problem in found if problem.field == field]
    assert blamed, f"{field} is not blamed, but {[str(problem) for problem in found]}"
    assert any(said in text for text in blamed), f"{said!r} is in none of {blamed}"
    assert all(problem.cause and problem.consequence and problem.fix for problem in found)
    assert most is None or len(found) <= most, f"one mistake brings {[str(problem) for problem in found]}"


@dataclass(frozen=True, kw_only=True)
class Mistake(Generic[Target]):
    """One wrong setting, and what the problem has to say.

    Attributes:
        blamed: Path of the setting.
        said: Words of the problem.
        target: The cluster; None for the correct one.
        pools: Its pools; None for the correct ones.
    """

    blamed: str
    said: str
    target: Target | None = None
    pools: Pools | None = None


@dataclass(frozen=True, kw_only=True)
class Rules(Generic[Target]):
    """The rules of an environment, and correct settings that mistakes take one thing from at a time.

    Attributes:
        problems: The rules.
        target: A correct cluster.
        pools: Correct pools.
        cpu: Place of the pool for ordinary pods.
        gpu: Place of the GPU pool.
    """

    problems: Callable[[Target, Pools], Iterable[Problem]]
    target: Target
    pools: Pools
    cpu: int = 0
    gpu: int = 1

    def cluster(self, **changes: object) -> Target:
        """The cluster with other settings."""
        return self.target.model_copy(update=changes)

    def part(self, name: str, /, **changes: object) -> Target:
        """The cluster with other settings below one of its own, such as ``network``."""
        part = getattr(self.target, name)
        assert isinstance(part, Contract)
        return self.cluster(**{name: part.model_copy(update=changes)})

    def cpus(self, **changes: object) -> Pools:
        """The pools, that for ordinary pods with other settings."""
        return self._changed(self.cpu, changes)

    def gpus(self, instance_type: str = "", **changes: object) -> Pools:
        """The pools, that of GPUs with other settings, and other machines where a type is named."""
        return self._changed(self.gpu, {"instance_type": instance_type, **changes} if instance_type else changes)

    def bought(self, capacity: Capacity, instance_type: str = "", **changes: object) -> Pools:
        """The pools, GPUs bought that way."""
        return self.gpus(instance_type, capacity=capacity, **changes)

    def found(self, target: Target | None = None, pools: Iterable[NodePool] | None = None) -> list[Problem]:
        """What the rules say; of the correct cluster and pools where none are given."""
        return list(self.problems(target or self.target, self.pools if pools is None else tuple(pools)))

    def assert_refused(self, mistake: Mistake[Target], *, most: int | None = None) -> None:
        """The mistake is blamed on its field with its words, and brings at most so many problems about."""
        assert_blamed(self.found(mistake.target, mistake.pools), mistake.blamed, mistake.said, most=most)

    def assert_right(self, target: Target | None = None, pools: Iterable[NodePool] | None = None) -> None:
        """The rules say nothing."""
        assert [str(problem) for problem in self.found(target, pools)] == []

    def assert_example_is_right(self, project: Path, stack: str) -> None:
        """The rules say nothing of an example stack of the project, which is of their kind."""
        settings = read_whole_stack(project, stack)
        assert isinstance(settings.target, type(self.target))
        self.assert_right(settings.target, settings.node_pools)

    def _changed(self, place: int, changes: dict[str, object]) -> Pools:
        before, after = self.pools[:place], self.pools[place + 1 :]
        return (*before, self.pools[place].model_copy(update=changes), *after)
