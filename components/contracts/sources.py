"""Where images and checkpoints come from, as types of settings and arguments."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

Sha256Digest = Annotated[str, Field(pattern=r"^sha256:[0-9a-f]{64}$")]
"""Digest of an image, such as ``sha256:`` and 64 hexadecimal digits."""

ImageMirror = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9.:/_-]*$")]
"""Registry that replaces the images' own, such as ``registry.example.com/mirror``."""

Revision = Annotated[str, Field(pattern=r"^[0-9a-f]{40}$")]
"""Commit of a repository on the hub."""

HubUrl = Annotated[str, Field(pattern=r"^https://[^\s@/]+(/[^\s@]*)?$")]
"""Address of a Hugging Face hub or a mirror that speaks its protocol."""
