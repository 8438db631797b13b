"""Wrong settings, one by one: each is refused with the field, before anything exists."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from components.clusters.existing.settings import ExistingTarget
from components.clusters.existing.storage import ExistingStorage
from components.contracts.errors import StrataError
from stacks.checks import check_all
from stacks.reading import read_stack, read_whole_stack
from tests.stack_files import replace_text

SECRET_LINES = (
    "  strata:huggingFaceToken:\n"
    "    secure: v1:zwjYuCMLY9J/fl3V:uJjc868QShVyVr+ipfQlxyDSiN78u8svw/W1IXFhpYb8uirg+3O0wWzg\n"
)
# What is replaced in the dev stack's file, by what, and what the error has to name.
BROKEN: dict[str, tuple[str, str, str, str]] = {
    "wrong type": ("replicas: 2", "replicas: two", "models[0].replicas", "Pulumi.dev.yaml:"),
    "a number for text": ("name: qwen2-7b", "name: 1.30", "models[0].name", 'write "1.3", in quotes, with every digit'),
    "unknown key": ("replicas: 2", "replcias: 2", "models[0].replcias", "did you mean 'replicas'?"),
    "unknown model": ("Qwen/Qwen2-7B-Instruct", "Qwen/Qwen2-7B-Instrct", "models[0].model", "Qwen/Qwen2-7B-Instruct"),
    "zero GPUs": ("replicas: 2", "tensor_parallel: 0", "models[0].tensor_parallel", "expected 1 or more"),
    "no nodes": ("count: 2", "count: 0", "node_pools[0].count", "expected 1 or more"),
    "more GPUs than the pool has": ("replicas: 2", "replicas: 17", "models[0]", "16"),
    "bad quantity": ("replicas: 2", "drain: 90sec", "models[0].drain", "write it like"),
    "duplicate pool": ("name: l40s", "name: h100", "node_pools[1].name", "node_pools[0]"),
    "bad label characters": (
        "count: 2",
        "count: 2\n      labels: {tier: a b}",
        "node_pools[0].labels.tier",
        "label value",
    ),
    "missing secret": (SECRET_LINES, "", "strata:huggingFaceToken", "pulumi config set --secret"),
    "plain secret": (SECRET_LINES, "  strata:huggingFaceToken: hf_x\n", "strata:huggingFaceToken", "not encrypted"),
    "YAML syntax": ("kind: local", "kind: [local", "Pulumi.dev.yaml:", "is not YAML"),
    "tab": ("    kind: local", "\tkind: local", "Pulumi.dev.yaml:", "is not YAML"),
    "duplicate key": ("replicas: 2", "replicas: 2\n      replicas: 3", "Pulumi.dev.yaml:", "twice"),
    "alias": ("replicas: 2", "replicas: &two 2\n      max_num_seqs: *two", "Pulumi.dev.yaml:", "uses an alias"),
    "foreign tag": ("replicas: 2", "replicas: !!python/object:os.system 2", "Pulumi.dev.yaml:", "carries the tag"),
    "unknown instance": ("p5.48xlarge", "p5.48xlagre", "node_pools[0].instance_type", "p5.48xlarge"),
    "GPU pool of CPU machines": ("g6e.48xlarge", "m7i.8xlarge", "node_pools[1].instance_type", "kind: cpu"),
    "unknown target": ("kind: local", "kind: locl", "target", "did you mean kind: local?"),
    "branch as revision": ("f2826a00ceef68f0f2b946d945ecc0477ce4450c", "main", "models[0].revision", "40 hexadecimal"),
    "unknown setting": (
        "strata:secrets:",
        "strata:secretz: {}\n  strata:secrets:",
        "secretz",
        "did you mean 'secrets'?",
    ),
    "context beyond the model": ("replicas: 2", "max_model_len: 999999", "models[0].max_model_len", "32768"),
    "hostile name": ("name: qwen2-7b", 'name: "a\\nkind: Secret"', "models[0].name", "not a name"),
    "reserved namespace": (
        "strata:secrets:",
        "strata:namespace: kube-system\n  strata:secrets:",
        "namespace",
        "belongs to",
    ),
    "infinite": ("replicas: 2", "budget_per_hour: 1e999", "models[0].budget_per_hour", ""),
}


def broken_project(project: Path, folder: Path, old: str, new: str) -> Path:
    replace_text(project, folder, "dev", old, new)
    return folder


@pytest.mark.parametrize("fault", BROKEN)
def test_a_broken_setting_is_refused_by_name(fault: str, project: Path, tmp_path: Path) -> None:
    old, new, field, hint = BROKEN[fault]
    folder = broken_project(project, tmp_path, old, new)
    with pytest.raises(StrataError) as caught:
        check_all(folder, read_whole_stack(folder, "dev"))
    text = str(caught.value)
    assert field in text, f"the error has to name {field}: {text}"
    assert hint in text, f"the error has to say {hint!r}: {text}"
    for problem in caught.value.problems:
        assert all([problem.cause, problem.consequence, problem.fix]), f"a part is missing: {problem}"


def test_all_problems_come_at_once(project: Path, tmp_path: Path) -> None:
    folder = broken_project(project, tmp_path, "count: 2", "count: two")
    broken_project(folder, tmp_path, "replicas: 2", "replcias: 2")
    with pytest.raises(StrataError) as caught:
        read_stack(folder, "dev")
    assert {"node_pools[0].count", "models[0].replcias"} <= {
        problem.field.partition(" ")[0] for problem in caught.value.problems
    }


def test_a_model_is_scaled_by_keda_only_where_keda_is(project: Path, tmp_path: Path) -> None:
    scaled = (
        "replicas: 2\n      autoscaling: {kind: keda, max_replicas: 4, prometheus: 'http://prometheus.monitoring:9090'}"
    )
    settings = read_whole_stack(broken_project(project, tmp_path, "replicas: 2", scaled), "dev")
    check_all(tmp_path, settings)
    storage = ExistingStorage.model_validate({"read_write_once": "gp3", "read_write_many": "efs"})
    target = ExistingTarget(
        kind="existing", name="theirs", kubeconfig="kubeconfig", kubernetes_version="1.34.2", storage=storage
    )
    with pytest.raises(StrataError) as caught:
        check_all(tmp_path, settings.model_copy(update={"target": target}))
    (problem,) = caught.value.problems
    assert problem.field == "models[0].autoscaling.kind"
    assert "KEDA is not known to be on theirs" in problem.cause
    assert "apis: [keda.sh]" in problem.fix
    check_all(tmp_path, settings.model_copy(update={"target": target.model_copy(update={"apis": ("keda.sh",)})}))


def test_an_unknown_stack_is_answered_with_the_known_ones(project: Path) -> None:
    with pytest.raises(StrataError, match="did you mean 'dev'"):
        read_stack(project, "deb")


def test_the_command_line_ends_with_1_and_without_traceback(project: Path, tmp_path: Path) -> None:
    for part in ("cli", "components", "simulation", "stacks"):
        shutil.copytree(project / part, tmp_path / part, ignore=shutil.ignore_patterns("__pycache__"))
    broken_project(project, tmp_path, "replicas: 2", "replicas: two")
    done = subprocess.run(
        [sys.executable, "-m", "cli", "up", "dev"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    assert done.returncode == 1
    assert "models[0].replicas" in done.stderr
    assert "Traceback" not in done.stderr + done.stdout
    assert not (tmp_path / ".strata").exists(), "nothing may be created for a stack that does not hold"
