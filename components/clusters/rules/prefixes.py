"""Who owns the prefix of a label or taint."""

from __future__ import annotations

from collections.abc import Collection

KUBERNETES_PREFIXES = ("kubernetes.io", "k8s.io")
"""Kubelets may not set labels below these (admission plugin NodeRestriction)."""


def owner_of(key: str, prefixes: Collection[str]) -> str | None:
    """The prefix that a key lies below; None where it has no prefix or lies below none of them."""
    prefix, slash, _ = key.rpartition("/")
    owners = (owner for owner in prefixes if slash and (prefix == owner or prefix.endswith(f".{owner}")))
    return next(owners, None)
