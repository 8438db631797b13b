"""Names that Kubernetes accepts, as types, and names made from longer ones.

Limits: RFC 1123 labels hold 63 characters; label values 63; see the Kubernetes documentation on
object names and on labels.
"""

from __future__ import annotations

import hashlib
import re
from typing import Annotated

from pydantic import AfterValidator, WithJsonSchema

from .shown_text import excerpt

MAX_LABEL = 63
_DNS_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")
_LABEL_VALUE = re.compile(r"([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?")
_DNS_SUBDOMAIN = re.compile(rf"{_DNS_LABEL.pattern}(\.{_DNS_LABEL.pattern})*")
_MAX_SUBDOMAIN = 253
# Object names get suffixes such as "-metrics-<hash>", and pods add up to 17 characters of their own.
MAX_NAME = 40


def _kubernetes_name(value: str, form: re.Pattern[str], most: int, characters: str) -> str:
    if len(value) > most or not form.fullmatch(value):
        raise ValueError(
            f"{excerpt(value)!r} is not a name that Kubernetes accepts; use 1 to {most} of {characters}, "
            "beginning and ending with a letter or digit"
        )
    return value


def _dns_label(value: str) -> str:
    return _kubernetes_name(value, _DNS_LABEL, MAX_NAME, "a-z, 0-9 and '-'")


def _absolute_path(value: str) -> str:
    if not value.startswith("/") or ".." in value.split("/"):
        raise ValueError(f"{excerpt(value)!r} is not an absolute path; write it like /models")
    return value


def _existing_label(value: str) -> str:
    return _kubernetes_name(value, _DNS_LABEL, MAX_LABEL, "a-z, 0-9 and '-'")


def _existing_name(value: str) -> str:
    if len(value) > _MAX_SUBDOMAIN or not _DNS_SUBDOMAIN.fullmatch(value):
        raise ValueError(
            f"{excerpt(value)!r} is not a name that Kubernetes accepts; use 1 to {_MAX_SUBDOMAIN} of a-z, 0-9, '-' and "
            "'.', each part between dots beginning and ending with a letter or digit"
        )
    return value


def _service_name(value: str) -> str:
    if _dns_label(value)[0].isdigit():
        raise ValueError(
            f"{value!r} begins with a digit, which names of Services must not (RFC 1035); begin with a letter, such as "
            f"m-{value}"
        )
    return value


def _label_value(value: str) -> str:
    if len(value) > MAX_LABEL or not _LABEL_VALUE.fullmatch(value):
        raise ValueError(
            f"{excerpt(value)!r} is not a label value; use at most {MAX_LABEL} of A-Z, a-z, 0-9, '-', '_' and '.', "
            "beginning and ending with a letter or digit"
        )
    return value


def is_label_value(value: str) -> bool:
    """Whether it is a value of labels that says something."""
    return 0 < len(value) <= MAX_LABEL and _LABEL_VALUE.fullmatch(value) is not None


def is_label_key(value: str) -> bool:
    """Whether it is a qualified name of Kubernetes, as keys of labels and names of resources are."""
    prefix, slash, name = value.rpartition("/")
    is_prefix = not slash or (len(prefix) <= _MAX_SUBDOMAIN and _DNS_SUBDOMAIN.fullmatch(prefix) is not None)
    return is_prefix and 0 < len(name) <= MAX_LABEL and _LABEL_VALUE.fullmatch(name) is not None


def _label_key(value: str) -> str:
    if not is_label_key(value):
        raise ValueError(f"{excerpt(value)!r} is not a label key; write it like example.com/tier or tier")
    return value


def is_reserved_namespace(name: str) -> bool:
    """Whether it belongs to Kubernetes: ``default``, and the prefix that its documentation of namespaces reserves."""
    return name == "default" or name.startswith("kube-")


def _namespace(value: str) -> str:
    if is_reserved_namespace(value):
        raise ValueError(f"the namespace {value!r} belongs to Kubernetes; choose another name")
    return _dns_label(value)


_NAME_SCHEMA = WithJsonSchema({"type": "string", "pattern": f"^{_DNS_LABEL.pattern}$", "maxLength": MAX_NAME})
ObjectName = Annotated[str, AfterValidator(_dns_label), _NAME_SCHEMA]
"""A name that becomes part of Kubernetes names: RFC 1123, at most 40 characters."""

ServiceName = Annotated[
    str,
    AfterValidator(_service_name),
    WithJsonSchema({"type": "string", "pattern": r"^[a-z]([-a-z0-9]*[a-z0-9])?$", "maxLength": MAX_NAME}),
]
"""A name that becomes a Service's too: RFC 1035, so it begins with a letter."""

NamespaceName = Annotated[str, AfterValidator(_namespace), _NAME_SCHEMA]
"""A namespace that Strata may create."""

AbsolutePath = Annotated[str, AfterValidator(_absolute_path)]
"""A path inside a container, such as ``/models``."""

ExistingNamespace = Annotated[str, AfterValidator(_existing_label)]
"""A namespace that somebody else made: RFC 1123, at most 63 characters."""

ExistingName = Annotated[
    str,
    AfterValidator(_existing_name),
    WithJsonSchema({"type": "string", "pattern": f"^{_DNS_SUBDOMAIN.pattern}$", "maxLength": _MAX_SUBDOMAIN}),
]
"""An object that somebody else made, such as a claim or a storage class: at most 253 characters."""

LabelKey = Annotated[
    str,
    AfterValidator(_label_key),
    WithJsonSchema({"type": "string", "pattern": f"^({_DNS_SUBDOMAIN.pattern}/)?{_LABEL_VALUE.pattern}$"}),
]
"""An optionally prefixed label key."""

LabelValue = Annotated[
    str,
    AfterValidator(_label_value),
    WithJsonSchema({"type": "string", "pattern": f"^{_LABEL_VALUE.pattern}$", "maxLength": MAX_LABEL}),
]
"""A label value."""


def short_hash(text: str) -> str:
    """Ten hexadecimal digits that identify ``text``."""
    return hashlib.sha256(text.encode()).hexdigest()[:10]


def joined_name(*parts: str) -> str:
    """The parts joined by ``-``; a name that is too long is cut and gets a hash, so that two never collide."""
    name = "-".join(parts)
    if len(name) <= MAX_LABEL:
        return name
    return f"{name[: MAX_LABEL - 11].rstrip('-')}-{short_hash(name)}"


def _zone_name(value: str) -> str:
    if not value:
        raise ValueError("is empty, and nodes without a zone are in none; write the zone's name, such as zone-a")
    return value


ZoneName = Annotated[
    LabelValue,
    AfterValidator(_zone_name),
    WithJsonSchema({"type": "string", "pattern": f"^{_LABEL_VALUE.pattern}$", "minLength": 1, "maxLength": MAX_LABEL}),
]
"""Name of a zone, as nodes are labelled with it."""
