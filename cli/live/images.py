"""The images that the pods of a stack name, as files for the registry of its live nodes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from cli.engine_plans import engine_plans
from cli.rendering import recorded
from cli.stack import LoadedStack
from components.contracts.errors import StrataError
from components.contracts.serving import ServingPlan
from components.contracts.versions import KUBERNETES_EMBEDDED, PYTHON
from simulation.live.configuration import PAUSE
from simulation.live.dns import IMAGE as DNS_IMAGE
from simulation.live.images import image_set, row_of
from simulation.live.programs import Programs
from simulation.live.stand_ins import stand_in
from stacks.chart_objects import with_chart_objects
from stacks.yaml_file import Value

_FETCHING = frozenset({PYTHON.reference()})


def named_images(stack: LoadedStack) -> dict[str, frozenset[str]]:
    """Programs that pods start in each image, by the image's name; of charts too, and images that operators name."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for resource in with_chart_objects(recorded(stack), KUBERNETES_EMBEDDED):
        if resource.is_kubernetes_object:
            for image, command in _containers(resource.inputs):
                found[image] |= {command} if command else set()
            for image in _told(resource.inputs):
                found.setdefault(image, set())
    return {name: frozenset(commands) for name, commands in found.items()}


@dataclass(frozen=True)
class Archives:
    """Archives of images.

    Attributes:
        files: The archive of each image, by its name.
        stood_in: Names of those that nothing builds, in whose place a program of ours runs.
    """

    files: Mapping[str, Path]
    stood_in: Sequence[str]

    @property
    def fetching(self) -> Sequence[str]:
        """Images whose programs fetch from the model hub."""
        return sorted(_FETCHING & self.files.keys() - set(self.stood_in))


def archives(state: Path, named: Mapping[str, Collection[str]], plans: Mapping[str, ServingPlan]) -> Archives:
    """An archive for each image, those of the nodes themselves included; the engine's knows the plans."""
    programs, folder = Programs(state), state / "live-images"
    made = {name for name in named if _is_made(name)}
    files = {image.name: image.tar for image in image_set([PAUSE, DNS_IMAGE, *sorted(made)], engine_plans(plans))}
    others = sorted(set(named) - made)
    for name in others:
        files[name] = stand_in(name, named[name], programs["pause"], folder)
    return Archives(files=files, stood_in=others)


def _is_made(name: str) -> bool:
    try:
        row_of(name)
    except StrataError:
        return False
    return True


def _told(value: Value | Mapping[str, Value]) -> Iterator[str]:
    """Images of the table that are named anywhere below, such as in an operator's arguments."""
    if isinstance(value, str):
        name = value.rpartition("=")[2]
        if "/" in name and ":" in name and " " not in name and _is_made(name):
            yield name
        return
    below = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
    for item in below:
        yield from _told(item)


def _containers(value: Value | Mapping[str, Value]) -> Iterator[tuple[str, str]]:
    """Image and program of everything below that looks like a container."""
    if isinstance(value, list):
        for item in value:
            yield from _containers(item)
    elif isinstance(value, Mapping):
        image, command = value.get("image"), value.get("command")
        if isinstance(image, str) and isinstance(value.get("name"), str):
            first = command[0] if isinstance(command, list) and command else ""
            yield image, first if isinstance(first, str) else ""
        for item in value.values():
            yield from _containers(item)
