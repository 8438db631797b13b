"""The scripts that hosts run: correct shell, confined to their commands, and safe to run again."""

from __future__ import annotations

import re
import subprocess

import pytest

from components.clusters.kubeadm import scripts
from components.clusters.kubeadm.addon_table import addresses, mirrored
from components.clusters.kubeadm.facts import kubeadm_facts
from components.clusters.kubeadm.settings import Mirrors
from components.contracts.pools import DriverOwner, GpuPool

from .site import site

TARGET, POOLS = site()
WORKER = TARGET.workers[0]
SCRIPTS = {
    "prepare a GPU host": scripts.prepare(TARGET, POOLS[0]),
    "prepare a control plane host": scripts.prepare(TARGET, None),
    "initialise": scripts.initialise(TARGET),
    "keep the encryption key": scripts.keep_encryption(),
    "invite": scripts.invite(WORKER, control_plane=True),
    "join the control plane": scripts.join_control_plane(TARGET),
    "join": scripts.join_worker(TARGET),
    "upgrade the first": scripts.upgrade_first(TARGET),
    "upgrade": scripts.upgrade_node(TARGET),
    "empty": scripts.empty(WORKER, TARGET),
    "admit": scripts.configure_node(WORKER, POOLS[0], TARGET),
    "dismiss": scripts.remove_host(WORKER),
    "leave": scripts.leave(),
    "network": scripts.install_network(TARGET),
    "add-ons": scripts.install_add_ons(TARGET),
}


@pytest.mark.parametrize("shell", ["bash", "sh"])
@pytest.mark.parametrize("text", SCRIPTS.values(), ids=SCRIPTS.keys())
def test_it_is_correct_shell(text: str, shell: str) -> None:
    parsed = subprocess.run([shell, "-n"], input=text, capture_output=True, text=True, check=False)
    assert parsed.returncode == 0, parsed.stderr


@pytest.mark.parametrize("text", SCRIPTS.values(), ids=SCRIPTS.keys())
def test_it_ends_at_the_first_failure_and_is_confined(text: str) -> None:
    assert text.startswith("set -eu\n")
    commands = re.sub(r"'[^']*'", "''", text)
    assert not re.search(r"[<>]", commands), "a redirection writes where no command was named"
    assert not re.search(r"^\s*(?:cd|/)", commands, re.MULTILINE)


def test_a_host_that_has_joined_does_not_join_again() -> None:
    for name in ("initialise", "join the control plane", "join"):
        guarded = SCRIPTS[name].partition("kubeadm reset")
        assert guarded[0].rstrip().endswith("then\nsudo"), f"{name} resets a host that is a member"
        assert "sudo touch /etc/kubernetes/strata/member\nfi" in guarded[2]


def test_packages_of_members_wait_for_their_turn() -> None:
    assert "kubelet=" not in SCRIPTS["prepare a GPU host"], "every kubelet would change at once, under its pods"
    order = [SCRIPTS["upgrade"].index(part) for part in ("kubeadm=1.34.2", "kubeadm upgrade node", "kubelet=1.34.2")]
    assert order == sorted(order)


def test_containerd_of_a_member_keeps_the_runtime_that_was_added_to_it() -> None:
    guarded = re.search(r"if sudo test ! -e \S+/member; then\n(.*?)\nfi\n", SCRIPTS["prepare a GPU host"], re.DOTALL)
    assert guarded
    for part in ("install --yes --allow-change-held-packages containerd", "config.toml", "restart containerd"):
        assert SCRIPTS["prepare a GPU host"].count(part) == guarded[1].count(part) == 1


def test_a_host_of_an_nvlink_domain_leaves_imex_to_the_dra_driver() -> None:
    tray = POOLS[0].model_copy(update={"instance_type": "gb200-nvl72-tray"})
    assert "\nsudo systemctl mask nvidia-imex.service\n" in scripts.prepare(TARGET, tray)
    assert "imex" not in SCRIPTS["prepare a GPU host"]


def test_kube_vip_starts_with_the_only_rights_there_are() -> None:
    first, _, rest = SCRIPTS["initialise"].partition("kubeadm init --config")
    assert "super-admin.conf" in first
    assert "super-admin.conf" not in rest, "the first host alone has that file, and it expires"
    assert "super-admin.conf" not in SCRIPTS["join the control plane"]


def test_the_driver_is_where_the_pool_says() -> None:
    pool = POOLS[0]
    assert isinstance(pool, GpuPool)
    by_operator = scripts.prepare(TARGET, pool.model_copy(update={"driver": DriverOwner.GPU_OPERATOR}))
    assert "\nnvidia-smi --list-gpus\n" in SCRIPTS["prepare a GPU host"]
    assert "if nvidia-smi --list-gpus; then" in by_operator
    assert "nvidia-smi" not in SCRIPTS["prepare a control plane host"]


def test_a_system_without_an_image_of_the_driver_is_refused_before_anything_is_changed() -> None:
    pool = POOLS[0]
    assert isinstance(pool, GpuPool)
    by_operator = scripts.prepare(TARGET, pool.model_copy(update={"driver": DriverOwner.GPU_OPERATOR}))
    assert by_operator.index("/etc/os-release") < by_operator.index("apt-get")
    assert "os-release" not in SCRIPTS["prepare a GPU host"], "a driver that is there works on any system"


def test_snapshots_have_a_controller_that_comes_after_its_definitions_and_never_beside_another() -> None:
    script = SCRIPTS["add-ons"]
    order = [
        script.index(f"--filename {name}")
        for name in ("snapshot.storage.k8s.io_volumesnapshots.yaml", "setup-snapshot-controller.yaml")
    ]
    assert order == sorted(order)
    assert "rollout status" in script[order[1] :]
    theirs = TARGET.model_copy(update={"apis": ("snapshot.storage.k8s.io",)})
    assert "snapshot-controller" not in scripts.install_add_ons(theirs)
    for target in (TARGET, theirs):
        assert "snapshot.storage.k8s.io" in kubeadm_facts(target, POOLS).apis


def test_what_is_downloaded_is_checked() -> None:
    for name in ("network", "add-ons"):
        downloads = SCRIPTS[name].count("curl ")
        checks = SCRIPTS[name].count("sha256sum --check")
        assert checks >= downloads - checks, f"{name}: {downloads} downloads, {checks} checks"
    applied = re.findall(r"--filename '?([\w.-]+\.yaml)", SCRIPTS["add-ons"])
    assert len(applied) == len(list(addresses()))


def test_a_site_without_internet_has_a_mirror() -> None:
    closed = TARGET.model_copy(update={"mirrors": Mirrors(manifests="https://mirror.example.com/files")})
    for url in addresses():
        assert mirrored(closed, url).startswith("https://mirror.example.com/files/raw.githubusercontent.com/")
    assert "github" not in re.sub(r"mirror\.example\.com/files/\S+", "", scripts.install_add_ons(closed))
