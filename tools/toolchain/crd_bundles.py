"""CRDs of operators for the embedded cluster.

Owns taking them from an official release or from the operator's Go module, as users of envtest do. It deliberately does
not install them into a cluster: the simulation does.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from .errors import ToolchainError
from .go_builds import GoBuilds, GoToolchain
from .manifest import CrdBundle
from .releases import Offer, ReleaseError, Releases, recipe
from .store import Store

# The committed module whose go.sum vouches for every bundle.
_MODULE = "crds"


def store_name(bundle: CrdBundle) -> str:
    """Where the bundle lies in the store."""
    return f"crds/{bundle.name}"


def go_recipe(bundle: CrdBundle) -> str:
    """Names what a bundle was taken from."""
    return f"go:{bundle.go_module}:{','.join(bundle.globs)}"


def from_release(store: Store, releases: Releases, bundle: CrdBundle, chosen: Offer) -> None:
    """Puts the bundle into the store, or raises `ReleaseError`."""
    with store.making(f"crds-{bundle.name}") as scratch:
        prepared = scratch / "prepared"
        releases.unpack(chosen, scratch, prepared)
        for file in prepared.iterdir():
            file.chmod(0o644)
            if "kind: CustomResourceDefinition" not in file.read_text():
                raise ReleaseError(f"{chosen.url} holds no CRD")
        store.put(store_name(bundle), bundle.version, prepared, recipe(chosen))


def from_go(store: Store, builds: GoBuilds, go: GoToolchain, bundle: CrdBundle) -> None:
    """Puts the bundle into the store from the source of its operator."""
    with store.making(f"crds-{bundle.name}") as scratch:
        if store.holds(store_name(bundle), bundle.version, go_recipe(bundle)):
            return
        source = builds.source(go, _MODULE, f"{bundle.go_module}@v{bundle.version}")
        prepared = scratch / "prepared"
        prepared.mkdir()
        for file in _files(source, bundle):
            shutil.copyfile(file, prepared / file.name)
        store.put(store_name(bundle), bundle.version, prepared, go_recipe(bundle))


def _files(source: Path, bundle: CrdBundle) -> list[Path]:
    files: list[Path] = []
    for glob in bundle.globs:
        found = sorted(source.glob(glob))
        if not found:
            raise ToolchainError(
                field=f"tools/versions.toml: crds.{bundle.name}.globs",
                cause=f"{glob} matches nothing in {bundle.go_module} {bundle.version}",
                consequence="the embedded cluster would not know these resources",
                fix="correct the glob, or the version",
            )
        files.extend(found)
    return files
