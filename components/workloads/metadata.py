"""Metadata of objects: the one place that merges names, labels and annotations of Strata and of users."""

from __future__ import annotations

from collections.abc import Mapping

import pulumi
from pulumi_kubernetes import meta

from ..contracts.customize import ObjectCustomize
from .identity import PLATFORM_LABELS, Identity


def metadata(
    identity: Identity,
    namespace: pulumi.Input[str],
    *,
    name: str | None = None,
    annotations: Mapping[str, str] | None = None,
) -> meta.v1.ObjectMetaArgs:
    """Metadata of a workload's object.

    Args:
        identity: The workload.
        namespace: Its namespace.
        name: Name of the object; None names it after the workload's instance.
        annotations: Annotations of Strata, which take precedence over the user's.
    """
    return meta.v1.ObjectMetaArgs(
        name=name or identity.instance,
        namespace=namespace,
        labels=identity.labels,
        annotations={**identity.customize.annotations, **(annotations or {})} or None,
    )


def platform_metadata(
    name: str,
    customize: ObjectCustomize,
    *,
    namespace: pulumi.Input[str] | None = None,
    labels: Mapping[str, str] | None = None,
) -> meta.v1.ObjectMetaArgs:
    """Metadata of an object that belongs to no workload; Strata's labels take precedence over the user's."""
    return meta.v1.ObjectMetaArgs(
        name=name,
        namespace=namespace,
        labels={**customize.labels, **PLATFORM_LABELS, **(labels or {})},
        annotations=dict(customize.annotations) or None,
    )
