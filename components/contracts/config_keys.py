"""Keys of the engine's configuration that can hold a secret."""

from __future__ import annotations

from typing import Annotated

from .forms import Form

KEY_PATTERN = r"[A-Za-z][A-Za-z0-9_]{0,62}"
ConfigKey = Annotated[str, Form(KEY_PATTERN, "huggingFaceToken")]
"""Name of such a key, without the project's."""
