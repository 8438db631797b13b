"""``strata``: check a stack, bring it up, show what runs, render it, take it down."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable

from components.contracts.errors import StrataError
from stacks.definitions import OURS, Definitions

from . import commands, explain, models, permissions, plan
from .console import report


def _parser(definitions: Definitions) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="strata", description=__doc__)
    parser.set_defaults(definitions=definitions)
    names = parser.add_subparsers(dest="command", required=True, metavar="command")

    def add(name: str, about: str, run: Callable[[argparse.Namespace], int]) -> argparse.ArgumentParser:
        command = names.add_parser(name, help=about, description=about)
        command.add_argument("stack", help="stack, such as dev")
        command.set_defaults(run=run)
        return command

    add("check", "check a stack's settings and plans", commands.check)
    add("migrate", "rewrite a stack's file where settings are spelled as in an earlier release", commands.migrate_file)
    add("start", "start or repair the stack's cluster on this machine, embedded or simulated", commands.start)
    add("stop", "stop the stack's cluster on this machine and keep its data", commands.stop)
    add("prerequisites", "list the stacks that have to be up before this one", commands.prerequisites)
    add("up", "bring the stack up and show what runs", commands.up)
    preview = add("preview", "show what `up` would change", commands.preview)
    preview.add_argument("--diff", action="store_true", help="show each change in full")
    preview.add_argument("--report", default="", help="file to write a report in Markdown to, for a pull request")
    add("status", "show what runs", commands.status)
    verify = add("verify", "compare what was promised with what the cluster answers", commands.verify)
    verify.add_argument("--json", action="store_true", help="print the findings as JSON")
    verify.add_argument("--wait", type=float, default=0.0, help="seconds to ask again while something does not hold")
    rights = add("permissions", "print what whoever deploys has to be allowed at the cloud", permissions.run)
    rights.add_argument("--json", action="store_true", help="print every cloud's document with its commands as JSON")
    add("down", "remove everything that the stack made", commands.down)
    render = add("render", "write every Kubernetes object as YAML, secrets withheld", commands.render)
    render.add_argument("out", help="directory to write to")
    alive = add("live", "bring the stack up on nodes that truly run, and ask its first model something", _live)
    alive.add_argument(
        "--nodes", type=int, default=1, help="how many nodes stand for the pool of the first model server"
    )
    alive.add_argument("--possible", action="store_true", help="say only whether that works here")
    add("live-down", "end the live nodes; the stack goes with them where it came with them", _live_down)
    plan.add_parser(names)
    explain.add_parser(names)
    models.add_parser(names)
    return parser


def _live(arguments: argparse.Namespace) -> int:
    # Every other command does without the simulation.
    from .live.command import live  # noqa: PLC0415

    return live(arguments)


def _live_down(arguments: argparse.Namespace) -> int:
    from .live.command import live_down  # noqa: PLC0415

    return live_down(arguments)


def _unusable(error: OSError) -> StrataError:
    """An error of the operating system as a problem: a file, a folder, or a program that is not installed."""
    return StrataError.of(
        str(error.filename or "this machine"),
        cause=error.strerror or str(error),
        consequence="the command stopped; what it had finished stays",
        fix="fix that and run the same command again; programs are installed by `make toolchain` and found after "
        "`. .strata/env`",
    )


def main(definitions: Definitions = OURS) -> int:
    """Run one command; 1 when there are problems to fix, 2 for a wrong command line.

    Args:
        definitions: What kinds of stacks there are; programs with environments or layers of their own pass theirs.
    """
    arguments = _parser(definitions).parse_args()
    try:
        return arguments.run(arguments)
    except StrataError as error:
        report(error)
        return 1
    except OSError as error:
        report(_unusable(error))
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
