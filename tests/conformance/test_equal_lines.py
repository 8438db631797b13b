"""Six lines that are the same in two clouds are written once, or argued here.

The kinds of likeness that stay, with their reasons, are in ``docs/decisions/twins-that-stay.md``; this test sees what
is equal to the letter. Imports and lines of nothing but punctuation are not counted.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

ROOT = Path(__file__).parents[2]
FOLDERS = ("components/clusters", "components/networks", "simulation/clouds", "tests/clusters", "tests/networks")
CLOUDS = {"aws": "eks", "gcp": "gke", "azure": "aks", "onprem": "kubeadm"}
LINES = 6
_DOCUMENTED = "one paragraph of documentation, and the line that it is about"
_FRAME = "a component's or dataclass's frame: Pulumi's form, or names of arguments with their sentences"
_IMPORTS = "names that both import, each on a line of its own"
_FIELDS = "the same fields in the values of two environments; which fields there are is what differs"
ARGUED = {
    ("components/clusters/aks/account.py", "components/clusters/gke/account.py"): _DOCUMENTED,
    ("components/clusters/aks/args.py", "components/clusters/eks/args.py"): _DOCUMENTED,
    ("components/clusters/aks/args.py", "components/clusters/gke/args.py"): _DOCUMENTED,
    ("components/clusters/eks/args.py", "components/clusters/gke/args.py"): _DOCUMENTED,
    ("components/clusters/aks/control_plane.py", "components/clusters/gke/control_plane.py"): _FRAME,
    ("components/clusters/aks/settings.py", "components/clusters/eks/settings.py"): _FIELDS,
    ("components/clusters/aks/environment.py", "components/clusters/eks/environment.py"): _FIELDS,
    ("components/clusters/aks/environment.py", "components/clusters/gke/environment.py"): _FIELDS,
    ("components/clusters/aks/environment.py", "components/clusters/kubeadm/environment.py"): _FIELDS,
    ("components/clusters/eks/environment.py", "components/clusters/gke/environment.py"): _FIELDS,
    ("components/clusters/eks/environment.py", "components/clusters/kubeadm/environment.py"): _FIELDS,
    ("components/clusters/gke/environment.py", "components/clusters/kubeadm/environment.py"): _FIELDS,
    ("components/clusters/eks/shared_files.py", "components/clusters/gke/shared_files.py"): _FRAME,
    ("components/clusters/existing/environment.py", "components/clusters/local/environment.py"): _FIELDS,
    ("components/networks/aws/vpc.py", "components/networks/gcp/vpc.py"): _FRAME,
    ("simulation/clouds/aws/control_planes.py", "simulation/clouds/azure/control_planes.py"): _IMPORTS,
}
"""Pairs of files, with the reason why their equal lines stay."""


def _cloud(path: str) -> str | None:
    found = re.search(r"/(eks|gke|aks|kubeadm|existing|local|aws|gcp|azure|onprem)/", path)
    return CLOUDS.get(found[1], found[1]) if found else None


def _windows(path: Path) -> Iterator[tuple[str, ...]]:
    lines = [line.strip() for line in path.read_text().splitlines()]
    code = [line for line in lines if re.search(r"\w", line) and not line.startswith(("from ", "import "))]
    for start in range(len(code) - LINES + 1):
        yield tuple(code[start : start + LINES])


def _pairs() -> set[tuple[str, str]]:
    places: defaultdict[tuple[str, ...], set[str]] = defaultdict(set)
    for folder in FOLDERS:
        for path in (ROOT / folder).rglob("*.py"):
            name = str(path.relative_to(ROOT))
            if _cloud(name):
                for window in _windows(path):
                    places[window].add(name)
    return {
        pair
        for names in places.values()
        for pair in combinations(sorted(names), 2)
        if _cloud(pair[0]) != _cloud(pair[1])
    }


def test_every_six_equal_lines_in_two_clouds_are_argued() -> None:
    assert sorted(_pairs() - ARGUED.keys()) == [], "write them once, beside the clouds' folders"


def test_every_argued_pair_is_still_there() -> None:
    assert sorted(ARGUED.keys() - _pairs()) == [], "take it out of the table"
