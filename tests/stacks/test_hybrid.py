"""A stack of links: its environments are compared before anything exists, and one that is missing blocks no other."""

from __future__ import annotations

import shutil
from pathlib import Path

import pulumi
import pytest

from components.contracts.errors import StrataError
from components.contracts.network_facts import NetworkFacts
from components.networks.interconnect.settings import Circuits
from stacks.checks import check_all, files_only
from stacks.guards import StackState
from stacks.links import declare_links, joined_links, networks_of
from stacks.mode import Mode
from stacks.reading import parse, read_stack
from stacks.settings import HybridSettings
from stacks.yaml_file import Value
from tests.networks.interconnect.recorder import recorded
from tests.networks.interconnect.sample import READY, network, sample, sample_networks
from tests.stack_files import replace_text

EMPTY = StackState()


@pytest.fixture
def copy(project: Path, tmp_path: Path) -> Path:
    """The stacks' files, to be changed."""
    for path in project.glob("Pulumi.*.yaml"):
        shutil.copy(path, tmp_path)
    return tmp_path


def hybrid(folder: Path) -> HybridSettings:
    settings = read_stack(folder, "hybrid").settings
    assert isinstance(settings, HybridSettings)
    return settings


def checked(folder: Path) -> None:
    check_all(folder, hybrid(folder))


def test_the_example_joins_three_clouds_and_a_site_without_a_problem(project: Path) -> None:
    checked(project)
    facts = networks_of(["aws", "gcp", "azure", "onprem"], files_only(project))
    assert {name: next(found.routed).cidr for name, found in facts.items()} == {
        "aws": "10.20.0.0/16",
        "gcp": "10.30.0.0/20",
        "azure": "10.50.0.0/16",
        "onprem": "10.40.0.0/22",
    }


def test_two_environments_that_overlap_are_refused_from_their_files_alone(copy: Path) -> None:
    replace_text(copy, copy, "azure", "cidr: 10.50.0.0/16", "cidr: 10.20.0.0/16")
    with pytest.raises(StrataError) as caught:
        checked(copy)
    assert "10.20.0.0/16 (nodes of azure) overlaps 10.20.0.0/16 (nodes and pods of aws)" in str(caught.value)


def test_a_network_that_keeps_its_routes_to_its_region_is_named_with_its_file(copy: Path) -> None:
    replace_text(copy, copy, "gcp", "      routing: global\n", "")
    with pytest.raises(StrataError, match=r"target\.network\.routing: global in Pulumi\.gcp\.yaml"):
        checked(copy)


def test_a_vpc_without_a_way_to_the_site_is_named_with_its_file(copy: Path) -> None:
    replace_text(copy, copy, "aws", "[10.250.0.0/16, 10.40.0.0/22]", "[10.250.0.0/16]")
    with pytest.raises(StrataError, match=r"add 10\.40\.0\.0/22 to target\.network\.transit\.routes in Pulumi\.aws"):
        checked(copy)


@pytest.mark.parametrize(
    ("old", "new", "field", "hint"),
    [
        ("kind: direct-connect", "kind: direct-conect", "links[0]", "did you mean kind: direct-connect?"),
        ("gateway_asn: 64520", "gateway_asm: 64520", "links[0].gateway_asm", "did you mean 'gateway_asn'?"),
        ("vlan: 201", "vlan: 4094", "links[1].ports[0].vlan", "expected 4093 or less"),
        ("id: dxcon-fg5678gh", "id: dxcon-1", "links[0].ports[0].circuit.id", "dxcon-"),
        (
            "azure-berlin: azureBerlinVpn",
            "azure-berlin: azureVpn",
            "secrets.pre_shared_keys.azure-berlin",
            "did you mean 'azureBerlinVpn'?",
        ),
    ],
)
def test_a_wrong_setting_is_refused_with_its_line(copy: Path, old: str, new: str, field: str, hint: str) -> None:
    replace_text(copy, copy, "hybrid", old, new)
    with pytest.raises(StrataError) as caught:
        hybrid(copy)
    assert field in str(caught.value)
    assert hint in str(caught.value)


def test_a_plain_key_is_refused() -> None:
    values: dict[str, Value] = {
        "scope": "hybrid",
        "secrets": {"pre_shared_keys": {"aws-berlin": "awsVpn"}},
        "awsVpn": "open",
    }
    with pytest.raises(StrataError, match=r"strata:awsVpn: is not encrypted"):
        parse(values, frozenset())


def without(environment: str) -> dict[str, NetworkFacts]:
    networks = sample_networks()
    networks[environment] = networks[environment].model_copy(update={"attachment": None})
    return networks


def test_an_environment_that_was_never_up_leaves_out_its_own_links_only() -> None:
    joined = joined_links(network(sample()), without("gcp"), EMPTY, Mode.SIMULATED)
    assert [link.name for link in joined.links] == ["aws-berlin", "azure-berlin"]


def test_an_environment_that_went_down_is_no_reason_to_delete_its_circuits() -> None:
    urn = "urn:pulumi:hybrid::strata::strata:networks:DedicatedInterconnect::gcp-berlin"
    state = StackState.model_validate(
        {"deployment": {"resources": [{"urn": urn, "type": "strata:networks:DedicatedInterconnect"}]}}
    )
    with pytest.raises(StrataError, match="make up STACK=gcp"):
        joined_links(network(sample()), without("gcp"), state, Mode.SIMULATED)
    assert len(joined_links(network(sample()), without("aws"), state, Mode.SIMULATED).links) == 2, (
        "the others' are not concerned"
    )


def test_keys_reach_the_clouds_as_secrets_and_the_circuits_are_protected() -> None:
    hybrid_network = network(sample())
    recorder = recorded(
        lambda opts: declare_links(hybrid_network, sample_networks(), pulumi.Output.secret, _Mark(opts)), READY
    )
    assert all(tunnel.secret("sharedSecret") for tunnel in recorder.of("VPNTunnel"))
    assert {"gcp-berlin-iad-1", "azure-berlin-dc"} <= recorder.protected
    unprotected = hybrid_network.model_copy(update={"circuits": Circuits(protect=False)})
    recorder = recorded(
        lambda opts: declare_links(unprotected, sample_networks(), pulumi.Output.secret, _Mark(opts)), READY
    )
    assert not recorder.protected


class _Mark(pulumi.ComponentResource):
    def __init__(self, opts: pulumi.ResourceOptions) -> None:
        super().__init__("strata:stacks:Simulated", "simulated", None, opts)
