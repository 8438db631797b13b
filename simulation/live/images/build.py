"""Building the images that are asked for, and keeping them."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from components.contracts.errors import Problem, StrataError

from .archive import write_archive
from .layers import Layer, Member, layer_key
from .parts import Sources, go_architecture
from .plans import PLANS_FILE, EnginePlan, plans_text
from .table import ImageRow, row_of

_STATE = Path(__file__).resolve().parents[3] / ".strata"
# Changes with the form of the archives.
_FORM = "1"


@dataclass(frozen=True)
class BuiltImage:
    """An image as a file.

    Attributes:
        name: The name that was asked for.
        tar: Its archive, as ``docker save`` writes it.
    """

    name: str
    tar: Path


def image_set(
    names: Collection[str], plans: Mapping[str, EnginePlan] | None = None, *, real: bool | None = None
) -> list[BuiltImage]:
    """Archives of these images, in their order; those that are kept already are not made again.

    Args:
        names: Images as manifests name them.
        plans: Plans of models by the name that they are served under, for the stand-ins of engines.
        real: Whether the published images are pulled instead; by default whether ``LIVE_IMAGES`` is ``real``.

    Raises:
        StrataError: all images that cannot be had.
    """
    pulled = os.environ.get("LIVE_IMAGES") == "real" if real is None else real
    sources = Sources(programs=_program_folders(), cache=cache_folder())
    built: list[BuiltImage] = []
    problems: list[Problem] = []
    for name in dict.fromkeys(names):
        try:
            built.append(_pulled(name, sources) if pulled else _made(name, row_of(name), sources, plans or {}))
        except StrataError as error:
            problems.extend(error.problems)
    if problems:
        raise StrataError(problems)
    return built


def cache_folder() -> Path:
    """Where images, and what they are made of, are kept."""
    own = os.environ.get("STRATA_CACHE")
    shared = os.environ.get("XDG_CACHE_HOME")
    root = Path(own).expanduser() if own else (Path(shared) if shared else Path.home() / ".cache") / "strata"
    return root.absolute() / "live-images"


def _program_folders() -> tuple[Path, ...]:
    further = os.environ.get("PATH", os.defpath).split(os.pathsep)
    return (_STATE / "bin", *(Path(folder) for folder in further if folder))


def _made(name: str, row: ImageRow, sources: Sources, plans: Mapping[str, EnginePlan]) -> BuiltImage:
    layers: list[Layer] = [part.layer(sources) for part in row.parts]
    if row.takes_plans:
        layers.append({PLANS_FILE.strip("/"): Member(mode=0o644, content=plans_text(plans).encode())})
    architecture = go_architecture()
    key = hashlib.sha256(
        repr(
            (_FORM, row.name, row.start.config(), architecture, [layer_key(layer, _content) for layer in layers])
        ).encode()
    ).hexdigest()[:16]
    target = sources.cache / f"{row.image.repository.replace('/', '-')}-{key}.tar"
    if not target.is_file():
        write_archive(row.name, layers, row.start, architecture, target)
    return BuiltImage(name, target)


def _content(path: Path) -> str:
    """Unpacked packages lie in a folder that is named by their digests; what else there is is hashed."""
    about = path.stat()
    if about.st_size < 1 << 16 and not os.access(path, os.X_OK):
        return f"{path.name} {about.st_size} {about.st_mtime_ns}"
    return f"{path.name} {about.st_size} {_hashed(path)}"


def _hashed(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _pulled(name: str, sources: Sources) -> BuiltImage:
    """The published image, by crane."""
    crane = shutil.which("crane", path=os.pathsep.join(map(str, sources.programs)))
    target = sources.cache / "pulled" / f"{hashlib.sha256(name.encode()).hexdigest()[:16]}.tar"
    if target.is_file():
        return BuiltImage(name, target)
    if crane is None:
        raise StrataError.of(
            "toolchain", cause="crane is missing", consequence=f"{name} cannot be pulled", fix="make toolchain-live"
        )
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_suffix(".part")
    _crane([crane, "pull", name, str(part)], name)
    part.replace(target)
    return BuiltImage(name, target)


def _crane(argv: Sequence[str], name: str) -> None:
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    if done.returncode:
        raise StrataError.of(
            f"image {name}",
            cause=f"its registry does not give it: {done.stderr.strip()[-300:]}",
            consequence="a pod that needs it could not start",
            fix="see to the way to the registry and to its credentials, or leave LIVE_IMAGES=real out",
        )
