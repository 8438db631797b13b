"""What is rendered does not depend on what ran before in the same process."""

from __future__ import annotations

from pathlib import Path

import pytest
from pulumi.runtime import MockCallArgs, MockResourceArgs, Mocks, is_dry_run, set_mocks
from pulumi.runtime import test as run_to_end  # pyright: ignore[reportUnknownVariableType] - the SDK leaves it untyped

from stacks.checks import check_all
from stacks.reading import read_whole_stack
from stacks.recording import UNKNOWN, record


class _Deaf(Mocks):
    def new_resource(self, args: MockResourceArgs) -> tuple[str | None, dict[str, object]]:
        return args.name, {}

    def call(self, args: MockCallArgs) -> tuple[dict[str, object], list[tuple[str, str]] | None]:  # noqa: ARG002
        return {}, []


@pytest.mark.parametrize("is_preview", [True, False])
def test_what_only_a_provider_knows_is_named_whatever_ran_before(project: Path, *, is_preview: bool) -> None:
    set_mocks(_Deaf(), preview=is_preview)
    assert is_dry_run() is is_preview

    @run_to_end
    def earlier_program() -> None:
        pass

    earlier_program()
    settings = read_whole_stack(project, "azure")
    resources = record(project, settings, check_all(project, settings).plans, "azure")
    (volume,) = (item for item in resources if item.token.endswith(":PersistentVolume"))
    assert UNKNOWN in str(volume.inputs)
