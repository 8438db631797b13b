"""Proof that a download is what its publisher released.

Owns reading a published checksum in its three forms and comparing it with a file. A release without a readable checksum
is refused like one with a wrong checksum.
"""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import cast

from .manifest import ChecksumForm

_LIST_LINE = re.compile(r"([0-9a-fA-F]{32,128})\s+\*?(\S+)")
_SINGLE = re.compile(r"\s*([0-9a-fA-F]{32,128})\b")
_CHUNK = 2**20


class ChecksumError(Exception):
    """The file is not, or cannot be shown to be, what was published."""


def verify(file: Path, *, asset: str, published: str, form: ChecksumForm, algorithm: str) -> None:
    """Raises unless the publisher's text gives this file's digest for `asset`."""
    expected = _expected(asset, published, form, algorithm)
    if expected is None:
        raise ChecksumError(f"the publisher gives no {algorithm} checksum for {asset}")
    digest = hashlib.new(algorithm)
    with file.open("rb") as content:
        while chunk := content.read(_CHUNK):
            digest.update(chunk)
    if digest.hexdigest() != expected.lower():
        raise ChecksumError(f"{asset} has {algorithm} {digest.hexdigest()}, published is {expected.lower()}")


def _expected(asset: str, published: str, form: ChecksumForm, algorithm: str) -> str | None:
    if form is ChecksumForm.SINGLE:
        match = _SINGLE.match(published)
        return match.group(1) if match else None
    if form is ChecksumForm.LIST:
        for line in published.splitlines():
            match = _LIST_LINE.fullmatch(line.strip())
            if match and Path(match.group(2)).name == asset:
                return match.group(1)
        return None
    return _github_digest(asset, published, algorithm)


def _github_digest(asset: str, published: str, algorithm: str) -> str | None:
    """GitHub records a digest when an asset is uploaded; older assets have none."""
    try:
        release: object = json.loads(published)
    except ValueError:
        return None
    assets = cast("dict[str, object]", release).get("assets") if isinstance(release, dict) else None
    for entry in cast("list[object]", assets) if isinstance(assets, list) else []:
        fields = cast("dict[str, object]", entry) if isinstance(entry, dict) else {}
        digest = fields.get("digest")
        if fields.get("name") == asset and isinstance(digest, str) and digest.startswith(f"{algorithm}:"):
            return digest.partition(":")[2]
    return None
