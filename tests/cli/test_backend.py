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


@pytest.mark.parametrize("left", [b"", b'{"user.cache_control":'])
def test_attributes_that_were_cut_off_go_and_whole_ones_stay(left: bytes, tmp_path: Path) -> None:
    backend = FileBackend(tmp_path)
    path = backend.state_path("dev")
    path.parent.mkdir(parents=True)
    cut_off, whole = path.with_name("dev.json.attrs"), path.with_name("dev.json.bak.attrs")
    cut_off.write_bytes(left)
    whole.write_text('{"user.content_type": "text/plain"}')
    assert backend.drop_cut_off_attributes("dev")
    assert not cut_off.exists()
    assert whole.exists()
    assert not backend.drop_cut_off_attributes("dev")
