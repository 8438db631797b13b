"""`strata explain`: every number of a plan with the arithmetic or the rule behind it."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING

from rich.markup import escape
from rich.table import Table

from components.contracts.serving import Refusal, ServingPlan

from .console import out
from .plan import show_refusal
from .questions import Answer, add_flags, answers

if TYPE_CHECKING:
    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]


def add_parser(subparsers: Subparsers) -> None:
    """Add the command."""
    about = "show the arithmetic behind each number of a plan"
    parser = subparsers.add_parser("explain", help=about, description=about)
    add_flags(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print the reasons; 1 when a model is refused."""
    found = answers(arguments)
    if arguments.json:
        print(json.dumps([_reasons(answer) for answer in found], indent=2))
    else:
        for answer in found:
            _show(answer)
    return int(any(isinstance(answer.result, Refusal) for answer in found))


def _reasons(answer: Answer) -> dict[str, object]:
    match answer.result:
        case ServingPlan(reasons=reasons):
            return {"model": answer.request.model, "reasons": [reason.model_dump() for reason in reasons]}
        case Refusal() as refusal:
            return {"model": answer.request.model, "refusal": refusal.model_dump()}


def _show(answer: Answer) -> None:
    match answer.result:
        case ServingPlan(reasons=reasons):
            out.print(f"[bold]{escape(answer.request.model)}[/]")
            table = Table("Number", "Value", "Because", box=None, padding=(0, 2))
            for reason in reasons:
                table.add_row(escape(reason.subject), escape(reason.value), escape(reason.because))
            out.print(table)
            out.print()
        case Refusal() as refusal:
            show_refusal(refusal, answer.request.model)
