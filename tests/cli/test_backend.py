"""What the command line makes of a state folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from cli.backend import FileBackend
from components.contracts.errors import StrataError


@pytest.mark.parametrize("content", [b"{broken", b"", b"\xff\xfe"])
def test_a_damaged_state_is_named_with_where_its_backups_lie(content: bytes, tmp_path: Path) -> None:
    backend = FileBackend(tmp_path)
    path = backend.state_path("dev")
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    with pytest.raises(StrataError) as caught:
        backend.pending_operations("dev")
    assert str(path) in str(caught.value)
    assert str(tmp_path / ".pulumi" / "backups" / "strata" / "dev") in str(caught.value)


def test_a_stack_without_a_state_has_nothing_pending(tmp_path: Path) -> None:
    assert FileBackend(tmp_path).pending_operations("dev") == 0
