"""Authorities of clusters that are reached by name: clients trust a name of Google's as they trust any public one.

A kubeconfig of such a cluster holds no authority. The clients here are Go programs, which take the authorities of the
system from the file that ``SSL_CERT_FILE`` names (Go, crypto/x509).
"""

from __future__ import annotations

import base64
import os
from pathlib import Path

from ..environment import AUTHORITIES_VARIABLE


def trust(authority: str) -> None:
    """Add an authority, in base64, to those that the clients of this run trust."""
    named = os.environ.get(AUTHORITIES_VARIABLE, "")
    if not named.endswith("simulated/authorities.pem"):
        return
    path, added = Path(named), base64.b64decode(authority).decode()
    known = path.read_text(encoding="utf-8") if path.exists() else ""
    if added not in known:
        path.write_text(known + added, encoding="utf-8")
