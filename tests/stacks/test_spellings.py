"""Old spellings are read for one release, named, and rewritten without losing a comment."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from components.contracts.errors import StrataError
from stacks.migrate import migrate
from stacks.reading import parse, read_stack
from stacks.renames import RENAMES, renames_for
from stacks.spellings import old_spellings
from stacks.yaml_file import Value, read_yaml
from tests.stack_files import at, put, replace_text


@dataclass(frozen=True)
class Case:
    """A part of a stack in the old spelling and in the new one.

    Attributes:
        stack: The project's stack that has it.
        place: Where the part is.
        old: The part until now.
        new: The part now.
    """

    stack: str
    place: tuple[str | int, ...]
    old: dict[str, Value]
    new: dict[str, Value]


STORAGE, TARGET = ("target", "shared_storage"), ("target",)
LUSTRE: dict[str, Value] = {"kind": "lustre", "zone": "us-east-2b"}
NFS: dict[str, Value] = {"kind": "nfs", "server": "10.40.2.10", "share": "/models"}
ORDER: dict[str, Value] = {"kind": "create", "customer": "Example Ltd", "contact": "network@example.com"}
CIRCUIT: dict[str, Value] = {"kind": "create", "provider": "Equinix"}
EXISTING: dict[str, Value] = {
    "kind": "existing",
    "name": "lab",
    "kubeconfig": "~/.kube/lab",
    "kubernetes_version": "1.34",
}


def mapping(value: Value) -> dict[str, Value]:
    """The value, which is a mapping."""
    assert isinstance(value, dict)
    return value


def stored(key: str, value: Value) -> dict[str, Value]:
    """A cluster that exists whose classes have a setting."""
    uses = ("read_write_once", "read_write_many", "scratch")
    return {**EXISTING, "storage": {use: {"name": use.replace("_", "-"), key: value} for use in uses}}


def switched(values: dict[str, Value]) -> dict[str, Value]:
    """A cluster that exists with these settings."""
    return {**EXISTING, "storage": {"read_write_once": "gp3", "read_write_many": "efs"}, **values}


def moved(stack: str, names: Mapping[str, str], **values: Value) -> tuple[dict[str, Value], dict[str, Value]]:
    """The target of a stack with settings beside its network, and with the same inside of it.

    Args:
        stack: Name of the project's stack.
        names: Old name of each setting.
        values: The settings.
    """
    file = mapping(read_yaml(Path(__file__).parents[2] / f"Pulumi.{stack}.yaml").value)
    target = mapping(mapping(file["config"])["strata:target"])
    network = {key: value for key, value in mapping(target["network"]).items() if key not in values}
    old: dict[str, Value] = {**target, "network": network, **{names[key]: value for key, value in values.items()}}
    new: dict[str, Value] = {**target, "network": {**network, **values}}
    return old, new


CASES = [
    Case(
        "aws",
        STORAGE,
        {**LUSTRE, "throughput": "250MB/s/TiB", "capacity_gib": 4800},
        {**LUSTRE, "throughput": "250MB/s/TiB", "capacity": "4800Gi"},
    ),
    Case("gcp", STORAGE, {"kind": "filestore", "capacity_gib": 2560}, {"kind": "filestore", "capacity": "2.5Ti"}),
    Case("azure", STORAGE, {"kind": "files", "capacity_gib": 4096}, {"kind": "files", "capacity": "4Ti"}),
    Case(
        "azure",
        STORAGE,
        {"kind": "lustre", "zone": "eastus2-1", "throughput": "250MB/s/TiB", "capacity_tib": 16},
        {"kind": "lustre", "zone": "eastus2-1", "throughput": "250MB/s/TiB", "capacity": "16Ti"},
    ),
    Case(
        "aws",
        STORAGE,
        {**LUSTRE, "capacity": "4800Gi", "throughput": 1000},
        {**LUSTRE, "capacity": "4800Gi", "throughput": "1000MB/s/TiB"},
    ),
    Case("onprem", STORAGE, {**NFS, "read_mb_per_second": 1250.0}, {**NFS, "read_bandwidth": "1.25GB/s"}),
    Case("onprem", STORAGE, {**NFS, "read_mb_per_second": 300}, {**NFS, "read_bandwidth": "300MB/s"}),
    Case("azure", TARGET, *moved("azure", {"pods": "pod_cidr"}, pods="10.240.0.0/16")),
    Case("azure", TARGET, *moved("azure", {"services": "service_cidr"}, services="10.51.0.0/18")),
    Case("azure", TARGET, *moved("azure", {"dns_service_ip": "dns_service_ip"}, dns_service_ip="10.51.0.11")),
    Case("aws", TARGET, *moved("aws", {"services": "service_cidr"}, services="172.21.0.0/16")),
    Case("gcp", TARGET, *moved("gcp", {"zones": "zones"}, zones=["us-central1-a", "us-central1-b", "us-central1-c"])),
    Case("gcp", TARGET, *moved("gcp", {"pods_per_node": "max_pods_per_node"}, pods_per_node=64)),
    Case("dev", TARGET, stored("read_bytes_per_second", 2.5e9), stored("read_bandwidth", "2.5GB/s")),
    *(
        Case("dev", TARGET, switched({switch: True}), switched({"apis": [group]}))
        for switch, group in (("pod_monitors", "monitoring.coreos.com"), ("scaled_objects", "keda.sh"))
    ),
    Case("azure", ("target", "os_disk"), {"gpu_gib": 600}, {"gpu": "600Gi"}),
    Case("azure", ("target", "os_disk"), {"cpu_gib": 200}, {"cpu": "200Gi"}),
    Case("aws", TARGET, {"support": "EXTENDED"}, {"support": "extended"}),
    Case("azure", TARGET, {"support": "AKSLongTermSupport"}, {"support": "extended"}),
    Case("gcp", TARGET, {"release_channel": "EXTENDED"}, {"support": "extended"}),
    Case("hybrid", ("links", 1), {"bandwidth": "BPS_500M"}, {"bandwidth": "500Mbps"}),
    Case("hybrid", ("links", 1), {"bandwidth": "BPS_20G"}, {"bandwidth": "20Gbps"}),
    *(
        Case(
            "hybrid",
            ("links", 1, "ports", 0, "circuit"),
            {**ORDER, "link_type": f"LINK_TYPE_ETHERNET_{name}"},
            {**ORDER, "bandwidth": bandwidth},
        )
        for name, bandwidth in (("10G_LR", "10Gbps"), ("100G_LR", "100Gbps"), ("400G_LR4", "400Gbps"))
    ),
    Case(
        "hybrid",
        ("links", 1, "ports", 2),
        {"candidate_subnet": "169.254.30.0/29"},
        {"bgp_range": "169.254.30.0/29"},
    ),
    Case(
        "hybrid",
        ("links", 2, "paths", 0, "circuit"),
        {**CIRCUIT, "bandwidth_mbps": 500},
        {**CIRCUIT, "bandwidth": "500Mbps"},
    ),
    Case(
        "hybrid",
        ("links", 2, "paths", 1, "circuit"),
        {**CIRCUIT, "bandwidth_mbps": 10000},
        {**CIRCUIT, "bandwidth": "10Gbps"},
    ),
]


def name(case: Case) -> str:
    """For reports of tests."""
    return f"{case.stack}-{case.place[-1]}-{'-'.join(sorted(case.old.keys() - case.new.keys()))}"


def filled(part: Value, place: tuple[str | int, ...], values: Mapping[str, Value]) -> None:
    """Fill a part of a stack; what chooses a kind replaces it whole."""
    inside = at(part, place[:-1])
    is_there = isinstance(inside, list) or place[-1] in mapping(inside)
    kept = mapping(at(part, place)) if is_there and "kind" not in values else {}
    put(part, place, {**kept, **values})


def settings_of(project: Path, stack: str) -> dict[str, Value]:
    file = read_yaml(project / f"Pulumi.{stack}.yaml").value
    assert isinstance(file, dict)
    assert isinstance(file["config"], dict)
    return {key.removeprefix("strata:"): value for key, value in file["config"].items()}


def stack_of(project: Path, case: Case, part: Mapping[str, Value]) -> dict[str, Value]:
    values = settings_of(project, case.stack)
    filled(values, case.place, part)
    return values


def test_there_is_a_case_for_every_rename(project: Path) -> None:
    stacks = [stack_of(project, case, case.old) for case in CASES]
    assert [rename for rename in RENAMES if not any(list(old_spellings(values, [rename])) for values in stacks)] == []


@pytest.mark.parametrize("case", CASES, ids=name)
def test_an_old_spelling_means_what_the_new_one_does(case: Case, project: Path) -> None:
    old, new = (stack_of(project, case, part) for part in (case.old, case.new))
    before = copy.deepcopy(old)
    found = list(old_spellings(old, RENAMES))
    assert found
    assert all(spelling.now in spelling.note("file:1") for spelling in found)
    assert list(old_spellings(new, RENAMES)) == []
    encrypted = frozenset(key for key, value in new.items() if isinstance(value, dict) and "secure" in value)
    assert parse(old, encrypted) == parse(new, encrypted)
    assert old == before, "reading changes nothing"


@pytest.mark.parametrize("case", CASES, ids=name)
def test_a_file_is_rewritten_and_means_the_same(case: Case, project: Path, tmp_path: Path) -> None:
    file = mapping(read_yaml(project / f"Pulumi.{case.stack}.yaml").value)
    config = {key.removeprefix("strata:"): value for key, value in mapping(file["config"]).items()}
    filled(config, case.place, case.old)
    file["config"] = {f"strata:{key}": value for key, value in config.items()}
    path = tmp_path / f"Pulumi.{case.stack}.yaml"
    path.write_text(yaml.safe_dump(file))
    before = read_stack(tmp_path, case.stack)
    assert before.notes
    assert all(f"Pulumi.{case.stack}.yaml:" in note for note in before.notes)
    assert len(migrate(tmp_path, case.stack)) == len(before.notes)
    after = read_stack(tmp_path, case.stack)
    assert (after.settings, after.notes) == (before.settings, [])
    assert migrate(tmp_path, case.stack) == (), "there is nothing left to do"


def test_comments_order_and_quotes_stay(project: Path, tmp_path: Path) -> None:
    old = "capacity_gib: 4096   # paid for whole"
    replace_text(project, tmp_path, "azure", "capacity: 4Ti", old)
    before = (tmp_path / "Pulumi.azure.yaml").read_text()
    migrate(tmp_path, "azure")
    after = (tmp_path / "Pulumi.azure.yaml").read_text()
    assert after == before.replace(old, "capacity: 4096Gi   # paid for whole")


def test_line_ends_stay(project: Path, tmp_path: Path) -> None:
    replace_text(project, tmp_path, "azure", "capacity: 4Ti", "capacity_gib: 4096")
    path = tmp_path / "Pulumi.azure.yaml"
    before = path.read_bytes().replace(b"\n", b"\r\n")
    path.write_bytes(before)
    migrate(tmp_path, "azure")
    assert path.read_bytes() == before.replace(b"capacity_gib: 4096", b"capacity: 4096Gi")


def test_both_spellings_at_once_are_refused_and_the_file_stays(project: Path, tmp_path: Path) -> None:
    replace_text(project, tmp_path, "azure", "capacity: 4Ti", "capacity: 4Ti\n      capacity_gib: 4096")
    before = (tmp_path / "Pulumi.azure.yaml").read_text()
    with pytest.raises(StrataError) as caught:
        migrate(tmp_path, "azure")
    (problem,) = caught.value.problems
    assert problem.field.startswith("target.shared_storage.capacity_gib (Pulumi.azure.yaml:")
    assert (tmp_path / "Pulumi.azure.yaml").read_text() == before


@pytest.mark.parametrize("gib", [4096, 100])
def test_two_old_spellings_of_one_setting_are_refused(project: Path, tmp_path: Path, gib: int) -> None:
    replace_text(project, tmp_path, "azure", "capacity: 4Ti", f"capacity_tib: 4\n      capacity_gib: {gib}")
    before = (tmp_path / "Pulumi.azure.yaml").read_text()
    for run in (read_stack, migrate):
        with pytest.raises(StrataError) as caught:
            run(tmp_path, "azure")
        (problem,) = caught.value.problems
        assert problem.field.startswith("target.shared_storage.capacity_tib (Pulumi.azure.yaml:")
        assert "target.shared_storage.capacity_gib is there too" in problem.cause
        assert "capacity: 4Ti" in problem.fix
    assert (tmp_path / "Pulumi.azure.yaml").read_text() == before


@pytest.mark.parametrize(
    ("stack", "old", "new", "fix"),
    [
        ("onprem", "read_bandwidth: 5GB/s", "read_mb_per_second: 0", "write read_bandwidth: 5GB/s"),
        ("onprem", "read_bandwidth: 5GB/s", 'read_mb_per_second: "5000"', "write read_bandwidth: 5GB/s"),
        ("azure", "capacity: 4Ti", 'capacity_tib: "4"', "write capacity: 4Ti"),
        ("azure", "capacity: 4Ti", "capacity_gib: 4.5", "write capacity: 4800Gi"),
    ],
)
def test_an_old_name_with_a_wrong_value_is_one_problem_whose_fix_is_taken(
    project: Path, tmp_path: Path, stack: str, old: str, new: str, fix: str
) -> None:
    replace_text(project, tmp_path, stack, old, new)
    with pytest.raises(StrataError) as caught:
        read_stack(tmp_path, stack)
    (problem,) = caught.value.problems
    assert problem.field.startswith(f"target.shared_storage.{new.partition(':')[0]} (")
    assert problem.fix == fix
    replace_text(tmp_path, tmp_path, stack, new, fix.removeprefix("write "))
    assert read_stack(tmp_path, stack)


@pytest.mark.parametrize("target", ["elsewhere.yaml", "Pulumi.azure.yaml"])
def test_a_link_that_leads_nowhere_is_called_one(tmp_path: Path, target: str) -> None:
    (tmp_path / "Pulumi.azure.yaml").symlink_to(target)
    with pytest.raises(StrataError, match=f"is a link to {target}, where no file is") as caught:
        read_stack(tmp_path, "azure")
    assert "did you mean" not in str(caught.value)


def test_a_file_that_is_protected_or_has_another_name_stays(project: Path, tmp_path: Path) -> None:
    replace_text(project, tmp_path, "azure", "capacity: 4Ti", "capacity_gib: 4096")
    path = tmp_path / "Pulumi.azure.yaml"
    before = path.read_bytes()
    path.chmod(0o444)
    with pytest.raises(StrataError, match=r"chmod u\+w Pulumi\.azure\.yaml"):
        migrate(tmp_path, "azure")
    path.chmod(0o644)
    (tmp_path / "copy.yaml").hardlink_to(path)
    with pytest.raises(StrataError, match="hard link"):
        migrate(tmp_path, "azure")
    assert path.read_bytes() == before


def test_a_wrong_value_in_the_old_spelling_is_refused_at_its_line(project: Path, tmp_path: Path) -> None:
    replace_text(project, tmp_path, "azure", "capacity: 4Ti", "capacity_gib: 3")
    with pytest.raises(StrataError, match=r"capacity \(Pulumi.azure.yaml:37\): 3Gi is not between 100Gi and 100Ti"):
        read_stack(tmp_path, "azure")


def test_settings_of_environments_that_a_program_adds_are_their_own_affair() -> None:
    values: dict[str, Value] = {"target": {"kind": "ours", "support": "EXTENDED"}}
    assert list(old_spellings(values, renames_for(values))) == []


def test_one_rename_never_needs_another() -> None:
    paths = [path for rename in RENAMES for path in {rename.old, rename.new}]
    within = [(one, other) for one in paths for other in paths if one != other and one == other[: len(one)]]
    assert within == [], "which of them comes first would decide what a file means"


def test_a_file_behind_a_link_stays_there(project: Path, tmp_path: Path) -> None:
    replace_text(project, tmp_path, "azure", "capacity: 4Ti", "capacity_gib: 4096")
    link, file = tmp_path / "Pulumi.azure.yaml", tmp_path / "shared.yaml"
    link.rename(file)
    link.symlink_to(file)
    before = file.read_bytes()
    migrate(tmp_path, "azure")
    assert link.is_symlink()
    assert file.read_bytes() == before.replace(b"capacity_gib: 4096", b"capacity: 4096Gi")
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


@pytest.mark.parametrize(("channel", "refused"), [("STABLE", False), ("NORMAL", True)])
def test_a_name_of_which_only_one_value_moved_keeps_the_others(
    project: Path, tmp_path: Path, channel: str, *, refused: bool
) -> None:
    replace_text(
        project, tmp_path, "gcp", "    kubernetes_version:", f"    release_channel: {channel}\n    kubernetes_version:"
    )
    if not refused:
        assert read_stack(tmp_path, "gcp").old_spellings == ()
        return
    with pytest.raises(StrataError, match="use one of: RAPID, REGULAR, STABLE"):
        read_stack(tmp_path, "gcp")


CLUSTER = """config:
  strata:target:
    kind: existing
    name: lab
    kubeconfig: ~/.kube/lab
    kubernetes_version: "1.34"
{switches}    storage: {{read_write_once: gp3, read_write_many: efs}}
  strata:node_pools:
    - {{kind: cpu, name: system, instance_type: cpu-16, count: 1, zones: [a]}}
  strata:models: [{{name: chat, model: Qwen/Qwen3-8B, revision: b968826d9c46dd6066d109eabc6255188de91218}}]
