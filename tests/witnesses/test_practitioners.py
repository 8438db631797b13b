"""What practitioners met in public, repeated with the program: each is refused in words, or does what they expected.

`practitioners.yaml` has the stacks. Threads are named as owner or repository and number of their issue.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from components.contracts.errors import Problem, StrataError
from components.contracts.serving import ServingPlan
from stacks.checks import files_only
from stacks.project import charts_folder
from stacks.reading import read_stack
from stacks.recording import UNKNOWN, Registered, record_checked
from stacks.secret_names import SecretNames, WithSecrets
from stacks.stack import CheckedStack
from stacks.yaml_file import Value, read_yaml
from tests.cli.test_rendering import rendered
from tests.conftest import PROJECT
from tests.registration import Json, Registration, Registrations, value_at
from tests.stack_files import put
from tests.workloads.network_access import Address, Network, Pod

CASES = read_yaml(Path(__file__).with_name("practitioners.yaml")).value


@dataclass(frozen=True)
class Case:
    """One stack that was met with.

    Attributes:
        folder: Folder with its file.
        stack: Its name.
        checked: What `check` makes of it.
    """

    folder: Path
    stack: str
    checked: CheckedStack

    @property
    def plan(self) -> ServingPlan:
        """The plan of its only model."""
        (plan,) = self.checked.plans.values()
        return plan

    def objects(self) -> list[Registered]:
        """What it declares."""
        settings = read_stack(self.folder, self.stack).settings
        secrets = settings.secrets if isinstance(settings, WithSecrets) else SecretNames()
        return record_checked(self.folder, self.checked, secrets, self.stack)


def check(folder: Path, name: str) -> Case:
    """The case, once it is read and planned.

    Raises:
        StrataError: It is refused.
    """
    (folder / f"Pulumi.{name}.yaml").write_text(yaml.safe_dump(_file_of(name)))
    if charts_folder(PROJECT).exists():
        charts_folder(folder).parent.mkdir()
        charts_folder(folder).symlink_to(charts_folder(PROJECT))
    return Case(folder, name, read_stack(folder, name).stack.check(files_only(folder)))


def refused(folder: Path, name: str) -> list[Problem]:
    """Why the case is refused."""
    with pytest.raises(StrataError) as caught:
        check(folder, name)
    assert all(problem.cause and problem.consequence and problem.fix for problem in caught.value.problems)
    return list(caught.value.problems)


def _file_of(name: str) -> Value:
    assert isinstance(CASES, dict)
    changes = CASES[name]
    assert isinstance(changes, dict)
    file = copy.deepcopy(read_yaml(PROJECT / f"Pulumi.{changes['stack']}.yaml").value)
    assert isinstance(file, dict)
    for path, value in changes.items():
        first, *rest = path.split(".")
        if path != "stack":
            place = (f"strata:{first}", *(int(part) if part.isdigit() else part for part in rest))
            put(file["config"], place, value)
    return file


def _of(objects: list[Registered], kind: str) -> list[Registration]:
    return [Registration(made.token, made.name, _json(made)) for made in objects if made.token.endswith(f":{kind}")]


def _json(made: Registered) -> dict[str, Json]:
    return {key: copy.deepcopy(value) for key, value in made.inputs.items()}


def _reached(case: Case) -> set[tuple[str, int]]:
    """What the Job that fetches models reaches, inside and outside of private ranges."""
    objects, found = case.objects(), Registrations()
    found.made = _of(objects, "NetworkPolicy")
    (job,) = (job for job in _of(objects, "Job") if job.at("metadata", "namespace") == "models")
    labels = job.at("spec", "template", "metadata", "labels")
    assert isinstance(labels, dict)
    pod, network = Pod("models", {key: str(value) for key, value in labels.items()}), Network.of(found)
    ends = {"inside": Address("10.1.2.3"), "outside": Address("93.184.215.14")}
    ports = (443, 8443, 8444)
    return {(name, port) for name, end in ends.items() for port in ports if network.connects(pod, end, port)}


def test_hpafull_a_rollout_asks_for_no_gpu_that_the_autoscaler_may_hold(tmp_path: Path) -> None:
    """LLMKube#192: four GPUs, three servers and at most four; a fifth would wait for ever."""
    (server,) = _of(check(tmp_path, "hpafull").objects(), "Deployment")
    assert server.at("spec", "strategy", "rollingUpdate") == {"maxSurge": 0, "maxUnavailable": 1}


def test_hpanone_an_hpa_without_a_source_of_metrics_is_refused(tmp_path: Path) -> None:
    """prometheus-adapter#664: an HPA whose metric nobody serves keeps the number of replicas without a word."""
    (problem,) = refused(tmp_path, "hpanone")
    assert problem.field == "models[0].autoscaling.kind"
    assert "custom.metrics.k8s.io" in problem.cause
    assert "prometheus-adapter" in problem.fix


