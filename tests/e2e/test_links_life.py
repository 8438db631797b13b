"""A stack of links through its life: real engine, simulated clouds, environments that come and go.

The environments' clusters would make the test slow, so their stacks are imported: what a stack of
links reads of them is their outputs, and what it attaches to is seeded in the accounts.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from components.contracts.network_facts import AwsAttachment, AzureAttachment, GcpAttachment, NetworkFacts
from simulation.clouds.clouds import PACKAGES, cloud_of
from simulation.provider.store import Account, Store
from simulation.provider.values import Object, Value
from stacks.checks import files_only
from stacks.links import networks_of
from tests.e2e.results import counts
from tests.sandbox import Sandbox, sandbox

STACK = os.environ.get("STACK", "hybrid")
pytestmark = [
    pytest.mark.engine,
    pytest.mark.slow,
    pytest.mark.skipif(STACK != "hybrid", reason=f"stack {STACK} holds no links"),
]
PLACES = {"aws": "aws", "gcp": "gcp", "azure": "azure-native"}
UP = [name for name, package in PLACES.items() if package in PACKAGES]
"""Environments whose clouds are simulated."""
LINKS = {"aws": "aws-berlin", "gcp": "gcp-berlin", "azure": "azure-berlin"}
_GROUP = "/subscriptions/11112222-3333-4444-5555-666677778888/resourceGroups/strata-azure"


@pytest.fixture(scope="module")
def box(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with sandbox(project, tmp_path_factory.mktemp("links"), "hybrid") as made:
        for path in project.glob("Pulumi.*.yaml"):
            shutil.copy(path, made.folder)
        yield made


def timed(box: Sandbox, step: str) -> str:
    """Run a command, print its time, and fail with its output."""
    begin = time.monotonic()
    done = box.strata(step, timeout=600)
    print(f"hybrid: {step} {time.monotonic() - begin:.1f} s")
    assert done.returncode == 0, f"{step} failed:\n{done.stdout[-5000:]}\n{done.stderr[-2000:]}"
    return done.stdout


def store(box: Sandbox, environment: str) -> Store:
    package = PLACES[environment]
    return Store(box.folder / ".strata/simulated" / f"{package}.sqlite", cloud_of(package).seed)


def seed(environment: str, account: Account) -> AwsAttachment | GcpAttachment | AzureAttachment:
    """Put the environment's network into its account."""
    match environment:
        case "aws":
            from simulation.clouds.aws.account import seed_subnet, seed_vpc  # noqa: PLC0415 - one cloud each

            seed_vpc(account, "vpc-0123456789abcdef0", "10.20.0.0/16")
            seed_subnet(account, "subnet-0123456789abcdef0", "vpc-0123456789abcdef0", "10.20.0.0/20", "us-east-2a")
            return AwsAttachment(kind="aws", vpc="vpc-0123456789abcdef0", subnets=("subnet-0123456789abcdef0",))
        case "gcp":
            from simulation.clouds.gcp import vocabulary as v  # noqa: PLC0415
            from simulation.clouds.gcp.account import seed_network  # noqa: PLC0415

            service = "compute.googleapis.com"
            account.seed(v.SERVICE, f"{v.PROJECT}/{service}", {"service": service, "project": v.PROJECT})
            path = seed_network(account, "strata-gcp").identifier
            return GcpAttachment(kind="gcp", project=v.PROJECT, network=path)
        case _:
            path = f"{_GROUP}/providers/Microsoft.Network/virtualNetworks/strata-azure"
            named: Object = {"resourceGroupName": "strata-azure", "location": "eastus2"}
            account.seed("azure-native:resources:ResourceGroup", _GROUP, named, {"name": "strata-azure"})
            space: Value = {"addressPrefixes": ["10.50.0.0/16"]}
            vnet: Object = {**named, "virtualNetworkName": "strata-azure", "addressSpace": space}
            account.seed("azure-native:network:VirtualNetwork", path, vnet, {"name": "strata-azure"})
            return AzureAttachment(kind="azure", virtual_network=path)


