"""What a run loads: the SDK of its own cloud and of no other, and never the simulation in production."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

CLOUD_SDKS = {"eks": "pulumi_aws", "gke": "pulumi_gcp", "aks": "pulumi_azure_native"}
ALL_SDKS = {"pulumi_aws", "pulumi_gcp", "pulumi_azure_native"}
STACK_OF = {"eks": "aws", "gke": "gcp", "aks": "azure", "local": "dev"}
SHOW = "import sys; print(' '.join(sorted({name.partition('.')[0] for name in sys.modules})))"
PROGRAM = f"""
from pathlib import Path
import stacks.program
from stacks.checks import check_all
from stacks.reading import read_whole_stack
from stacks.recording import record
project = Path.cwd()
settings = read_whole_stack(project, NAME)
record(project, settings, check_all(project, settings).plans, NAME)
{SHOW}
"""
LINKS = f"""
import pulumi
import stacks.program
from stacks.links import declare_links
from tests.networks.interconnect.recorder import recorded
from tests.networks.interconnect.sample import READY, network, sample, sample_networks
hybrid = network(sample())
only = hybrid.model_copy(update={{"links": tuple(link for link in hybrid.links if link.name == LINK)}})
recorded(lambda _: declare_links(only, sample_networks(), pulumi.Output.secret), READY)
{SHOW}
"""
COMMANDS = f"""
import cli.__main__
from cli.stack import load_stack
load_stack(NAME).cluster
{SHOW}
"""


def loaded(project: Path, program: str, stack: str) -> set[str]:
    environment = {name: value for name, value in os.environ.items() if name != "SIMULATED"}
    done = subprocess.run(
        [sys.executable, "-c", program.replace("NAME", repr(stack))],
        cwd=project,
        env={**environment, "PYTHONPATH": str(project)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return set(done.stdout.splitlines()[-1].split())


@pytest.mark.parametrize("kind", STACK_OF)
def test_the_program_loads_the_sdk_of_its_cloud_only(project: Path, kind: str) -> None:
    modules = loaded(project, PROGRAM, STACK_OF[kind])
    assert modules & ALL_SDKS == ({CLOUD_SDKS[kind]} if kind in CLOUD_SDKS else set())


@pytest.mark.parametrize(
    ("link", "sdk"),
    [("aws-berlin", "pulumi_aws"), ("gcp-berlin", "pulumi_gcp"), ("azure-berlin", "pulumi_azure_native")],
)
def test_links_load_the_sdks_of_the_clouds_that_they_lead_to(project: Path, link: str, sdk: str) -> None:
    assert loaded(project, LINKS.replace("LINK", repr(link)), "hybrid") & ALL_SDKS == {sdk}


@pytest.mark.parametrize("kind", STACK_OF)
def test_the_program_never_loads_simulation_or_command_line(project: Path, kind: str) -> None:
    assert not loaded(project, PROGRAM, STACK_OF[kind]) & {"simulation", "cli"}


@pytest.mark.parametrize("kind", [kind for kind in STACK_OF if kind != "local"])
def test_commands_on_a_real_cloud_load_no_simulation(project: Path, kind: str) -> None:
    modules = loaded(project, COMMANDS, STACK_OF[kind])
    assert "simulation" not in modules
    assert not modules & ALL_SDKS, "checks and costs need no SDK"
    assert not loaded(project, COMMANDS, "hybrid") & ALL_SDKS, "nor do checks over all clouds at once"
