"""Logging in to simulated clusters with the vendors' commands, as kubectl and providers do."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
from collections.abc import Generator
from pathlib import Path

import pulumi
import pytest

from components.clusters.eks.kubeconfig import kubeconfig
from simulation.provider.managed_cluster import Endpoint, ManagedCluster

COMMANDS = Path(__file__).resolve().parents[3] / "simulation" / "clouds" / "commands"


@pytest.fixture(scope="module")
def cluster(state: Path) -> Generator[ManagedCluster, None, None]:
    made = ManagedCluster("prod", state, cloud="aws", location="us-east-1")
    made.create()
    yield made
    made.delete()


def environment(state: Path | None, **more: str) -> dict[str, str]:
    known = {"PATH": os.pathsep.join([str(COMMANDS), os.environ["PATH"]]), **more}
    return known | ({"STRATA_SIMULATED_CLOUD": str(state)} if state else {})


def call(state: Path | None, *command: str, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(COMMANDS / command[0]), *command[1:]],
        env=environment(state, **more),
        capture_output=True,
        text=True,
        check=False,
    )


def eks_kubeconfig(region: str, name: str, endpoint: Endpoint) -> str:
    async def content() -> str:
        server, authority = map(pulumi.Output.from_input, (endpoint.server, endpoint.certificate_authority))
        return await kubeconfig(region, name, server, authority).future() or ""

    return asyncio.run(content())


def get_namespaces(project: Path, state: Path, folder: Path, config: str) -> subprocess.CompletedProcess[str]:
    file = folder / "kubeconfig"
    file.write_text(config)
    kubectl = project / ".strata" / "bin" / "kubectl"
    return subprocess.run(
        [str(kubectl), f"--kubeconfig={file}", "get", "namespaces", "-o", "name"],
        env=environment(state, HOME=str(folder)),
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.engine
def test_kubectl_logs_in_to_eks_with_the_kubeconfig_of_the_stack(
    project: Path, state: Path, tmp_path: Path, cluster: ManagedCluster
) -> None:
    done = get_namespaces(project, state, tmp_path, eks_kubeconfig("us-east-1", "prod", cluster.create()))
    assert "namespace/default" in done.stdout, done.stderr
    elsewhere = get_namespaces(project, state, tmp_path, eks_kubeconfig("eu-west-1", "prod", cluster.create()))
    assert elsewhere.returncode
    assert "no cluster 'prod' exists in eu-west-1" in elsewhere.stderr


@pytest.mark.engine
@pytest.mark.parametrize("command", [["gke-gcloud-auth-plugin"], ["kubelogin", "get-token", "--login", "azurecli"]])
def test_kubectl_logs_in_by_the_address_of_the_cluster(
    command: list[str], project: Path, state: Path, tmp_path: Path, cluster: ManagedCluster
) -> None:
    config = json.loads(eks_kubeconfig("", "any", cluster.create()))
    login = config["users"][0]["user"]["exec"]
    login |= {"command": command[0], "args": command[1:], "provideClusterInfo": True}
    done = get_namespaces(project, state, tmp_path, json.dumps(config))
    assert "namespace/default" in done.stdout, done.stderr
    login["provideClusterInfo"] = False
    done = get_namespaces(project, state, tmp_path, json.dumps(config))
    assert done.returncode
    assert "provideClusterInfo: true" in done.stderr


TOKEN = ("aws", "eks", "get-token", "--region", "us-east-1", "--cluster-name", "other", "--output", "json")
ELSEWHERE = json.dumps({"spec": {"cluster": {"server": "https://127.0.0.1:1"}}})


def test_an_unknown_cluster_is_refused_and_named(tmp_path: Path) -> None:
    done = call(tmp_path, *TOKEN)
    assert (done.returncode, done.stdout) == (1, "")
    assert "no cluster 'other' exists in us-east-1; there are none" in done.stderr
    done = call(tmp_path, "gke-gcloud-auth-plugin", KUBERNETES_EXEC_INFO=ELSEWHERE)
    assert done.returncode == 1
    assert "no cluster answers at https://127.0.0.1:1" in done.stderr


@pytest.mark.parametrize("command", [TOKEN, ("kubelogin", "get-token")])
def test_without_the_folder_of_the_simulated_clouds_it_says_so(command: tuple[str, ...]) -> None:
    done = call(None, *command, KUBERNETES_EXEC_INFO=ELSEWHERE)
    assert (done.returncode, done.stdout) == (1, "")
    assert "STRATA_SIMULATED_CLOUD is not set" in done.stderr


@pytest.mark.parametrize("command", [("aws", "s3", "ls"), ("kubelogin", "convert-kubeconfig")])
def test_other_commands_of_the_vendors_are_refused(command: tuple[str, ...], tmp_path: Path) -> None:
    done = call(tmp_path, *command)
    assert done.returncode == 1
    assert "is simulated" in done.stderr
