"""The commands `install`, `env` and `where`.

Owns putting the installer's parts together, and what an interrupt does. It deliberately prints no traceback for what a
user can fix.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

from . import manifest as manifests
from . import path_search, publish, stamp, store
from .errors import InterruptError, JobsFailedError, ToolchainError
from .go_builds import GoBuilds
from .install import Installer, Parts
from .manifest import Group
from .platforms import Platform
from .processes import Children
from .progress import Progress, spoken
from .publish import Publisher
from .python_env import PythonEnvironments
from .releases import Releases
from .resolution import Resolver
from .store import Store
from .web import Web
from .workspace import Workspace

_ROOT = Path(__file__).resolve().parents[2]
_GROUPS = {
    "run": (Group.RUN,),
    "check": (Group.RUN, Group.CHECK),
    "live": (Group.RUN, Group.LIVE),
    "live-all": (Group.RUN, Group.CHECK, Group.LIVE, Group.LIVE_ALL),
    "all": (Group.RUN, Group.CHECK),
}
_INTERRUPTED = 130


def main(arguments: Sequence[str]) -> int:
    """Runs one command and returns its exit status."""
    options = _parser().parse_args(arguments)
    workspace = Workspace(Path(options.project).resolve())
    try:
        if options.command == "install":
            return _install(workspace, _GROUPS[options.group], force=options.force)
        if options.command == "env":
            sys.stdout.write(workspace.env_text(store.pulumi_home()))
        else:
            sys.stdout.write(f"{publish.where(workspace, options.name)}\n")
    except (ToolchainError, JobsFailedError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python3 -m tools.toolchain", description=__doc__)
    parser.add_argument("--project", default=str(_ROOT), help="the project's folder")
    commands = parser.add_subparsers(dest="command", required=True)
    install = commands.add_parser("install", help="install what is missing")
    install.add_argument(
        "--group",
        choices=sorted(_GROUPS),
        default="run",
        help="run: make up; check, all: make test, too; live: make live; live-all: make live-all",
    )
    install.add_argument("--force", action="store_true", help="look everything up again, PATH included")
    commands.add_parser("env", help="print the variables to evaluate in a shell")
    where = commands.add_parser("where", help="print the path of a program")
    where.add_argument("name")
    return parser


def _install(workspace: Workspace, groups: tuple[Group, ...], *, force: bool) -> int:
    progress = Progress()
    key = stamp.key(_sources(workspace.root), store.default_root())
    known = stamp.read(workspace)
    if not force and stamp.is_current(known, key, groups):
        return 0
    children = Children()
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    try:
        Installer(_parts(workspace, key, children, progress), groups).run()
    except (KeyboardInterrupt, InterruptError):
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        children.stop()
        progress.clear()
        progress.say("interrupted; what is finished is kept, and the same command goes on from here")
        return _INTERRUPTED
    progress.say(f"toolchain ready in {spoken(progress.elapsed)}: . .strata/env puts it on PATH")
    return 0


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _sources(root: Path) -> list[Path]:
    """Every file that says what is to be installed."""
    modules = [file for file in (root / "tools" / "go").glob("*/*") if file.suffix in (".mod", ".sum", ".go")]
    charts = sorted(file for file in (root / "tools" / "charts").rglob("*") if file.is_file())
    return [root / "tools" / "versions.toml", *root.glob("requirements*.txt"), *modules, *charts]


def _parts(workspace: Workspace, key: str, children: Children, progress: Progress) -> Parts:
    manifest = manifests.load(workspace.root / "tools" / "versions.toml")
    platform = Platform.current()
    kept = Store(store.default_root(), children, progress)
    builds = GoBuilds(workspace.root / "tools" / "go", kept, children)
    folders = path_search.search_folders(os.environ.get("PATH", ""), [workspace.state, kept.root])
    resolver = Resolver(manifest, platform, kept, builds, folders)
    return Parts(
        manifest=manifest,
        platform=platform,
        store=kept,
        resolver=resolver,
        releases=Releases(kept, Web(children)),
        builds=builds,
        pythons=PythonEnvironments(kept, children, progress),
        publisher=Publisher(manifest=manifest, store=kept, workspace=workspace, resolver=resolver, key=key),
        children=children,
        progress=progress,
    )
