"""Row B4: the root folder of FSx for Lustre is given to the catalog's user before anything is fetched."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Generator
from pathlib import Path

import pytest

from components.contracts.customize import PodCustomize
from components.storage import own_root_folder
from components.workloads.security import RUN_AS
from simulation import ControlPlane
from tests.conformance.engine import run as run_program
from tests.registration import Json, Registrations, registered, value_at
from tests.simulation.kube import Kube

from .volumes import FILESTORE, FSX, SHARED, declare_catalog

SETUP = "model-catalog-setup"


def declared() -> Registrations:
    return registered(lambda: declare_catalog(FSX))


def job(made: Registrations, namespace: str) -> dict[str, Json]:
    (found,) = (one for one in made.of("Job") if one.at("metadata", "namespace") == namespace)
    return found.inputs


def test_b4_only_a_file_system_whose_driver_leaves_it_to_root_gets_the_job() -> None:
    assert [one.at("metadata", "namespace") for one in declared().of("Job")] == ["models", SETUP]
    for volume in (FILESTORE, None):
        made = registered(lambda volume=volume: declare_catalog(volume))
        assert len(made.of("Job")) == 1
        assert not made.of("Namespace")


def test_b4_nothing_is_fetched_before_the_folder_changed_hands() -> None:
    made = {one.name: one for one in run_program(lambda: declare_catalog(FSX)).made}
    assert made[f"{SETUP}-job"].urn in made["model-catalog-fetch"].waits_for
    assert made["model-catalog-file-system"].urn in made["model-catalog-volume"].waits_for
    assert made[f"{SETUP}-file-system"].urn in made[f"{SETUP}-volume"].waits_for


def test_b4_the_job_may_change_owners_and_nothing_else() -> None:
    spec = value_at(job(declared(), SETUP), "spec", "template", "spec")
    assert value_at(spec, "automountServiceAccountToken") is False
    assert value_at(spec, "containers", 0, "securityContext") == {
        "allowPrivilegeEscalation": False,
        "privileged": False,
        "readOnlyRootFilesystem": True,
        "runAsNonRoot": False,
        "runAsUser": 0,
        "runAsGroup": 0,
        "capabilities": {"drop": ["ALL"], "add": ["CHOWN"]},
        "seccompProfile": {"type": "RuntimeDefault"},
    }
    image = value_at(job(declared(), "models"), "spec", "template", "spec", "containers", 0, "image")
    assert value_at(spec, "containers", 0, "image") == image, "one image to mirror"


def test_b4_an_image_of_the_user_gets_no_devices_and_no_variables() -> None:
    added = PodCustomize(image="registry.example.com/python:3.12", environment={"HTTPS_PROXY": "http://proxy:3128"})
    made = registered(lambda: declare_catalog(FSX, added))
    container = value_at(job(made, SETUP), "spec", "template", "spec", "containers", 0)
    assert value_at(container, "image") == added.image
    assert value_at(container, "env") == [
        {"name": "FOLDER", "value": "/file-system"},
        {"name": "OWNER", "value": str(RUN_AS)},
        {"name": "NVIDIA_VISIBLE_DEVICES", "value": "void"},
    ]


def test_b4_its_namespace_takes_root_and_no_connection_and_its_volume_is_its_own() -> None:
    made = declared()
    labels = made.only("Namespace").at("metadata", "labels")
    assert value_at(labels, "pod-security.kubernetes.io/enforce") == "baseline"
    (policy,) = (one for one in made.of("NetworkPolicy") if one.at("metadata", "namespace") == SETUP)
    assert policy.at("spec") == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    volumes = {str(one.at("metadata", "name")): one for one in made.of("PersistentVolume")}
    assert set(volumes) == {SHARED, f"{SHARED}-setup"}
    assert {str(one.at("spec", "csi", "volumeHandle")) for one in volumes.values()} == {FSX.handle}
    claim = volumes[f"{SHARED}-setup"].at("spec", "claimRef")
    mounted = value_at(job(made, SETUP), "spec", "template", "spec", "volumes", 0, "persistentVolumeClaim", "claimName")
    assert (value_at(claim, "namespace"), value_at(claim, "name")) == (SETUP, mounted)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "file-system"
    made.mkdir(mode=0o755)
    (made / "theirs").touch()
    return made


def run(folder: Path) -> subprocess.CompletedProcess[str]:
    """Run what the container runs, as root with the container's one capability."""
    program = Path(own_root_folder.__file__).read_text()
    return subprocess.run(
        ["setpriv", "--bounding-set=-all,+chown", sys.executable, "-c", program],
        env={"FOLDER": str(folder), "OWNER": str(RUN_AS)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.mark.skipif(os.getuid() != 0 or not shutil.which("setpriv"), reason="root has to give capabilities up")
def test_b4_the_folder_changes_hands_once_and_nothing_below_it(folder: Path) -> None:
    for said in ("now", "already"):
        done = run(folder)
        assert (done.returncode, done.stdout.strip().endswith(said)) == (0, True), done.stderr
        about = folder.stat()
        assert (about.st_uid, about.st_gid, about.st_mode & 0o777) == (RUN_AS, RUN_AS, 0o755)
    assert (folder / "theirs").stat().st_uid == 0


@pytest.mark.skipif(os.getuid() != 0 or not shutil.which("setpriv"), reason="root has to give capabilities up")
def test_b4_a_folder_of_somebody_else_is_left_alone(folder: Path) -> None:
    os.chown(folder, 4711, 4711)
    done = run(folder)
    assert (done.returncode, "belongs to user 4711" in done.stderr, "Fix:" in done.stderr) == (1, True, True)
    assert folder.stat().st_uid == 4711


@pytest.fixture(scope="module")
def kube(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Generator[Kube, None, None]:
    state = tmp_path_factory.mktemp("folders")
    (state / "bin").symlink_to(project / ".strata" / "bin")
    plane = ControlPlane("folders", state)
    try:
        plane.start()
        yield Kube(project, plane)
    finally:
        plane.delete()


@pytest.mark.engine
def test_b4_pod_security_takes_the_pod_in_its_namespace_and_in_no_restricted_one(kube: Kube) -> None:
    made = declared()
    namespace = made.only("Namespace").inputs
    kube.run("apply", "-f", "-", stdin=json.dumps(namespace))
    metadata: dict[str, Json] = {"name": "closed", "labels": {"pod-security.kubernetes.io/enforce": "restricted"}}
    kube.run("apply", "-f", "-", stdin=json.dumps({**namespace, "metadata": metadata}))
    spec = value_at(job(made, SETUP), "spec", "template", "spec")
    assert isinstance(spec, dict)
    # Admission looks for both; they are made by other layers.
    bare = {key: value for key, value in spec.items() if key not in {"priorityClassName", "serviceAccountName"}}
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "owner"}, "spec": bare}
    kube.run("-n", SETUP, "create", "--dry-run=server", "-f", "-", stdin=json.dumps(pod))
    with pytest.raises(AssertionError, match="runAsUser=0"):
        kube.run("-n", "closed", "create", "--dry-run=server", "-f", "-", stdin=json.dumps(pod))
