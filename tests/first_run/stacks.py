"""The stacks of the first real run, read from where the page keeps them."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cli.permissions import Permissions, of_resources
from stacks.checks import files_only
from stacks.definitions import OURS
from stacks.project import charts_folder
from stacks.reading import read_stack
from stacks.recording import Registered, record_checked
from stacks.secret_names import SecretNames
from stacks.stack import CheckedStack, Stack
from tests.conftest import PROJECT

FOLDER = PROJECT / "docs" / "first-run"
STACKS = ("first-eks", "first-gke", "first-gke-ip", "first-aks")


@dataclass(frozen=True)
class FirstRun:
    """One of them.

    Attributes:
        name: Its name.
        stack: What its file says.
        checked: What `check` makes of it.
        resources: What its program registers.
    """

    name: str
    stack: Stack
    checked: CheckedStack
    resources: list[Registered]

    @property
    def permissions(self) -> Permissions:
        """What whoever deploys it has to be allowed."""
        (found,) = of_resources(self.name, self.resources, OURS)
        return found


def file_of(name: str) -> Path:
    """Where the page keeps the stack's file."""
    return FOLDER / f"Pulumi.{name}.yaml"


def first_run(name: str) -> FirstRun:
    """A stack, read, planned and recorded in a project of its own."""
    with _project() as folder:
        shutil.copy(file_of(name), folder)
        stack = read_stack(folder, name).stack
        checked = stack.check(files_only(folder))
        return FirstRun(name, stack, checked, record_checked(folder, checked, SecretNames(), name))


@contextmanager
def _project() -> Generator[Path]:
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        if charts_folder(PROJECT).exists():
            charts_folder(folder).parent.mkdir(parents=True)
            charts_folder(folder).symlink_to(charts_folder(PROJECT))
        yield folder