def bring_up(box: Sandbox, environment: str) -> None:
    """A stack with the outputs of that environment, in a network that is there."""
    with store(box, environment).transaction() as account:
        attachment = seed(environment, account)
    facts: NetworkFacts = networks_of([environment], files_only(box.folder))[environment]
    outputs = {"network_facts": facts.model_copy(update={"attachment": attachment}).model_dump(mode="json")}
    urn = f"urn:pulumi:{environment}::strata::pulumi:pulumi:Stack::strata-{environment}"
    resource = {"urn": urn, "custom": False, "type": "pulumi:pulumi:Stack", "outputs": outputs}
    manifest = {"time": "2026-01-01T00:00:00Z", "magic": "", "version": ""}
    state = {"version": 3, "deployment": {"manifest": manifest, "resources": [resource]}}
    (box.folder / "state.json").write_text(json.dumps(state))
    ran(box, f"pulumi stack init {environment} && pulumi stack import --stack {environment} --file state.json")


def ran(box: Sandbox, command: str) -> subprocess.CompletedProcess[str]:
    done = box.simulated(f"export PULUMI_SKIP_UPDATE_CHECK=1; {command}")
    assert done.returncode == 0, done.stdout + done.stderr
    return done


def test_without_any_environment_all_links_are_left_out_and_nothing_else_happens(box: Sandbox) -> None:
    out = timed(box, "up")
    for environment, link in LINKS.items():
        assert f"link {link} is left out: {environment} is not up" in out, out[-3000:]


def test_links_of_environments_that_are_up_are_made_and_wait_for_no_other(box: Sandbox) -> None:
    bring_up(box, UP[0])
    out = timed(box, "up")
    assert "SIMULATED" in out
    assert f"link {LINKS[UP[0]]} is left out" not in out
    assert all(f"link {LINKS[name]} is left out" in out for name in LINKS if name != UP[0])


def test_the_others_follow_when_they_are_up(box: Sandbox) -> None:
    for environment in UP[1:]:
        bring_up(box, environment)
    out = timed(box, "up")
    for environment in UP:
        assert f"link {LINKS[environment]} is left out" not in out
        assert LINKS[environment] in out, "people see what their routers have to be set to"


def test_a_second_up_changes_nothing(box: Sandbox) -> None:
    assert set(counts(timed(box, "up"))) == {"unchanged"}


def test_refresh_finds_no_difference(box: Sandbox) -> None:
    ran(box, "pulumi refresh --yes --expect-no-changes --non-interactive -s hybrid")


def test_no_key_stands_in_the_state(box: Sandbox) -> None:
    (state,) = (box.folder / ".strata/simulated/backend/.pulumi/stacks/strata").glob("hybrid.json")
    text = state.read_text()
    assert "aws-berlin" in text
    assert "example.awsBerlinVpn" not in text
    assert "example.gcpBerlinVpn" not in text


def test_an_environment_goes_after_its_links(box: Sandbox) -> None:
    python = str(box.folder / ".venv/bin/python")
    done = box.run([python, "-m", "cli", "down", UP[0]])
    assert done.returncode == 1
    assert f"make down STACK=hybrid, then make down STACK={UP[0]}" in done.stderr


def test_an_environment_that_went_away_takes_no_circuit_with_it(box: Sandbox) -> None:
    ran(box, f"pulumi stack rm --yes --force --preserve-config {UP[-1]}")
    done = box.strata("up", timeout=600)
    text = done.stdout + done.stderr
    assert done.returncode != 0
    assert f"{UP[-1]} is not up any more" in text, text[-3000:]
    assert "Traceback" not in text


def test_ordered_circuits_are_given_up_only_on_purpose(box: Sandbox) -> None:
    bring_up(box, UP[-1])
    done = box.strata("down", timeout=600)
    assert done.returncode != 0
    assert "protected: aws-berlin-csva1-b" in done.stderr, "and nothing else is gone either"
    assert set(counts(timed(box, "up"))) == {"unchanged"}
    box.edit("  strata:environments:", "  strata:circuits: {protect: false}\n  strata:environments:")
    timed(box, "up")
    timed(box, "down")
    for environment in UP:
        with store(box, environment).transaction() as account:
            assert [(record.kind, record.identifier) for record in account.records() if not record.seeded] == []
