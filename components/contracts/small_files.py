"""Files that users name, read as far as they can be what they should be."""

from __future__ import annotations

import stat
from pathlib import Path


def small_text(path: Path, most: int) -> str:
    """The text of a regular file.

    Args:
        path: The file; a pipe or a device would be read for ever.
        most: Bytes that it may have.

    Raises:
        ValueError: It is not a regular file, too large, or not UTF-8; the message says which, in words.
    """
    if "\0" in str(path):
        raise ValueError("is not a path, as it has a NUL character")
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise ValueError("is not a regular file")
        with path.open("rb") as file:
            raw = file.read(most + 1)
    except OSError as error:
        raise ValueError(f"cannot be read: {(error.strerror or 'unknown error').lower()}") from None
    if len(raw) > most:
        raise ValueError(f"has more than {most:,} bytes")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"is not UTF-8 text: {error.reason}") from None
