"""The tables of the simulated Google Cloud, and the words that settings offer, by Google's own discovery documents."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import get_args

import pytest

from components.clusters.gke.control_plane import METRICS
from components.clusters.gke.images import DriverInstallation
from components.clusters.gke.node_pool import TAINT_EFFECTS
from components.clusters.gke.purchase import Affinity, LocationPolicy
from components.clusters.gke.settings import ControlPlaneLog, FilestoreTier, ReleaseChannel, Support, channel_name
from components.networks.gcp.settings import Routing
from components.networks.interconnect.bandwidths import LINK_TYPES, attachment_bandwidth
from components.networks.interconnect.settings import AttachmentBandwidth
from simulation.clouds.gcp import vocabulary as v
from simulation.clouds.gcp.cloud import GCP
from simulation.provider.rules import OneOf, Pattern
from simulation.provider.tables import Prop

from .discovery import document, element, find
from .judging import judge_table
from .published_types import TYPES

WORDS: Mapping[str, tuple[Iterable[str], str, str, str]] = {
    "release channels": (
        [channel_name(channel, support) for channel in ReleaseChannel for support in Support],
        "container.v1",
        "ReleaseChannel",
        "channel",
    ),
    "logs of the control plane": (ControlPlaneLog, "container.v1", "LoggingComponentConfig", "enableComponents"),
    "metrics of the control plane": (METRICS, "container.v1", "MonitoringComponentConfig", "enableComponents"),
    "drivers": (DriverInstallation, "container.v1", "GPUDriverInstallationConfig", "gpuDriverVersion"),
    "reservations": (Affinity, "container.v1", "ReservationAffinity", "consumeReservationType"),
    "places of new nodes": (LocationPolicy, "container.v1", "NodePoolAutoscaling", "locationPolicy"),
    "effects of taints": (TAINT_EFFECTS.values(), "container.v1", "NodeTaint", "effect"),
    "tiers of Filestore": (FilestoreTier, "file.v1", "Instance", "tier"),
    "routing": ([mode.upper() for mode in Routing], "compute.v1", "NetworkRoutingConfig", "routingMode"),
    "links": (LINK_TYPES.values(), "compute.v1", "Interconnect", "linkType"),
    "bandwidths of attachments": (
        map(attachment_bandwidth, get_args(AttachmentBandwidth)),
        "compute.v1",
        "InterconnectAttachment",
        "bandwidth",
    ),
}
"""Words of ours, and the property whose published enum has to hold all of them."""
FAULTS: Mapping[str, tuple[str, str, Prop, str]] = {
    "a value too many": (
        v.NODE_POOL,
        "nodeConfig.guestAccelerators.gpuDriverInstallationConfig.gpuDriverVersion",
        Prop(allowed=OneOf("DEFAULT", "OPERATOR")),
        "takes OPERATOR, which Google does not",
    ),
    "a form in place of a list": (v.FILESTORE, "tier", Prop(allowed=Pattern("[A-Z_]+")), "takes anything"),
    "nothing in place of a list": (v.CLUSTER, "releaseChannel.channel", Prop(), "takes anything"),
    "a property that is not there": (
        v.CLUSTER,
        "controlPlaneEndpointsConfig.dnsEndpointConfig.public",
        Prop(),
        "container.v1 has no Cluster.controlPlaneEndpointsConfig.dnsEndpointConfig.public",
    ),
}


@pytest.mark.parametrize("token", TYPES)
def test_google_has_every_property_and_value_of_a_table(token: str) -> None:
    assert judge_table(GCP.kinds[token]) == []


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_found(fault: str) -> None:
    token, path, prop, finding = FAULTS[fault]
    kind = GCP.kinds[token]
    found = judge_table(replace(kind, properties={**kind.properties, path: prop}))
    assert len(found) == 1, found
    assert found[0].startswith(f"{path}: {finding}")


@pytest.mark.parametrize("words", WORDS)
def test_google_has_every_word_that_settings_offer(words: str) -> None:
    ours, api, schema, name = WORDS[words]
    assert _unknown(ours, api, schema, name) == []


def test_a_word_of_ours_that_google_lacks_is_found() -> None:
    assert _unknown(("REGULAR", "NORMAL"), "container.v1", "ReleaseChannel", "channel") == ["NORMAL"]


def _unknown(words: Iterable[str], api: str, schema: str, name: str) -> list[str]:
    found = find(api, schema, (name,))
    assert found is not None
    published = element(document(api), found).enum
    assert published, "without a list nothing is judged"
    return [str(word) for word in words if word not in published]
