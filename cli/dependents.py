"""What keeps a stack from going: other stacks that build on it, and resources that refuse to be deleted."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from components.contracts.errors import StrataError
from stacks.definitions import OURS, Definitions
from stacks.mode import Mode, make_command
from stacks.project import own_stack
from stacks.reading import read_stack


def require_no_dependents(
    prerequisites: Mapping[str, frozenset[str]], stack: str, mode: Mode, is_up: Callable[[str], bool]
) -> None:
    """Return when nothing that is up builds on the stack.

    Args:
        prerequisites: What each stack builds on.
        stack: The stack that shall go.
        mode: Whether it is real, so that people are told the right commands.
        is_up: Whether a stack holds resources.

    Raises:
        StrataError: when something does; with the order in which they have to go.
    """
    order = [name for name in removal_order(stack, prerequisites) if is_up(name)]
    if order:
        commands = ", then ".join(make_command("down", name, mode) for name in [*order, stack])
        raise StrataError.of(
            f"stack {stack}",
            cause=f"{' and '.join(order)} {'build' if len(order) > 1 else 'builds'} on it and still stand",
            consequence="their objects would outlive what holds them, and nothing could delete them any more",
            fix=f"in this order: {commands}",
        )


def require_unprotected(stack: str, mode: Mode, protected: Sequence[str]) -> None:
    """Return when nothing of the stack refuses to be deleted; the engine would find out in the middle.

    Raises:
        StrataError: when something does.
    """
    if protected:
        raise StrataError.of(
            f"stack {stack}",
            cause=f"protected: {', '.join(protected)}",
            consequence="everything around them would go before the engine refuses to delete them",
            fix=f"write protect: false where the settings protect them, {make_command('up', stack, mode)}, "
            "and then this again",
        )


def removal_order(stack: str, prerequisites: Mapping[str, frozenset[str]]) -> list[str]:
    """Everything that builds on the stack, directly or not, in the order in which it has to go.

    Args:
        stack: The stack that goes last.
        prerequisites: What each stack builds on.
    """
    order: list[str] = []

    def visit(name: str) -> None:
        for above in sorted(prerequisites):
            if name in prerequisites[above] and above not in order:
                visit(above)
                order.append(above)

    visit(stack)
    return order


def dependencies(project: Path, definitions: Definitions = OURS) -> dict[str, frozenset[str]]:
    """What each stack of the project builds on; a file that does not hold is no reason to keep another stack."""
    found: dict[str, frozenset[str]] = {}
    for path in project.glob("Pulumi.*.yaml"):
        name = path.name.removeprefix("Pulumi.").removesuffix(".yaml")
        try:
            found[name] = frozenset(
                own_stack(need.stack) or need.stack for need in read_stack(project, name, definitions).stack.needs
            )
        except StrataError:
            continue
    return found
