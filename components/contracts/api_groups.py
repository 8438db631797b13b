"""API groups that a cluster knows beside Kubernetes' own, by which components decide what they may create.

An object of an unknown group fails a run halfway, so a component creates one only where its group is
listed in ``ClusterFacts.apis``. The versions used are in ``versions``.
"""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, Field

from .shown_text import excerpt

MONITORING = "monitoring.coreos.com"
"""Prometheus operator: PodMonitor, ServiceMonitor, PrometheusRule."""
RESOURCE_METRICS = "metrics.k8s.io"
"""CPU and memory of pods and nodes, which metrics-server serves; what ``kubectl top`` and HPAs on CPU ask."""
CUSTOM_METRICS = "custom.metrics.k8s.io"
"""Metrics of pods, which adapters such as prometheus-adapter serve; what an HPA asks."""
EXTERNAL_METRICS = "external.metrics.k8s.io"
"""Metrics of anything outside of pods, which one adapter of a cluster serves; HPAs that KEDA makes ask it."""
AGGREGATED_APIS = (RESOURCE_METRICS, CUSTOM_METRICS, EXTERNAL_METRICS)
"""Groups that pods answer for the API server. While they do not answer, no namespace of the cluster ends."""
KEDA = "keda.sh"
"""KEDA: ScaledObject."""
NVIDIA = "nvidia.com"
"""NVIDIA's GPU operator: ClusterPolicy, NVIDIADriver."""
NODE_DISCOVERY = "nfd.k8s-sigs.io"
"""Node feature discovery: NodeFeature, NodeFeatureRule."""
COMPUTE_DOMAINS = "resource.nvidia.com"
"""NVIDIA's DRA driver: ComputeDomain."""
CERT_MANAGER = "cert-manager.io"
"""cert-manager: Certificate, Issuer."""
VOLUME_SNAPSHOTS = "snapshot.storage.k8s.io"
"""Snapshot controller: VolumeSnapshot, VolumeSnapshotClass."""
GATEWAY = "gateway.networking.k8s.io"
"""Gateway API: Gateway, HTTPRoute."""
EXTERNAL_SECRETS = "external-secrets.io"
"""external-secrets: ExternalSecret, SecretStore, ClusterSecretStore."""
_GROUP = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)+")


def _api_group(value: str) -> str:
    if not _GROUP.fullmatch(value):
        raise ValueError(f"{excerpt(value)!r} is not an API group; write it without a version, like {MONITORING}")
    return value


def _sorted(groups: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted(set(groups)))


ApiGroup = Annotated[str, AfterValidator(_api_group)]
"""An API group without a version, such as ``keda.sh``."""

ApiGroups = Annotated[tuple[ApiGroup, ...], Field(max_length=200), AfterValidator(_sorted)]
"""API groups, sorted, each once."""


def translated_switches(apis: tuple[str, ...], *, pod_monitors: bool, scaled_objects: bool) -> dict[str, object]:
    """Fields of a contract whose ``pod_monitors`` and ``scaled_objects`` have become API groups.

    Earlier versions had these two switches in place of ``apis``; outputs with them are still read.
    """
    groups = {MONITORING: pod_monitors, KEDA: scaled_objects}
    named = {group for group, is_on in groups.items() if is_on}
    return {"apis": tuple(sorted({*apis, *named})), "pod_monitors": False, "scaled_objects": False}
