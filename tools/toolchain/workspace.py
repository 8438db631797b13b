"""`.strata/` in the project: what the resolved toolchain looks like to a shell.

Owns the links to tools, CRDs and charts and the file of environment variables. It deliberately holds nothing that
cannot be made again, except the backend with the state of simulated stacks, which it only creates.
"""

from __future__ import annotations

import os
import shlex
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

# Simulated stacks hold no real secret; the engine wants a passphrase all the same.
_PASSPHRASE = "strata-development"  # noqa: S105


@dataclass(frozen=True)
class Workspace:
    """The places in one project."""

    root: Path

    @property
    def state(self) -> Path:
        """Everything that git ignores."""
        return self.root / ".strata"

    @property
    def bin(self) -> Path:
        """Links to the resolved tools."""
        return self.state / "bin"

    @property
    def crds(self) -> Path:
        """Links to the CRD bundles."""
        return self.state / "crds"

    @property
    def definitions(self) -> Path:
        """Links to the CRD bundles that only tests read."""
        return self.state / "definitions"

    @property
    def charts(self) -> Path:
        """Links to the Helm charts."""
        return self.state / "charts"

    @property
    def venv(self) -> Path:
        """The environment that the program runs in."""
        return self.root / ".venv"

    @property
    def env_file(self) -> Path:
        """Variables for a shell to source."""
        return self.state / "env"

    @property
    def command(self) -> Path:
        """The `strata` command of this checkout."""
        return self.bin / "strata"

    @property
    def backend(self) -> Path:
        """State of simulated stacks."""
        return self.state / "backend"

    def link_tools(self, programs: Mapping[str, Path]) -> None:
        """Makes `.strata/bin` hold these programs and no others."""
        _replace_links(self.bin, programs)

    def link_crds(self, bundles: Mapping[str, Path]) -> None:
        """Makes `.strata/crds`, all of which the embedded cluster gets, hold these bundles and no others."""
        _link_bundles(self.crds, bundles)

    def link_definitions(self, bundles: Mapping[str, Path]) -> None:
        """Makes `.strata/definitions`, by which only tests judge objects, hold these bundles and no others."""
        _link_bundles(self.definitions, bundles)

    def link_charts(self, charts: Mapping[str, Path]) -> None:
        """Makes `.strata/charts` hold these charts and no others."""
        _replace_links(self.charts, charts)

    def link_runtime(self, unpacked: Mapping[str, Path]) -> None:
        """Makes `.strata/unpacked` hold these folders of packages and no others."""
        _replace_links(self.state / "unpacked", unpacked)

    def write_env(self, pulumi_home: Path) -> str:
        """Writes and returns the variables."""
        self.backend.mkdir(parents=True, exist_ok=True)
        text = self.env_text(pulumi_home)
        replace_text(self.env_file, text)
        return text

    def write_command(self) -> None:
        """Writes the `strata` command, which works from any folder; `-P` keeps a folder `cli` of the caller's out."""
        python, root = shlex.quote(str(self.venv / "bin" / "python")), shlex.quote(str(self.root))
        replace_text(self.command, f'#!/bin/sh\nPYTHONPATH={root} exec {python} -P -m cli "$@"\n', mode=0o755)

    def env_text(self, pulumi_home: Path) -> str:
        """Shell code that may be sourced again and again.

        The language host that is built here ignores `virtualenv` in Pulumi.yaml, so `.venv/bin` must lead on PATH.
        """
        folders = f"{self.bin}:{self.root / '.venv' / 'bin'}"
        lines = [
            "# Written by the toolchain installer; source it in any shell: . .strata/env",
            f'case ":$PATH:" in *:{shlex.quote(folders)}:*) ;; *) export PATH={shlex.quote(folders)}:"$PATH" ;; esac',
            f"export PULUMI_HOME={shlex.quote(str(pulumi_home))}",
            # A backend that the user chose is kept, but not the folder of another checkout.
            'case "${PULUMI_BACKEND_URL:-}" in',
            f'  ""|file://*/.strata/backend) export PULUMI_BACKEND_URL={shlex.quote(self.backend.as_uri())} ;;',
            "esac",
            'if [ -z "${PULUMI_CONFIG_PASSPHRASE+set}${PULUMI_CONFIG_PASSPHRASE_FILE+set}" ]; then',
            f"  export PULUMI_CONFIG_PASSPHRASE={_PASSPHRASE}",
            "fi",
            "export PULUMI_SKIP_UPDATE_CHECK=true",
        ]
        return "\n".join(lines) + "\n"


def link_or_copy(source: Path, target: Path) -> None:
    """Hard-links a file, or copies it where that fails, for programs that refuse a symbolic link."""
    if target.exists() and target.samefile(source):
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = target.with_name(f".{target.name}.{os.getpid()}")
    fresh.unlink(missing_ok=True)
    try:
        fresh.hardlink_to(source)
    except OSError:
        shutil.copy2(source, fresh)
    fresh.replace(target)


def replace_text(file: Path, text: str, mode: int = 0o644) -> None:
    """Writes a file in one step."""
    file.parent.mkdir(parents=True, exist_ok=True)
    fresh = file.with_name(f".{file.name}.{os.getpid()}")
    fresh.write_text(text)
    fresh.chmod(mode)
    fresh.replace(file)


def _link_bundles(folder: Path, bundles: Mapping[str, Path]) -> None:
    """Each is a real folder of links, because kubectl reads no folder that is itself a link."""
    folder.mkdir(parents=True, exist_ok=True)
    for entry in folder.iterdir():
        if entry.is_symlink():
            entry.unlink()
        elif entry.name not in bundles:
            shutil.rmtree(entry)
    for name, bundle in bundles.items():
        _replace_links(folder / name, {file.name: file for file in sorted(bundle.glob("*.yaml"))})


def _replace_links(folder: Path, wanted: Mapping[str, Path]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for entry in folder.iterdir():
        if entry.name not in wanted and entry.is_symlink():
            entry.unlink()
    for name, target in wanted.items():
        link = folder / name
        if link.is_symlink() and link.readlink() == target:
            continue
        fresh = folder / f".{name}.{os.getpid()}"
        fresh.unlink(missing_ok=True)
        fresh.symlink_to(target)
        fresh.replace(link)
