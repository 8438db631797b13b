"""What components register, as the engine would get it, without an engine or a cluster."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias, cast

from pulumi.runtime import MockCallArgs, MockResourceArgs, Mocks, set_mocks
from pulumi.runtime import test as run_to_end  # pyright: ignore[reportUnknownVariableType] - the SDK leaves it untyped

from components.contracts.errors import StrataError

Json: TypeAlias = "str | int | float | bool | list[Json] | dict[str, Json] | None"


@dataclass(frozen=True)
class Registration:
    """One resource.

    Attributes:
        token: Type token, such as ``kubernetes:apps/v1:Deployment``.
        name: Logical name.
        inputs: Its inputs as the engine would get them, whole numbers as integers.
    """

    token: str
    name: str
    inputs: dict[str, Json]

    def at(self, *path: str | int) -> Json:
        """The input at this path; None when there is nothing."""
        return value_at(self.inputs, *path)


def value_at(value: Json, *path: str | int) -> Json:
    """What lies at a path of keys and positions; None when there is nothing."""
    for step in path:
        if isinstance(value, list) and isinstance(step, int):
            value = value[step] if step < len(value) else None
        elif isinstance(value, dict):
            value = value.get(str(step))
        else:
            return None
    return value


class Registrations(Mocks):
    """Collects what is registered; a resource answers with its inputs."""

    def __init__(self) -> None:
        self.made: list[Registration] = []

    def new_resource(self, args: MockResourceArgs) -> tuple[str | None, dict[str, Json]]:
        inputs = cast("dict[str, Json]", args.inputs)  # pyright: ignore[reportUnknownMemberType] - likewise
        self.made.append(Registration(args.typ, args.name, {key: _whole(value) for key, value in inputs.items()}))
        return f"{args.name}-id", inputs

    def call(self, args: MockCallArgs) -> tuple[dict[str, Json], list[tuple[str, str]] | None]:  # noqa: ARG002
        return {}, None

    def only(self, kind: str) -> Registration:
        """The one resource of this class."""
        found = self.of(kind)
        assert len(found) == 1, f"{len(found)} of {kind}"
        return found[0]

    def of(self, kind: str) -> list[Registration]:
        """All resources of this class, ordered by name."""
        found = [made for made in self.made if made.token.rpartition(":")[2] == kind]
        return sorted(found, key=lambda made: made.name)


def registered(declare: Callable[[], object]) -> Registrations:
    """Run a function that declares resources, until nothing is left to wait for."""
    registrations = Registrations()
    set_mocks(registrations, project="strata", stack="test")

    @run_to_end
    def program() -> None:
        declare()

    program()
    return registrations


def refusal(declare: Callable[[], object]) -> tuple[StrataError, list[Registration]]:
    """The error with which a function is refused, and what it had registered by then."""
    errors: list[StrataError] = []

    def attempt() -> None:
        # Caught inside, so that whatever was registered before is waited for.
        try:
            declare()
        except StrataError as error:
            errors.append(error)

    made = registered(attempt).made
    assert errors, "nothing is refused"
    return errors[0], made


def assert_refused(declare: Callable[[], object], field: str) -> None:
    """It is refused for that field, in whole problems, before anything is registered."""
    error, made = refusal(declare)
    assert field in [problem.field for problem in error.problems], str(error)
    assert all(problem.cause and problem.consequence and problem.fix for problem in error.problems)
    assert made == [], "something is registered that would have to be destroyed"


def _whole(value: Json) -> Json:
    """Numbers travel as floats."""
    match value:
        case dict():
            return {key: _whole(inner) for key, inner in value.items()}
        case list():
            return [_whole(inner) for inner in value]
        case float() if value.is_integer():
            return int(value)
        case _:
            return value
