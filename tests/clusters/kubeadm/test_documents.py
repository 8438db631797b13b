"""kubeadm takes what is rendered for it, and nodes carry what the pool says."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from components.clusters.kubeadm.documents import JoinCredentials, init_documents, join_documents, pool_taints
from components.clusters.kubeadm.settings import Networks

from .site import site

TARGET, POOLS = site()
PRINTED = (
    "kubeadm join 10.40.0.10:6443 --token abcdef.0123456789abcdef "
    f"--discovery-token-ca-cert-hash sha256:{'a' * 64}\n[upload-certs] Using certificate key:\n{'b' * 64}\n"
)
DOCUMENTS = {
    "the first host": init_documents(TARGET),
    "a further control plane host": join_documents(
        TARGET, TARGET.control_plane.hosts[1], None, JoinCredentials.of(PRINTED)
    ),
    "a GPU worker": join_documents(TARGET, TARGET.workers[0], POOLS[0], JoinCredentials.of(PRINTED)),
    "a CPU worker": join_documents(TARGET, TARGET.workers[3], POOLS[2], JoinCredentials.of(PRINTED)),
}


@pytest.fixture(scope="module")
def kubeadm() -> str:
    found = shutil.which("kubeadm")
    assert found or "CI" not in os.environ, "the toolchain brings kubeadm"
    if not found:
        pytest.skip("kubeadm is not on PATH: make toolchain-check brings it")
    return found


def accepts(kubeadm: str, folder: Path, text: str) -> subprocess.CompletedProcess[str]:
    file = folder / "kubeadm.yaml"
    file.write_text(text)
    return subprocess.run(
        [kubeadm, "config", "validate", "--config", str(file)], capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("text", DOCUMENTS.values(), ids=DOCUMENTS.keys())
def test_kubeadm_accepts_it(kubeadm: str, tmp_path: Path, text: str) -> None:
    answer = accepts(kubeadm, tmp_path, text)
    assert answer.returncode == 0, answer.stderr
    assert "deprecated" not in answer.stderr


def test_kubeadm_refuses_what_is_misspelled(kubeadm: str, tmp_path: Path) -> None:
    answer = accepts(kubeadm, tmp_path, DOCUMENTS["the first host"].replace("certSANs", "certSans"))
    assert "unknown field" in answer.stderr


def test_a_gpu_node_is_tainted_before_any_pod_sees_it() -> None:
    joining = yaml.safe_load(DOCUMENTS["a GPU worker"])
    assert joining["nodeRegistration"]["taints"] == [
        {"key": "nvidia.com/gpu", "value": "present", "effect": "NoSchedule"}
    ]
    assert [taint.key for taint in pool_taints(POOLS[0])] == ["nvidia.com/gpu"]


def test_a_control_plane_host_keeps_its_own_taint() -> None:
    joining = yaml.safe_load(DOCUMENTS["a further control plane host"])
    assert "taints" not in joining["nodeRegistration"]
    assert joining["controlPlane"]["certificateKey"] == "b" * 64


def test_every_address_of_the_api_is_in_its_certificate() -> None:
    cluster = list(yaml.safe_load_all(DOCUMENTS["the first host"]))[1]
    assert cluster["apiServer"]["certSANs"] == ["10.40.0.10", "10.40.0.11", "10.40.0.12", "10.40.0.13"]


@pytest.mark.parametrize(("pods", "prefix"), [(16, 27), (110, 24), (250, 23)])
def test_a_node_gets_twice_the_addresses_of_its_pods(pods: int, prefix: int) -> None:
    networks = Networks(nodes="10.40.0.0/16", load_balancers=("10.40.1.0/24",), pods_per_node=pods)
    assert networks.node_prefix == prefix


def test_what_kubeadm_did_not_print_is_no_invitation() -> None:
    with pytest.raises(ValueError, match="no join command"):
        JoinCredentials.of("error: timed out")
