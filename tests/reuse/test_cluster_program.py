"""The program of docs/reuse.md: an EKS cluster with a VPC and provider of its own, from the wheel, on simulated AWS."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from pydantic import BaseModel, ConfigDict

from simulation.clouds.aws.account import TRANSIT_GATEWAY
from simulation.clouds.plugins import simulated_environment
from simulation.provider.managed_cluster import existing_clusters

from .conftest import InstalledWith
from .program import assert_strictly_typed, python_blocks, run_in, write_project

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.environ.get("STACK", "aws") != "aws", reason="runs in the simulated account of AWS"),
]
MOST_LINES = 50
EXTRA = "[aws]"
CONFIG = {"transit_gateway": TRANSIT_GATEWAY, "admin": "arn:aws:iam::111122223333:role/strata-deployer"}


class _Resource(BaseModel):
    """The part of a resource in an exported state that the test reads."""

    model_config = ConfigDict(extra="ignore")
    urn: str
    type: str
    provider: str = ""
    inputs: dict[str, object] = {}


class _Deployment(BaseModel):
    model_config = ConfigDict(extra="ignore")
    resources: list[_Resource]


class _Export(BaseModel):
    model_config = ConfigDict(extra="ignore")
    deployment: _Deployment


@pytest.fixture(scope="module")
def program(project: Path) -> str:
    """The Python block of the page."""
    (found,) = python_blocks(project / "docs" / "reuse.md")
    return found


@pytest.fixture(scope="module")
def folder(program: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project of Pulumi with the program and nothing else."""
    return write_project(program, tmp_path_factory.mktemp("cluster-program"))


def in_simulation(folder: Path, python: Path, *command: str) -> str:
    """Output of a command that meets simulated AWS; fails the test when the command fails."""
    return run_in(folder, python, command, simulated_environment(folder))


def test_the_program_is_short(program: str) -> None:
    assert len(program.splitlines()) <= MOST_LINES
    assert "components" not in program, "users know the published name only"


def test_it_is_typed_strictly_as_its_author_would_check_it(
    folder: Path, project: Path, installed_with: InstalledWith
) -> None:
    assert_strictly_typed(folder, installed_with(EXTRA), project)


@pytest.mark.engine
def test_it_brings_a_cluster_up_in_the_callers_network_and_takes_it_down(
    folder: Path, installed_with: InstalledWith, tmp_path: Path
) -> None:
    python = installed_with(EXTRA)
    in_simulation(folder, python, "pulumi", "stack", "init", "lab")
    for key, value in CONFIG.items():
        in_simulation(folder, python, "pulumi", "config", "set", key, value)
    try:
        in_simulation(folder, python, "pulumi", "up", "--yes", "--skip-preview")
        kubeconfig = tmp_path / "kubeconfig"
        kubeconfig.write_text(
            in_simulation(folder, python, "pulumi", "stack", "output", "kubeconfig", "--show-secrets")
        )
        nodes = in_simulation(folder, python, "kubectl", f"--kubeconfig={kubeconfig}", "get", "nodes", "-o", "name")
        assert len(nodes.splitlines()) == 2
        exported = in_simulation(folder, python, "pulumi", "stack", "export")
        resources = _Export.model_validate_json(exported).deployment.resources
        assert_one_provider(resources)
        assert_tags(resources)
        in_simulation(folder, python, "pulumi", "preview", "--expect-no-changes")
    finally:
        in_simulation(folder, python, "pulumi", "destroy", "--yes", "--skip-preview")
    assert existing_clusters(folder / ".strata" / "simulated") == []


def assert_one_provider(resources: list[_Resource]) -> None:
    (account,) = [resource.urn for resource in resources if resource.type == "pulumi:providers:aws"]
    used = {resource.provider.rpartition("::")[0] for resource in resources if resource.type.startswith("aws:")}
    assert used == {account}, "the program's provider is the only one"


def assert_tags(resources: list[_Resource]) -> None:
    """The program's provider has no default tags, so the component has to set them itself."""
    inside = [
        resource
        for resource in resources
        if resource.type.startswith("aws:") and "strata:clusters:EksCluster" in resource.urn
    ]
    tagged = {resource.urn: resource.inputs["tags"] for resource in inside if "tags" in resource.inputs}
    assert len(tagged) > len(inside) / 2
    for urn, tags in tagged.items():
        assert isinstance(tags, dict)
        assert {"strata.dev/cluster": "lab", "strata.dev/stack": "lab"}.items() <= tags.items(), urn
