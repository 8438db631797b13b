"""The cache outside the tree.

Owns where a version of a tool lies, whether it is whole, and putting it there in one step. A tool is there when its
receipt is: the folder is prepared elsewhere and renamed, so that an interrupt leaves either all of it or nothing.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import cast

from .errors import ToolchainError
from .locks import exclusive
from .processes import Children
from .progress import Progress

# No extension, so that `kubectl apply -f` of a folder of CRDs passes it by.
_RECEIPT = ".strata-receipt"


def default_root() -> Path:
    """`$STRATA_CACHE`, or `strata` in the user's cache folder."""
    own = os.environ.get("STRATA_CACHE")
    if own:
        return Path(own).expanduser().absolute()
    shared = os.environ.get("XDG_CACHE_HOME")
    return (Path(shared) if shared else Path.home() / ".cache") / "strata"


def pulumi_home() -> Path:
    """Pulumi's own folder, kept apart from the user's so that plugins never mix."""
    return default_root() / "pulumi-home"


class Store:
    """Tools by name and version."""

    def __init__(self, root: Path, children: Children, progress: Progress) -> None:
        self.root = root
        self._children = children
        self._progress = progress
        self._check_writable()

    def _check_writable(self) -> None:
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            writable = os.access(self.root, os.W_OK)
        except OSError:
            writable = False
        if not writable:
            raise ToolchainError(
                field="STRATA_CACHE",
                cause=f"{self.root} cannot be written",
                consequence="no tool can be kept",
                fix="set STRATA_CACHE to a folder of yours; root is never needed",
            )

    def place(self, name: str, version: str) -> Path:
        """Where a version of something lies, or will lie."""
        return self.root / name / version

    def log(self, name: str) -> Path:
        """Where the output of the last attempt to make `name` is kept."""
        return self.root / "logs" / f"{name}.log"

    def holds(self, name: str, version: str, recipe: str) -> bool:
        """Whether this version is whole and was made as the manifest says now."""
        return self.recipe(name, version) == recipe

    def recipe(self, name: str, version: str) -> str | None:
        """How the version that lies here was made; None when none does."""
        try:
            receipt: object = json.loads((self.place(name, version) / _RECEIPT).read_text())
        except (OSError, ValueError):
            return None
        recipe = cast("dict[str, object]", receipt).get("recipe") if isinstance(receipt, dict) else None
        return recipe if isinstance(recipe, str) else None

    def put(self, name: str, version: str, prepared: Path, recipe: str) -> None:
        """Moves a prepared folder into its place; programs that run from an older one keep running."""
        (prepared / _RECEIPT).write_text(json.dumps({"recipe": recipe}))
        place = self.place(name, version)
        place.parent.mkdir(parents=True, exist_ok=True)
        if place.exists():
            old = prepared.parent / f"{prepared.name}.old"
            place.rename(old)
            prepared.rename(place)
            shutil.rmtree(old, ignore_errors=True)
        else:
            prepared.rename(place)

    @contextmanager
    def making(self, name: str) -> Generator[Path]:
        """A scratch folder of one's own, with the lock that goes with it."""

        def waiting() -> None:
            self._progress.say(f"{name}: another installer is at it; waiting for it")

        with exclusive(self.root / "locks" / f"{name}.lock", self._children, waiting):
            scratch = self.root / "scratch" / name
            shutil.rmtree(scratch, ignore_errors=True)
            scratch.mkdir(parents=True)
            try:
                yield scratch
            finally:
                shutil.rmtree(scratch, ignore_errors=True)
