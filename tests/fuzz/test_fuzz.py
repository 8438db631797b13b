"""Configurations from the schema, changed examples and bytes: each is accepted, or refused in words.

``make fuzz`` tries ``CONFIGURATIONS`` of them and writes its figures to docs/reliability.md; ``make test`` a few.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stacks.schema import stack_file_schema
from stacks.schema_nodes import StackSchema
from stacks.yaml_file import Value
from tests.stack_files import at

from .checking import answer
from .figures import Figures
from .mutations import STACKS, from_schema, mutated, places

PROJECT = Path(__file__).parents[2]
SCHEMA = StackSchema.model_validate_json(stack_file_schema())
# Random text without the prefix of any issuer, which only masking by place or by entropy can hide.
SECRET = "hf_QzX9vLr2TkPw8sJmNb4YdGfHc6RtVe1AuB"
COUNT = int(os.environ.get("CONFIGURATIONS", "0"))
CHANGED, SECRETS, FORMED, BYTES = (
    "changed examples",
    "examples with a planted secret",
    "the schema",
    "examples with bytes replaced",
)
SHARES = {CHANGED: 0.5, SECRETS: 0.2, FORMED: 0.2, BYTES: 0.1}
SMALL = 400


def examples(share: str) -> settings:
    """As many examples as this share of the configurations, the same ones in each run."""
    return settings(
        max_examples=max(1, round((COUNT or SMALL) * SHARES[share])),
        deadline=None,
        derandomize=not COUNT,
        database=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("stacks")
    for path in PROJECT.glob("Pulumi*.yaml"):
        shutil.copy(path, made)
    return made


@pytest.fixture(scope="module")
def figures(request: pytest.FixtureRequest) -> Iterator[Figures]:
    made = Figures()
    failed = request.session.testsfailed
    yield made
    # Figures of a run that failed would read as if all were well.
    if COUNT and request.session.testsfailed == failed:
        made.write(PROJECT / "docs" / "reliability.md")


def dumped(value: Value) -> str:
    return yaml.safe_dump(value, allow_unicode=True)


@examples(CHANGED)
@given(data=st.data())
def test_a_changed_example_is_accepted_or_refused_in_words(data: st.DataObject, folder: Path, figures: Figures) -> None:
    stack = data.draw(st.sampled_from(sorted(STACKS)))
    found = answer(folder, stack, dumped(data.draw(mutated(stack))))
    figures.add(CHANGED, found)
    assert found.faults() == []


@examples(SECRETS)
@given(data=st.data())
def test_a_planted_secret_is_never_shown(data: st.DataObject, folder: Path, figures: Figures) -> None:
    stack = data.draw(st.sampled_from(sorted(STACKS)))
    changed = data.draw(mutated(stack, most=1))
    inside = [place for place in places(changed) if place[:1] == ("config",) and len(place) > 1]
    place = data.draw(st.sampled_from(inside))
    parent = at(changed, place[:-1])
    as_key = data.draw(st.booleans())
    match parent, place[-1]:
        case dict(), str(key) if as_key:
            parent[SECRET] = parent.pop(key)
        case dict(), str(key):
            parent[key] = SECRET
        case list(), int(index):
            parent[index] = SECRET
        case _:
            pass
    found = answer(folder, stack, dumped(changed))
    figures.add(SECRETS, found)
    assert found.faults(SECRET) == []


@examples(FORMED)
@given(data=st.data())
def test_what_fits_the_schema_is_answered_in_words(data: st.DataObject, folder: Path, figures: Figures) -> None:
    scope, node = data.draw(st.sampled_from(sorted(SCHEMA.scopes.items())))
    made = data.draw(from_schema(SCHEMA, node))
    assert isinstance(made, dict)
    stack = data.draw(st.sampled_from(sorted(STACKS)))
    found = answer(folder, stack, dumped({"config": {**made, "strata:scope": scope}}))
    figures.add(FORMED, found)
    assert found.faults() == []


@examples(BYTES)
@given(data=st.data())
def test_any_bytes_are_refused_in_words(data: st.DataObject, folder: Path, figures: Figures) -> None:
    stack = data.draw(st.sampled_from(sorted(STACKS)))
    text = dumped(STACKS[stack]).encode()
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 200)))
    found = answer(folder, stack, text[:start] + data.draw(st.binary(max_size=60)) + text[end:])
    figures.add(BYTES, found)
    assert found.faults() == []


@pytest.mark.parametrize(
    "text",
    [
        b"\x00" * 100_000,
        b"#\n" * 490_000,
        b"a: " + b"[" * 5_000,
        b"a: " + b"{a: " * 3_000,
        b"? " * 5_000,
        b"config: {strata:models: " + b"x" * 900_000 + b"}",
        b"config:\n" + b"".join(b"  strata:key%d: 1\n" % number for number in range(40_000)),
        b"config:\n  strata:models:\n" + b"    - {}\n" * 60_000,
        b"&a [*a]",
        b"!!python/object/apply:os.system ['true']",
        b"%YAML 1.1\n---\na: 1\n---\nb: 2\n",
    ],
    ids=range(11),
)
def test_hostile_files_are_refused_fast(text: bytes, folder: Path) -> None:
    found = answer(folder, "dev", text)
    assert found.problems
    assert found.faults() == []
