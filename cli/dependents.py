"""What prevents the removal of a stack: other stacks that build on it, and protected resources."""

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
    """Check that no stack that is up builds on this one.

    Args:
        prerequisites: What each stack builds on.
        stack: The stack to remove.
        mode: Whether it is real; decides which commands the fix names.
        is_up: Whether a stack holds resources.

    Raises:
        StrataError: Some do; the fix names the order of removal.
    """
    order = [name for name in removal_order(stack, prerequisites) if is_up(name)]
    if order:
        commands = ", then ".join(make_command("down", name, mode) for name in [*order, stack])
        raise StrataError.of(
            f"stack {stack}",
            cause=f"{' and '.join(order)} {'build' if len(order) > 1 else 'builds'} on it and must be removed first",
            consequence="what they are built on would be gone, and nothing could delete their objects any more",
            fix=f"in this order: {commands}",
        )


def require_unprotected(stack: str, mode: Mode, protected: Sequence[str]) -> None:
    """Check that no resource of the stack is protected; the engine would notice halfway through.

    Raises:
        StrataError: Some are.
    """
    if protected:
        raise StrataError.of(
            f"stack {stack}",
            cause=f"protected: {', '.join(protected)}",
            consequence="the engine would delete the other resources before it refuses these",
            fix=f"set protect: false for them in the settings, run {make_command('up', stack, mode)}, "
            "and then this command again",
        )


def removal_order(stack: str, prerequisites: Mapping[str, frozenset[str]]) -> list[str]:
    """All stacks that build on this one, directly or not, in the order in which they have to be removed.

    Args:
        stack: The stack to remove after them.
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
    """What each stack of the project builds on; stacks whose file is invalid are left out."""
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
