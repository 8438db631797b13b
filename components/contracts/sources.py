"""Where images and checkpoints come from, as types of settings and arguments."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, Field

from .addresses import host_of, with_real_port
from .forms import Form
from .shown_text import excerpt
from .special_addresses import is_own_address, unreachable_use

Sha256Digest = Annotated[
    str, Form(r"sha256:[0-9a-f]{64}", "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef")
]
"""Digest of an image, such as ``sha256:`` and 64 hexadecimal digits."""

# The grammar of image references: a host, a port, and path components of lower-case words (distribution/reference).
_REGISTRY = (
    r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*(:[0-9]{1,5})?"
    r"(/[a-z0-9]+((\.|_{1,2}|-+)[a-z0-9]+)*)*"
)


def _without_more(value: str) -> str:
    """Refuses what people copy with the name of a registry, with the name itself as the fix."""
    host, slash, path = re.sub(r"^https?://", "", value).rstrip("/").partition("/")
    name = f"{host}{slash}{re.split('[:@]', path)[0]}".lower()
    if name != value and re.fullmatch(_REGISTRY, name):
        raise ValueError(
            f"{excerpt(value)!r} is more than the name of a registry, which has no scheme, no capitals, no tag and no "
            f"slash at its end; write {name}"
        )
    return value


def _registry(value: str) -> str:
    host = value.partition("/")[0].partition(":")[0]
    use = unreachable_use(host)
    # Some clusters have a registry on every node, such as MicroK8s at localhost:32000.
    if use and not is_own_address(host):
        raise ValueError(f"{host} is {use}; write the name or address that the registry has in its network")
    return value


ImageMirror = Annotated[
    str, AfterValidator(_without_more), Form(_REGISTRY, "registry.example.com/mirror"), AfterValidator(_registry)
]
"""Registry that replaces the images' own, such as ``registry.example.com/mirror``."""

# A name without a registry, such as python:3.12, is one of Docker Hub's; the host is optional and may have capitals.
_PATH = r"[a-z0-9]+((\.|_{1,2}|-+)[a-z0-9]+)*"
_IMAGE = (
    rf"([A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*(:[0-9]{{1,5}})?/)?{_PATH}(/{_PATH})*"
    r"(:[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(@sha256:[0-9a-f]{64})?"
)
ImageName = Annotated[str, Form(_IMAGE, "docker.io/library/python:3.12.12"), Field(max_length=500)]
"""An image of a registry, such as ``docker.io/library/python:3.12.12``."""

ChartMirror = Annotated[
    str,
    Form(r"oci://[^\s@]+|(\.{0,2}/)?[^\s@:]+", "oci://registry.example.com/charts"),
    Field(min_length=1, max_length=500),
]
"""Where Helm charts are taken from in place of their own repositories: a registry, such as
``oci://registry.example.com/charts``, or a folder that has one folder for each chart; a relative one starts at the
project."""

Revision = Annotated[str, Form(r"[0-9a-f]{40}", "f2826a00ceef68f0f2b946d945ecc0477ce4450c")]
"""Commit of a repository on the hub."""

PUBLIC_HUB = "https://huggingface.co"
"""Where checkpoints come from unless a program or a stack names another hub."""


# Names of the public hub, and of a public mirror that asks it (huggingface_hub, constants.py; hf-mirror.com).
_PUBLIC_HUBS = frozenset({"huggingface.co", "www.huggingface.co", "hf.co", "hf-mirror.com"})
# Registries on the internet only. Google's and Microsoft's are left out: networks without NAT may have a private way
# to them (Private Google Access; private endpoints).
_PUBLIC_REGISTRIES = frozenset(
    {
        *("docker.io", "index.docker.io", "registry-1.docker.io", "ghcr.io", "quay.io", "nvcr.io"),
        *("registry.k8s.io", "public.ecr.aws", "registry.gitlab.com"),
    }
)


def is_public_hub(url: str) -> bool:
    """Whether it is the public hub, however it is written.

    Args:
        url: Address of a hub, such as ``https://huggingface.co/``.
    """
    return host_of(url) in _PUBLIC_HUBS


def is_public_registry(mirror: str) -> bool:
    """Whether images come from a registry that is on the internet only.

    Args:
        mirror: Registry with or without a path, such as ``ghcr.io/acme``.
    """
    host = mirror.partition("/")[0]
    # A first part without a dot or a port is no registry but an owner on Docker Hub (distribution/reference).
    is_owner = not (set(host) & {".", ":"}) and host != "localhost"
    return is_owner or host.partition(":")[0] in _PUBLIC_REGISTRIES


def _hub_url(value: str) -> str:
    # huggingface_hub makes addresses by adding paths to it; what follows may be a token and is not quoted.
    base = re.split(r"[?#]", value, maxsplit=1)[0]
    if base != value:
        raise ValueError(
            "has a query or a fragment, and the paths of models are added behind it, so the hub would never answer; "
            f"write {excerpt(base.rstrip('/').replace('http://', 'https://'))}, and give a token as a secret"
        )
    if value.startswith("http://"):
        raise ValueError(
            f"{excerpt(value)!r} would carry the token and the weights unencrypted; write it with https://"
        )
    host = host_of(value)
    use = unreachable_use(host)
    if use:
        raise ValueError(
            f"{excerpt(host)} is {use}, and no hub can be there for a pod; "
            "write the name or address that the hub has in its network"
        )
    return with_real_port(value)


HubUrl = Annotated[str, AfterValidator(_hub_url), Form(r"https://[^\s@/?#]+(/[^\s@?#]*)?", PUBLIC_HUB)]
"""Address of a Hugging Face hub or a mirror that speaks its protocol."""
