"""Every field of every contract that takes an enum takes the text of its values too, as a program writes it."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator, Mapping, Sequence
from enum import Enum
from pathlib import Path
from typing import Annotated, get_args, get_origin

import pytest

import components
from components.contracts.errors import StrataError
from components.contracts.model import Contract
from components.contracts.pools import Taint, TaintEffect
from tests.untyped import untyped

_PREFIX = "components."


def _contracts(kind: type[Contract] = Contract) -> Iterator[type[Contract]]:
    for contract in kind.__subclasses__():
        if contract.__module__.startswith(_PREFIX):
            yield contract
        yield from _contracts(contract)


def _values(annotation: object) -> Iterator[tuple[Enum, object]]:
    """Each value of an enum in an annotation, and what a program writes for it there."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        yield from ((member, member.value) for member in annotation)
    elif origin is Annotated:
        yield from _values(arguments[0])
    elif origin in {Sequence, tuple, list}:
        yield from ((member, [written]) for member, written in _values(arguments[0]))
    elif origin in {Mapping, dict}:
        yield from ((member, {written: None}) for member, written in _values(arguments[0]))
        yield from ((member, {"key": written}) for member, written in _values(arguments[1]))
    else:
        for argument in arguments:
            yield from _values(argument)


def _fields() -> Iterator[tuple[type[Contract], str, Enum, object]]:
    root = Path(components.__file__).parent
    for file in sorted(root.rglob("*.py")):
        # The others may load the SDK of a cloud.
        if "model import Contract" in file.read_text():
            importlib.import_module(_PREFIX + ".".join(file.relative_to(root).with_suffix("").parts))
    for contract in sorted(set(_contracts()), key=lambda kind: f"{kind.__module__}.{kind.__name__}"):
        for name, field in contract.model_fields.items():
            yield from ((contract, name, member, written) for member, written in _values(field.annotation))


def test_every_enum_is_taken_by_its_text() -> None:
    fields = list(_fields())
    assert len({(contract, name) for contract, name, _, _ in fields}) > 30, "the fields are not found any more"
    refused = list[str]()
    for contract, name, member, written in fields:
        if not isinstance(member.value, str):
            continue
        try:
            untyped(contract, {name: written})
        except StrataError as error:
            path = f"{contract.__name__}.{name}"
            refused += [str(problem) for problem in error.problems if re.match(rf"{path}\b", problem.field)]
    assert refused == []


def test_the_text_becomes_the_value() -> None:
    assert untyped(Taint, {"key": "team", "effect": "NoExecute"}).effect is TaintEffect.NO_EXECUTE


def test_an_unknown_text_is_answered_with_the_texts_that_are_known() -> None:
    with pytest.raises(StrataError) as refused:
        untyped(Taint, {"key": "team", "effect": "NoSchedul"})
    assert "did you mean 'NoSchedule'?" in str(refused.value)
