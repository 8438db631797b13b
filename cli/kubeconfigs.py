"""Writing the kubeconfig of a cluster to a file, for `kubectl` after an `up`."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from components.clusters.reachability import is_content


def write_kubeconfig(path: Path, content: str) -> None:
    """Write it, for this user only.

    Args:
        path: File to write.
        content: A kubeconfig, or the path of one.
    """
    text = content if is_content(content) else Path(content).read_text()
    path.parent.mkdir(parents=True, exist_ok=True)
    # The draft is private from its first byte on, and replaces a link instead of following it.
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=".")
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        stream.write(text)
    Path(draft).replace(path)


def remove_kubeconfig(path: Path) -> None:
    """Remove it, and its folder when that is empty."""
    path.unlink(missing_ok=True)
    if path.parent.is_dir() and not any(path.parent.iterdir()):
        path.parent.rmdir()
