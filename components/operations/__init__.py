"""Namespaces, quotas, priorities and default policies."""

from .namespaces import GuardedNamespace, GuardedNamespaceArgs
from .priorities import PriorityClasses

__all__ = ["GuardedNamespace", "GuardedNamespaceArgs", "PriorityClasses"]
