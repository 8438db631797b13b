"""Environment variables that the tests of a file set are gone when the next file's begin: a pytest plugin.

Files run in another order on every machine, so a variable that outlived its file would break tests far away, and only
on some machines.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import pytest

# pytest's own; it has another value in every test.
_CHANGES = "PYTEST_CURRENT_TEST"
_BEFORE = pytest.StashKey[tuple[Path, Mapping[str, str]]]()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Fail the first test of a file that finds other variables than the first test of the file before it."""
    now = {name: value for name, value in os.environ.items() if name != _CHANGES}
    file, before = item.config.stash.get(_BEFORE, (item.path, now))
    if file == item.path:
        item.config.stash[_BEFORE] = (item.path, before)
        return
    item.config.stash[_BEFORE] = (item.path, now)
    other = sorted(name for name in before.keys() | now.keys() if before.get(name) != now.get(name))
    assert not other, f"tests of {file} left other values of {', '.join(other)}"
