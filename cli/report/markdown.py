"""A preview as a comment on a pull request: dangerous changes first, long lists folded.

Every value is escaped, so that none can break out of its cell. GitHub accepts 65,536 characters.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from components.contracts.errors import Problem
from components.contracts.serving import ServingPlan
from stacks.plan_lines import plan_lines

from .changes import Change, PropertyChange, Run
from .costs import CostReport, dollars
from .tables import danger_of

_LONGEST = 60_000
_MOST_ROWS = 200
_VERBS = (("create", "to create"), ("update", "to update"), ("replace", "to replace"), ("delete", "to delete"))
_CUT = "\n\n… the rest is cut: GitHub accepts no longer comment. `make preview` shows all of it.\n"


@dataclass(frozen=True, kw_only=True)
class Preview:
    """The content of a report.

    Attributes:
        stack: Name of the stack.
        notes: Announcement of what the run changes, one line each.
        run: What would change.
        costs: What it would cost.
        plans: Plans of the models.
    """

    stack: str
    notes: Sequence[str]
    run: Run
    costs: CostReport
    plans: Sequence[ServingPlan]


def markdown_of(preview: Preview) -> str:
    """The report; its first line names the stack, so that a later report can replace it."""
    run = preview.run
    sections = [
        f"### Preview of stack {code(preview.stack)}",
        *(f"> {note}" for note in preview.notes),
        _summary(run),
        *_messages(preview),
        *_dangers(run),
        *_costs(preview.costs),
        *_plans(preview.plans),
        *_properties(run),
        *_all_changes(run),
    ]
    return _fitting(sections)


def markdown_of_problems(stack: str, problems: Iterable[Problem]) -> str:
    """The report of a stack whose settings were refused before the engine ran."""
    found = list(problems)
    rows = [
        f"- **{escape(problem.field)}**: {escape(problem.cause)}\n"
        f"  - consequence: {escape(problem.consequence)}\n  - fix: {escape(problem.fix)}"
        for problem in found
    ]
    head = f"### Preview of stack {code(stack)}"
    return _fitting([head, f"**{_counted(len(found), 'problem')} to fix; nothing was compared.**", "\n".join(rows)])


def code(text: str) -> str:
    """Text as code that is safe within a table."""
    flat = " ".join(text.split()) or " "
    return f"`{flat.replace('`', 'ˋ').replace('|', chr(92) + '|')}`"


def escape(text: str) -> str:
    """Text without any effect as markup, HTML or mention."""
    flat = " ".join(text.split())
    for sign in "\\`*_[]|#":
        flat = flat.replace(sign, f"\\{sign}")
    return flat.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("@", "@&#8203;")


def _summary(run: Run) -> str:
    counts = [f"**{len(run.of(op))}** {words}" for op, words in _VERBS if run.of(op)]
    counts += [f"**{len(run.of('import'))}** to import"] if run.of("import") else []
    text = ", ".join(counts) or "**No changes**"
    text += f", {run.unchanged} unchanged" if run.unchanged else ""
    if not run.completed:
        text = f"**The preview did not finish; what follows may be incomplete.** So far: {text}"
    return text


def _messages(preview: Preview) -> Iterator[str]:
    run = preview.run
    for error in run.errors:
        yield f"> [!CAUTION]\n> {escape(error.message)}"
    for violation in run.policies:
        sign = "CAUTION" if violation.stops else "WARNING"
        where = f" ({escape(violation.urn.rpartition('::')[2])})" if violation.urn else ""
        yield f"> [!{sign}]\n> policy {escape(violation.policy)}{where}: {escape(violation.message)}"
    known = "\n".join(preview.notes)
    warnings = [
        diagnostic
        for diagnostic in run.diagnostics
        if diagnostic.severity == "warning" and not (known and known in diagnostic.message)
    ]
    if warnings:
        yield _folded(
            _counted(len(warnings), "warning"), "\n".join(f"- {escape(warning.message)}" for warning in warnings)
        )
    if run.gone:
        names = ", ".join(code(urn.rpartition("::")[2]) for urn in run.gone)
        yield f"> [!WARNING]\n> Deleted outside of Strata: {names}; `up` creates them again."


def _dangers(run: Run) -> Iterator[str]:
    dangers = run.of("replace", "delete")
    if dangers:
        rows = [
            f"| {change.op} | {code(change.type)} | {code(change.name)} | {escape(danger_of(change))} |"
            for change in dangers
        ]
        yield "#### Replaced or deleted"
        yield _table("| | type | name | consequence |", rows)


def _costs(costs: CostReport) -> Iterator[str]:
    if not costs.lines:
        return
    rows = [
        f"| {escape(line.item)} | {dollars(line.usd_per_hour)} | {costs.change_of(line)} | {escape(line.note)} |"
        for line in costs.lines
    ]
    rows += [f"| {escape(line.item)} | | no longer {dollars(line.usd_per_hour)} | |" for line in costs.gone]
    yield f"#### Cost: {escape(costs.total)}"
    yield _table("| item | per hour | change | note |", rows)
    if costs.basis:
        yield costs.basis


def _plans(plans: Sequence[ServingPlan]) -> Iterator[str]:
    if plans:
        text = "\n".join(line for plan in plans for line in plan_lines(plan))
        yield _folded(f"Plans of {_counted(len(plans), 'model')}", f"```\n{text}\n```")


def _properties(run: Run) -> Iterator[str]:
    changed = [(change, value) for change in run.of("update", "replace") for value in change.properties]
    if changed:
        rows = [_property_row(change, value) for change, value in changed]
        yield _folded(
            _counted(len(changed), "property change"), _table("| resource | property | before | after | |", rows)
        )


def _property_row(change: Change, changed: PropertyChange) -> str:
    values = " | ".join(code(value) if value else "" for value in (changed.old, changed.new))
    consequence = "replaces" if changed.forces_replacement else ""
    return f"| {code(change.name)} | {code(changed.path)} | {values} | {consequence} |"


def _all_changes(run: Run) -> Iterator[str]:
    if run.changes:
        rows = [f"| {change.op} | {code(change.type)} | {code(change.name)} |" for change in run.changes]
        yield _folded(f"All {len(run.changes)} resources that change", _table("| | type | name |", rows))


def _counted(count: int, thing: str) -> str:
    return f"{count} {thing}{'' if count == 1 else 's'}"


def _table(head: str, rows: Sequence[str]) -> str:
    rule = "|".join(["", *["---"] * (head.count("|") - 1), ""])
    more = [f"\n… and {len(rows) - _MOST_ROWS} more"] if len(rows) > _MOST_ROWS else []
    return "\n".join([head, rule, *rows[:_MOST_ROWS], *more])


def _folded(title: str, body: str) -> str:
    return f"<details><summary>{title}</summary>\n\n{body}\n\n</details>"


def _fitting(sections: Iterable[str]) -> str:
    """As many complete sections as fit: an unclosed fold would hide what follows."""
    text = ""
    for section in sections:
        if len(text) + len(section) > _LONGEST:
            return text + _CUT
        text += f"{section}\n\n"
    return text
