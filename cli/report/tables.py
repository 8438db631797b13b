"""A preview for the terminal: dangerous changes and costs, below what the engine printed."""

from __future__ import annotations

from rich.markup import escape
from rich.table import Table

from cli.console import out

from .changes import Change, Run
from .costs import CostReport, dollars


def danger_of(change: Change) -> str:
    """What is lost with a resource that is replaced or deleted, as text."""
    forcing = [value.path for value in change.properties if value.forces_replacement]
    words = [f"loses {change.loss}"] if change.loss else []
    words += [f"because of {', '.join(forcing)}"] if forcing else []
    words += ["it is protected, so the run would stop"] if change.protected else []
    return "; ".join(words)


def show_dangers(run: Run) -> None:
    """Print what would be replaced or deleted, if anything."""
    dangers = run.of("replace", "delete")
    if not dangers:
        return
    out.print(f"\n[bold red]{len(dangers)} resources would be replaced or deleted:[/]")
    for change in dangers:
        about = danger_of(change)
        out.print(f"  {change.op} {escape(change.type)} {escape(change.name)}{f': {escape(about)}' if about else ''}")


def show_costs(costs: CostReport) -> None:
    """Print a line for each thing that is paid by the hour, and the sum of the known prices."""
    if not costs.lines:
        return
    table = Table("per hour", "item", "change", "note", box=None, padding=(0, 2))
    for line in costs.lines:
        table.add_row(dollars(line.usd_per_hour), escape(line.item), costs.change_of(line), escape(line.note))
    for line in costs.gone:
        table.add_row("", escape(line.item), "no longer", "")
    out.print("\n[bold]cost[/]")
    out.print(table)
    out.print(f"  [bold]{costs.total}[/]")
    if costs.basis:
        out.print(f"  {costs.basis}")
