"""Files that users name are read only as far as they can be what they should be."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from components.contracts.small_files import small_text


def test_text_is_read_up_to_its_limit(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(b"\xef\xbb\xbf" + b"x" * 10)
    assert small_text(path, 13) == "x" * 10
    with pytest.raises(ValueError, match="has more than 12 bytes"):
        small_text(path, 12)


def test_what_would_be_read_for_ever_or_is_no_text_is_named(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "latin").write_bytes(b"\xe4")
    wrong = {
        tmp_path / "pipe": "is not a regular file",
        Path("/dev/zero"): "is not a regular file",
        tmp_path: "is not a regular file",
        tmp_path / "missing": "cannot be read: no such file",
        tmp_path / "latin": "is not UTF-8 text",
        tmp_path / "a\0b": "NUL character",
        tmp_path / ("x" * 4_000): "cannot be read: file name too long",
    }
    for path, said in wrong.items():
        with pytest.raises(ValueError, match=said):
            small_text(path, 100)
