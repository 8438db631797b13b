"""Where images and checkpoints come from, as types of settings and arguments."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from .addresses import with_real_port
from .forms import Form

Sha256Digest = Annotated[
    str, Form(r"sha256:[0-9a-f]{64}", "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef")
]
"""Digest of an image, such as ``sha256:`` and 64 hexadecimal digits."""

# The grammar of image references: a host, a port, and path components of lower-case words (distribution/reference).
_REGISTRY = (
    r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*(:[0-9]{1,5})?"
    r"(/[a-z0-9]+((\.|_{1,2}|-+)[a-z0-9]+)*)*"
)
ImageMirror = Annotated[str, Form(_REGISTRY, "registry.example.com/mirror")]
"""Registry that replaces the images' own, such as ``registry.example.com/mirror``."""

# A name without a registry, such as python:3.12, is one of Docker Hub's; the host is optional and may have capitals.
_PATH = r"[a-z0-9]+((\.|_{1,2}|-+)[a-z0-9]+)*"
_IMAGE = (
    rf"([A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*(:[0-9]{{1,5}})?/)?{_PATH}(/{_PATH})*"
    r"(:[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(@sha256:[0-9a-f]{64})?"
)
ImageName = Annotated[str, Form(_IMAGE, "docker.io/library/python:3.12.12"), Field(max_length=500)]
"""An image of a registry, such as ``docker.io/library/python:3.12.12``."""

Revision = Annotated[str, Form(r"[0-9a-f]{40}", "f2826a00ceef68f0f2b946d945ecc0477ce4450c")]
"""Commit of a repository on the hub."""

PUBLIC_HUB = "https://huggingface.co"
"""Where checkpoints come from unless a program or a stack names another hub."""


def _hub_url(value: str) -> str:
    if value.startswith("http://"):
        raise ValueError(f"{value[:80]!r} would carry the token and the weights unencrypted; write it with https://")
    return with_real_port(value)


HubUrl = Annotated[str, AfterValidator(_hub_url), Form(r"https://[^\s@/]+(/[^\s@]*)?", "https://huggingface.co")]
"""Address of a Hugging Face hub or a mirror that speaks its protocol."""