"""


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (
            "    # Prometheus\n    pod_monitors: true  # ours\n",
            "    # Prometheus\n    apis: [monitoring.coreos.com]  # ours\n",
        ),
        ("    scaled_objects: false\n", "    apis: []\n"),
        (
            "    pod_monitors: true\n    # KEDA\n    scaled_objects: true\n    driver_owner: gpu-operator\n",
            "    apis: [monitoring.coreos.com, keda.sh]\n    driver_owner: gpu-operator\n",
        ),
        (
            "    apis: [keda.sh] # all\n    pod_monitors: true\n    scaled_objects: true\n",
            "    apis: [keda.sh, monitoring.coreos.com] # all\n",
        ),
        (
            "    scaled_objects: true\n    apis:\n      - example.com # a\n      # b\n    driver_owner: gpu-operator\n",
            "    apis:\n      - example.com # a\n      - keda.sh\n      # b\n    driver_owner: gpu-operator\n",
        ),
        ("    apis: []\n    scaled_objects: true\n", "    apis: [keda.sh]\n"),
    ],
)
def test_switches_of_earlier_files_are_read_named_and_rewritten(tmp_path: Path, old: str, new: str) -> None:
    (tmp_path / "Pulumi.yaml").write_text("name: strata\nruntime: python\n")
    file = tmp_path / "Pulumi.lab.yaml"
    file.write_text(CLUSTER.format(switches=new))
    meant = read_stack(tmp_path, "lab").settings
    file.write_text(CLUSTER.format(switches=old))
    found = read_stack(tmp_path, "lab")
    assert found.settings == meant
    assert len(found.notes) == old.count("scaled_objects") + old.count("pod_monitors")
    assert all("is written `apis: [" in note and "Pulumi.lab.yaml:" in note for note in found.notes)
    migrate(tmp_path, "lab")
    assert file.read_text() == CLUSTER.format(switches=new)


def test_a_switch_that_is_no_switch_is_told_the_list(tmp_path: Path) -> None:
    (tmp_path / "Pulumi.yaml").write_text("name: strata\nruntime: python\n")
    (tmp_path / "Pulumi.lab.yaml").write_text(CLUSTER.format(switches="    pod_monitors: maybe\n"))
    with pytest.raises(StrataError) as caught:
        read_stack(tmp_path, "lab")
    (problem,) = caught.value.problems
    assert problem.field.startswith("target.pod_monitors (Pulumi.lab.yaml:")
    assert problem.fix == "write apis: [monitoring.coreos.com]"
