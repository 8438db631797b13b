"""What the catalog's Job reaches, by the address of its hub."""

from __future__ import annotations

import pulumi
import pytest
from pydantic import TypeAdapter, ValidationError

from components.contracts.sources import HubUrl
from components.contracts.way_out import WayOut
from components.storage.hub_access import hub_egress
from components.workloads.identity import Identity
from components.workloads.network_policies import network_policy
from tests.registration import registered
from tests.workloads.network_access import Address, Network, Pod

IDENTITY = Identity(name="catalog", instance="catalog", component="model-catalog")
JOB = Pod("models", dict(IDENTITY.labels))
INSIDE, OUTSIDE, METADATA = Address("10.1.2.3"), Address("93.184.215.14"), Address("169.254.169.254")
MIRROR = Pod("mirrors", {"app": "hub"}, {"kubernetes.io/metadata.name": "mirrors"})


def network(hub_url: str) -> Network:
    def policy() -> None:
        network_policy(
            "catalog",
            namespace="models",
            identity=IDENTITY,
            ingress_rules=[],
            egress_rules=hub_egress(hub_url, WayOut()),
            opts=pulumi.ResourceOptions(),
        )

    return Network.of(registered(policy))


@pytest.mark.parametrize(
    ("hub_url", "reached"),
    [
        ("https://huggingface.co", [(OUTSIDE, 443)]),
        ("https://huggingface.co/", [(OUTSIDE, 443)]),
        ("https://hub.internal.example.com/api/models", [(INSIDE, 443), (OUTSIDE, 443)]),
        ("https://hub.example.com:8443", [(INSIDE, 443), (INSIDE, 8443), (OUTSIDE, 443), (OUTSIDE, 8443)]),
        ("https://10.1.2.3:8443", [(INSIDE, 8443)]),
        ("https://hub.mirrors.svc:8443", [(MIRROR, 443), (MIRROR, 8443)]),
        ("https://hub.mirrors.svc.cluster.local", [(MIRROR, 443), (MIRROR, 8443)]),
    ],
)
def test_b7_the_job_reaches_its_hub_and_never_the_credentials_of_its_node(
    hub_url: str, reached: list[tuple[Pod | Address, int]]
) -> None:
    made = network(hub_url)
    ends: list[Pod | Address] = [INSIDE, OUTSIDE, METADATA, MIRROR]
    assert [(end, port) for end in ends for port in (443, 8443) if made.connects(JOB, end, port)] == reached


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("http://hub.example.com", "unencrypted"),
        ("https://hub.example.com:99999", "1 to 65535"),
        ("https://hub.example.com:0", "1 to 65535"),
        ("https://me:secret@hub.example.com", "does not have the form"),
        ("https://hub.example.com/?token=hf_x", "write https://hub.example.com, and"),
        ("http://hub.example.com/?token=hunter2", "write https://hub.example.com, and"),
        ("https://hub.example.com/hub#x", "write https://hub.example.com/hub, and"),
        ("https://LOCALHOST:8443", "every machine finds itself"),
        ("https://127.1.2.3", "every machine finds itself"),
        ("https://[::1]:8443", "every machine finds itself"),
        ("https://0.0.0.0", "this network"),
        ("https://169.254.169.254/hub", "link-local"),
        ("https://[fe80::1]", "RFC 4291"),
    ],
)
def test_an_address_that_no_job_should_ask_is_refused(written: str, said: str) -> None:
    with pytest.raises(ValidationError, match=said) as caught:
        TypeAdapter(HubUrl).validate_python(written)
    assert "hunter2" not in caught.value.errors()[0]["msg"]
