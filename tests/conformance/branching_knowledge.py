"""Names of what belongs to one environment, cloud or scope, read off the program itself."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import get_args

from components.clusters import environments
from components.clusters.environment import Environment
from components.clusters.environments import ENVIRONMENTS
from components.contracts.network_facts import Attachment, Place
from components.networks.interconnect.settings import HybridLink
from stacks import layers
from stacks.definitions import OURS
from stacks.layers import LAYERS

from .branching import Knowledge

PROJECT = Path(__file__).parents[2]
READ = ("components", "stacks", "cli", "simulation", "tools", "__main__.py", "setup.py")
# Each environment's own code, by the value of ``target.kind``; the settings unions and the layers.
CLOUDS = {"aws": "eks", "gcp": "gke", "azure": "aks", "onprem": "kubeadm"}
TWINS = {"aws": "eks", "gcp": "gke", "azure": "aks", "command": "kubeadm"}
KINDS = [environment.settings.__module__.split(".")[-2] for environment in ENVIRONMENTS]
OWNERS = {
    **{f"components/clusters/{kind}/": kind for kind in KINDS},
    **{f"components/networks/{cloud}/": CLOUDS[cloud] for cloud in ("aws", "gcp", "azure")},
    **{f"simulation/clouds/{twin}/": kind for twin, kind in TWINS.items()},
}
DECIDE = ("stacks/settings.py", "stacks/targets.py", "stacks/layers/")
# Links are a settings union of their own, which no target chooses: one stack may hold links to every cloud. What
# differs between them is decided inside of this package, and so is what they attach to.
LINKS = "components/networks/interconnect/"
_LINK_TYPES: tuple[type, ...] = get_args(get_args(HybridLink)[0])
_OF_LINKS = {kind.__name__ for kind in get_args(get_args(Attachment)[0])}
_SCOPES = "the layers"
_VENDORS = {
    **{kind: kind for kind in ("eks", "gke", "aks", "kubeadm")},
    **dict.fromkeys(("aws", "amazon", "amazonaws"), "eks"),
    **dict.fromkeys(("gcp", "google", "googleapis"), "gke"),
    # azmk8s.io is the domain of AKS' API servers.
    **dict.fromkeys(("azure", "microsoft", "azmk"), "aks"),
}


def sources(project: Path = PROJECT) -> list[Path]:
    """Every file that the rule holds for."""
    return [path for part in READ for path in sorted((project / part).rglob("*.py")) or [project / part]]


def owner_of(path: str) -> str:
    """The environment whose own code a file is; empty for others."""
    return next((owner for prefix, owner in OWNERS.items() if path.startswith(prefix)), "")


def _classes() -> dict[str, tuple[str, ...]]:
    """Classes that belong to one cloud, each with the folders and files that may name it.

    They are defined in an environment's own code, or called after a cloud, such as ``AwsVpn``. A name that is given
    to something else as well, such as ``Cluster``, says nothing.
    """
    files: defaultdict[str, set[str]] = defaultdict(set)
    others: set[str] = set()
    for path in sources():
        name, text = path.relative_to(PROJECT).as_posix(), path.read_text()
        for found in re.findall(r"^class (\w+)", text, re.MULTILINE):
            files[found].add(name)
        others.update(re.findall(r"^(\w+) =", text, re.MULTILINE))
    owned = {name: {_owner_of_class(name, path) for path in paths} for name, paths in files.items()}
    return {
        name: (*files[name], *_folders(owners), *([LINKS] if name in _OF_LINKS or LINKS in min(files[name]) else []))
        for name, owners in owned.items()
        if "" not in owners and name not in others
    } | {link.__name__: (LINKS,) for link in _LINK_TYPES}


def _owner_of_class(name: str, path: str) -> str:
    words = {word.lower() for word in re.findall("[A-Z][a-z]+", name)}
    return owner_of(path) or next((owner for word, owner in _VENDORS.items() if word in words), "")


def _folders(owners: Collection[str]) -> Iterator[str]:
    yield from (prefix for prefix, owner in OWNERS.items() if owner in owners)


KNOWN = Knowledge(
    types={
        *(environment.settings.__name__ for environment in ENVIRONMENTS),
        *(scope.settings.__name__ for scope in OURS.scopes.values()),
    },
    values={
        *(name for name, value in vars(environments).items() if isinstance(value, Environment)),
        *(name for name, value in vars(layers).items() if value in LAYERS),
    },
    words={**{kind: kind for kind in KINDS}, **CLOUDS, **dict.fromkeys(OURS.scopes, _SCOPES)},
    vendors=_VENDORS,
    members={place.name: CLOUDS.get(place.value, "kubeadm") for place in Place},
    packages={
        "stacks.targets": _SCOPES,
        **{f"components.clusters.{kind}": kind for kind in KINDS},
        **{f"simulation.clouds.{twin}": kind for twin, kind in TWINS.items()},
    },
    classes=_classes(),
    # What nodes of each cloud have in common, in the planner and in the simulation.
    tables=("clouds()", "CLOUD_NODES"),
    # What else has a kind: pools, purchases, ways of sharing, fabrics, links and circuits, speculative decoding,
    # parameters of functions, and the simulation's records.
    others={
        "kind": (
            *("capacity", "pool", "sharing", "fabric", "link", "circuit", "speculation"),
            *("diff", "parameter", "fault", "call", "record", "holder"),
        ),
    },
)