def test_ekskeda_keda_is_installed_where_a_model_is_scaled_by_it(tmp_path: Path) -> None:
    """production-stack#341: refused that day, with the advice to use an HPA whose metric nobody serves either."""
    objects = check(tmp_path, "ekskeda").objects()
    assert len(_of(objects, "ScaledObject")) == 1
    assert any("keda" in made.name for made in objects if made.token.endswith((":Chart", ":Release"))), (
        "nobody serves it"
    )


def test_efs480mn_a_server_may_load_as_long_as_somebody_saw(tmp_path: Path) -> None:
    """modelplane#204: 894 GiB from EFS took 43 minutes, and a restart after 27 never ended."""
    assert check(tmp_path, "efs480mn").plan.storage.startup_budget > 43 * 60


def test_fsx_the_folder_changes_hands_before_anything_is_fetched(tmp_path: Path) -> None:
    """aws-fsx-csi-driver#348: fsGroup is ignored, and the root folder is root's."""
    jobs = _of(check(tmp_path, "fsx").objects(), "Job")
    users = [value_at(job.inputs, "spec", "template", "spec", "containers", 0, "securityContext") for job in jobs]
    owners = [context for context in users if value_at(context, "capabilities", "add") == ["CHOWN"]]
    assert len(jobs) == len(owners) + 1 == 2


def test_private_hub_a_hub_inside_is_reached(tmp_path: Path) -> None:
    """semantic-router#3962."""
    assert _reached(check(tmp_path, "private_hub")) == {("inside", 443), ("outside", 443)}


def test_hub_port_a_hub_at_another_port_is_reached(tmp_path: Path) -> None:
    """Enterprise-Inference#115."""
    reached = _reached(check(tmp_path, "hub_port"))
    assert ("outside", 8443) in reached
    assert ("outside", 8444) not in reached


def test_natnone_public_sources_are_refused_without_a_way_out(tmp_path: Path) -> None:
    """Enterprise-Inference#115: an air gap in which images and checkpoints are still those of the internet."""
    (problem,) = refused(tmp_path, "natnone")
    assert problem.field == "target.network.nat"
    assert "docker.io" in problem.cause
    assert "huggingface.co" in problem.cause


def test_node_local_dns_is_asked_where_a_node_has_the_cache(tmp_path: Path) -> None:
    """restate-operator#88, tekton/operator#4000: GKE's cache answers at 169.254.20.10, not as kube-dns."""
    found = Registrations()
    found.made = _of(check(tmp_path, "cfg7").objects(), "NetworkPolicy")
    pod, cache = Pod("models", {"app.kubernetes.io/name": "any"}), Address("169.254.20.10")
    assert Network.of(found).connects(pod, cache, 53, "UDP")
    assert not Network.of(found).connects(pod, Address("169.254.169.254"), 53, "UDP")


def test_v100_is_older_than_what_engines_are_built_for(tmp_path: Path) -> None:
    """production-stack#973, pytorch#172352."""
    (problem,) = refused(tmp_path, "v100")
    assert problem.field == "models[0].gpu"
    assert "compute capability 7.0" in problem.cause


def test_t4fp8kv_a_feature_without_kernels_is_refused(tmp_path: Path) -> None:
    """vllm#47549."""
    (problem,) = refused(tmp_path, "t4fp8kv")
    assert problem.field == "models[0].kv_precision"
    assert "no kernels" in problem.cause


def test_tp8x2_is_refused_with_a_width_that_works(tmp_path: Path) -> None:
    """vllm#52997: an expert of 512 over 8 ranks is 64 wide, and a block of FP8 is 128."""
    (problem,) = refused(tmp_path, "tp8x2")
    assert problem.field == "models[0].tensor_parallel"
    assert "blocks of 128" in problem.cause
    assert problem.fix.startswith("tensor_parallel: 4 "), "512 over 4 ranks is one block"


def test_cfg5pd_is_refused_by_check_already(tmp_path: Path) -> None:
    (problem,) = refused(tmp_path, "cfg5pd")
    assert problem.field == "models[0].topology"


def test_cfg7_the_taint_of_spot_machines_may_be_written(tmp_path: Path) -> None:
    """Google's page on spot machines has readers write this taint."""
    pools = [made for made in check(tmp_path, "cfg7").objects() if made.token.endswith(":NodePool")]
    taints = [value_at(_json(pool), "nodeConfig", "taints") for pool in pools if pool.name.endswith("-l4")]
    assert any("cloud.google.com/gke-spot" in str(taint) for taint in taints), taints


def test_render_azure_names_what_is_not_known_yet(tmp_path: Path) -> None:
    """A traceback that day: the handle of a volume that Azure makes is not known before."""
    volumes = [found for found in rendered(PROJECT, "azure", tmp_path) if found["kind"] == "PersistentVolume"]
    assert volumes
    assert all(UNKNOWN in str(volume["spec"]) for volume in volumes)
