"""Where in its file each setting is written, so that every problem can name ``file:line``.

Rules, planner and components know paths of settings (``node_pools[1].zones``) and no files; the file is added once,
where a stack is read and checked.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace

from components.contracts.errors import Problem, StrataError
from components.contracts.validation import render

from .below import NotUpError
from .project import PROJECT
from .yaml_file import Value, YamlFile

_PLACED = re.compile(r" \([^()]+\.yaml:\d+\)$")
_LAST_PART = re.compile(r"(\[[^\[\]]*\]|\.[^.\[\]]*)$")
_NAMED_POOL = re.compile(r"^(?:node_pools\[(?P<listed>[a-z][^\[\]]*)\]|pools\.(?P<dotted>[^.\[\]]+))")


@dataclass(frozen=True)
class Positions:
    """Places of settings in one stack's file.

    Attributes:
        places: ``file:line`` by path, such as ``models[0].gpu``.
        start: ``file:line`` of the settings as a whole, for what is missing.
        pools: Index of each node pool by its name.
    """

    places: Mapping[str, str]
    start: str
    pools: Mapping[str, int]

    @classmethod
    def unknown(cls) -> Positions:
        """Of settings that come from no file."""
        return cls(places={}, start="", pools={})

    @classmethod
    def of(cls, file: YamlFile) -> Positions:
        """Places of everything below ``strata:``."""
        places: dict[str, str] = {}
        for location in file.lines:
            match location:
                case ("config", str(key), *rest) if key.startswith(f"{PROJECT}:"):
                    name = key.removeprefix(f"{PROJECT}:")
                    places[render((name, *rest))] = file.position(location)
                    if not rest:
                        places[key] = file.position(location)
                case _:
                    pass
        return cls(places=places, start=file.position(("config",)), pools=dict(_pool_indices(file.value)))

    def renamed(self, names: Mapping[str, str]) -> Positions:
        """The same with further paths, each at the place of another, as are those below it.

        Args:
            names: A further path by the path that is in the file.
        """
        further = {
            new + path.removeprefix(old): place
            for old, new in names.items()
            for path, place in self.places.items()
            if path == old or path.startswith((f"{old}.", f"{old}["))
        }
        return replace(self, places={**self.places, **further})

    def placed(self, problem: Problem) -> Problem:
        """The problem with the place of its setting, or of the nearest setting around it."""
        if not self.start or _PLACED.search(problem.field):
            return problem
        field = _NAMED_POOL.sub(self._listed, problem.field)
        path = field
        while path and path not in self.places:
            path = _LAST_PART.sub("", path) if _LAST_PART.search(path) else ""
        return replace(problem, field=f"{field} ({self.places.get(path, self.start)})")

    @contextmanager
    def adding(self) -> Generator[None]:
        """Add places to the problems that the block raises."""
        try:
            yield
        except NotUpError as error:
            raise NotUpError(map(self.placed, error.problems), lacks_cluster=error.lacks_cluster) from None
        except StrataError as error:
            raise StrataError(map(self.placed, error.problems)) from None

    def _listed(self, pool: re.Match[str]) -> str:
        index = self.pools.get(pool["listed"] or pool["dotted"])
        return pool[0] if index is None else f"node_pools[{index}]"


def _pool_indices(value: Value) -> Iterator[tuple[str, int]]:
    config = value.get("config") if isinstance(value, dict) else None
    pools = config.get(f"{PROJECT}:node_pools") if isinstance(config, dict) else None
    for index, pool in enumerate(pools if isinstance(pools, list) else []):
        name = pool.get("name") if isinstance(pool, dict) else None
        if isinstance(name, str):
            yield name, index
