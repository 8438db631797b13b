"""Hosts of the example site run what 3d70e42 ran, but for add-ons that came since; kubeadm is told what it was told."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

from components.clusters.kubeadm.documents import JoinCredentials, join_documents
from components.clusters.kubeadm.settings import KubeadmTarget
from stacks.reading import read_whole_stack
from stacks.recording import UNKNOWN, record

from .recorded import resources_of, unfilled_state

_COMMAND = "command:remote:Command"
_LIFE = ("create", "update", "delete", "stdin")
CREDENTIALS = JoinCredentials(token="abcdef.0123456789abcdef", authority=f"sha256:{'a' * 64}", certificate_key="b" * 64)
# States hold join configurations as secrets, so these are digests of what 3d70e42 renders for CREDENTIALS.
JOINING = {
    "cp-2": "ee3293bb6057c2f0609458638bc1ca28f2101f178c3de4d6998ab9cd0bb1877f",
    "h100-1": "3d95285671add7124bd2b25e3b7061606950233b6b69f84c95673f0afb1cbfbb",
    "cpu-1": "d7848ca4497ea08d09fc22804e79a7b0360449b1203dc8ace083f2ed2292072a",
}


_ADD_ONS = "strata-site-add-ons"
# Add-ons that hosts have got since 3d70e42: lines that install one of them are no change of what was there.
_SINCE = ("snapshot-controller", "snapshot.storage.k8s.io")


def life(inputs: Mapping[str, object]) -> dict[str, object]:
    """Scripts of a command, and its input where that is neither a secret nor unknown."""
    return {name: inputs[name] for name in _LIFE if isinstance(inputs.get(name), str) and inputs[name] != UNKNOWN}


def without_new_add_ons(scripts: Mapping[str, object]) -> dict[str, object]:
    """Scripts of the add-ons without the lines that name an add-on which came later."""
    return {
        name: "\n".join(line for line in str(script).split("\n") if not any(part in line for part in _SINCE))
        for name, script in scripts.items()
    }


def test_hosts_run_the_same_scripts(project: Path) -> None:
    recorded = resources_of(unfilled_state("onprem"))
    before = {item.urn.rpartition("::")[2]: life(item.inputs) for item in recorded if item.type == _COMMAND}
    settings = read_whole_stack(project, "onprem").model_copy(update={"models": ()})
    today = {item.name: life(item.inputs) for item in record(project, settings, {}, "onprem") if item.token == _COMMAND}
    assert len(before) > 40
    assert sorted(today) == sorted(before)
    assert "snapshot-controller" in str(today[_ADD_ONS])
    today[_ADD_ONS] = without_new_add_ons(today[_ADD_ONS])
    assert {name: scripts for name, scripts in today.items() if scripts != before[name]} == {}


def test_hosts_join_with_the_same_configuration(project: Path) -> None:
    settings = read_whole_stack(project, "onprem")
    target = settings.target
    assert isinstance(target, KubeadmTarget)
    pools = {pool.name: pool for pool in settings.node_pools}
    hosts = [
        *((host, None) for host in target.control_plane.hosts),
        *((host, pools[host.pool]) for host in target.workers),
    ]
    digests = {
        host.name: hashlib.sha256(join_documents(target, host, pool, CREDENTIALS).encode()).hexdigest()
        for host, pool in hosts
        if host.name in JOINING
    }
    assert digests == JOINING
