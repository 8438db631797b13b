"""``customize`` of a model server: what it adds, and the closed list of what it can never touch."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from pydantic import ValidationError

from components.contracts.customize import ServerCustomize
from components.contracts.errors import StrataError
from components.contracts.served_models import ServedModel
from components.contracts.serving import Engine
from components.planner.host import available_gib
from components.serving.customize_rules import server_problems
from components.serving.engines.vllm import OWNED_VARIABLES
from components.serving.engines.vllm_options import CONFIG_KEYS, FREE_ARGUMENTS, OWNED_ARGUMENTS
from components.serving.planning import plan_served_models
from tests.planner.clusters import cluster
from tests.registration import Json, Registrations, value_at

from .plans import H100, plan, service

PLAN = plan(replicas=2)
MEMORY = ("spec", "template", "spec", "containers", 0, "resources", "requests", "memory")
ZONE = "topology.kubernetes.io/zone"
DIGEST = f"sha256:{'0' * 64}"
SIDECAR = {"name": "exporter", "image": "docker.io/team/exporter:1.2", "cpu": "500m", "memory": "1Gi"}

EVERYTHING = {
    "labels": {"example.com/team": "search"},
    "annotations": {"example.com/owner": "search@example.com"},
    "image": f"registry.example.com/team/vllm:0.33.1@{DIGEST}",
    "pull_secrets": ["registry"],
    "environment": {"VLLM_LOGGING_LEVEL": "DEBUG"},
    "secret_environment": {"WANDB_API_KEY": {"secret": "wandb", "key": "token"}},
    "resources": {"memory": "100Gi", "cpu": "12"},
    "node_selector": {"topology.kubernetes.io/zone": "zone-a"},
    "tolerations": [{"key": "example.com/reserved", "effect": "NoSchedule"}, {"key": "tier", "value": "gold"}],
    "runtime_class": "nvidia",
    "engine_arguments": ["--enable-prefix-caching", "--seed=1"],
    "probes": {"readiness": {"period": "7s", "failures": 9}, "startup": {"failures": 999}},
    "sidecars": [SIDECAR],
}


def customize(**fields: object) -> ServerCustomize:
    return ServerCustomize.model_validate_json(json.dumps(fields))


def declared(added: ServerCustomize) -> Registrations:
    return service(PLAN, customize=added)


def listing(value: Json, *path: str | int) -> list[Json]:
    found = value_at(value, *path)
    assert isinstance(found, list)
    return found


def fields_of(added: ServerCustomize) -> list[str]:
    return [problem.field for problem in server_problems(added, Engine.VLLM, "customize")]


@pytest.fixture(scope="module")
def made() -> Registrations:
    return declared(customize(**EVERYTHING))


def test_every_addition_reaches_the_pods(made: Registrations) -> None:
    pod = made.only("Deployment").at("spec", "template", "spec")
    server = value_at(pod, "containers", 0)
    assert value_at(server, "image") == EVERYTHING["image"]
    assert value_at(pod, "imagePullSecrets") == [{"name": "registry"}]
    assert {"name": "VLLM_LOGGING_LEVEL", "value": "DEBUG"} in listing(server, "env")
    secret = {"name": "WANDB_API_KEY", "valueFrom": {"secretKeyRef": {"name": "wandb", "key": "token"}}}
    assert secret in listing(server, "env")
    assert value_at(server, "resources", "requests", "memory") == "100Gi"
    assert value_at(server, "resources", "requests", "cpu") == "12"
    assert value_at(server, "resources", "requests", "nvidia.com/gpu") == "1", "devices stay the plan's"
    assert value_at(pod, "nodeSelector") == {"topology.kubernetes.io/zone": "zone-a", "strata.dev/pool": "h100"}
    tolerated = listing(pod, "tolerations")
    assert {"key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoSchedule"} in tolerated
    assert {"key": "example.com/reserved", "operator": "Exists", "effect": "NoSchedule"} in tolerated
    assert {"key": "tier", "operator": "Equal", "value": "gold"} in tolerated
    assert value_at(pod, "runtimeClassName") == "nvidia"
    assert listing(server, "command")[-2:] == ["--enable-prefix-caching", "--seed=1"]
    assert value_at(server, "readinessProbe", "periodSeconds") == 7
    assert value_at(server, "readinessProbe", "failureThreshold") == 9
    assert value_at(server, "readinessProbe", "timeoutSeconds") == 3, "what is left out stays as computed"
    assert value_at(server, "startupProbe", "failureThreshold") == 999


def test_labels_and_annotations_are_on_every_object_and_in_no_selector(made: Registrations) -> None:
    objects = [found for found in made.made if found.token.startswith("kubernetes:")]
    assert len(objects) == 6
    for found in objects:
        assert found.at("metadata", "labels", "example.com/team") == "search", found.token
        assert found.at("metadata", "annotations", "example.com/owner") == "search@example.com", found.token
    assert made.only("Deployment").at("spec", "template", "metadata", "labels", "example.com/team") == "search"
    selectors = [found.at("spec", name) for found in objects for name in ("selector", "podSelector")]
    assert "example.com" not in json.dumps(selectors)


def test_a_sidecar_is_as_restricted_as_the_server_and_takes_from_its_share(made: Registrations) -> None:
    containers = listing(made.only("Deployment").at(*MEMORY[:4]))
    assert len(containers) == 2
    server, beside = containers
    assert value_at(beside, "securityContext") == value_at(server, "securityContext")
    assert value_at(beside, "volumeMounts") is None
    share = available_gib(H100.memory_per_node, 1, H100.gpus_per_node)
    large = SIDECAR | {"memory": f"{int(share) - 20}Gi"}
    assert declared(customize()).only("Deployment").at(*MEMORY) == "24Gi"
    assert declared(customize(sidecars=[large])).only("Deployment").at(*MEMORY) == "20Gi", "the rest is taken"


WRITABLE: dict[str, tuple[dict[str, object], str]] = {
    "a policy label": ({"labels": {"strata.dev/model-client": "true"}}, "labels.strata.dev/model-client"),
    "a selector label": ({"labels": {"app.kubernetes.io/instance": "x"}}, "labels.app.kubernetes.io/instance"),
    "the Pod Security level": (
        {"labels": {"pod-security.kubernetes.io/enforce": "privileged"}},
        "labels.pod-security.kubernetes.io/enforce",
    ),
    "how the engine treats an object": (
        {"annotations": {"pulumi.com/skipAwait": "true"}},
        "annotations.pulumi.com/skipAwait",
    ),
    "an AppArmor profile": (
        {"annotations": {"container.apparmor.security.beta.kubernetes.io/server": "unconfined"}},
        "annotations.container.apparmor.security.beta.kubernetes.io/server",
    ),
    "a seccomp profile": (
        {"annotations": {"seccomp.security.alpha.kubernetes.io/pod": "unconfined"}},
        "annotations.seccomp.security.alpha.kubernetes.io/pod",
    ),
    "a network beside the pod's": (
        {"annotations": {"k8s.v1.cni.cncf.io/networks": "x"}},
        "annotations.k8s.v1.cni.cncf.io/networks",
    ),
    "a cloud identity": (
        {"annotations": {"eks.amazonaws.com/role-arn": "arn:aws:iam::1:role/admin"}},
        "annotations.eks.amazonaws.com/role-arn",
    ),
    "a token for a cloud": (
        {"labels": {"azure.workload.identity/use": "true"}},
        "labels.azure.workload.identity/use",
    ),
    "a device": ({"annotations": {"cdi.k8s.io/gpu": "nvidia.com/gpu=all"}}, "annotations.cdi.k8s.io/gpu"),
    "a container from a webhook": (
        {"annotations": {"sidecar.istio.io/inject": "true"}},
        "annotations.sidecar.istio.io/inject",
    ),
    "a queue": ({"labels": {"kueue.x-k8s.io/queue-name": "a"}}, "labels.kueue.x-k8s.io/queue-name"),
    "more annotations than an object can have": (
        {"annotations": {f"example.com/{number}": "x" * 4000 for number in range(60)}},
        "annotations",
    ),
    "a pull secret twice": ({"pull_secrets": ["a", "a"]}, "pull_secrets[1]"),
    "one node": ({"node_selector": {"kubernetes.io/hostname": "a"}}, "node_selector.kubernetes.io/hostname"),
    "a node group of the cloud": (
        {"node_selector": {"eks.amazonaws.com/nodegroup": "a"}},
        "node_selector.eks.amazonaws.com/nodegroup",
    ),
    "nodes that are not ready": ({"tolerations": [{"key": "node.kubernetes.io/not-ready"}]}, "tolerations[0].key"),
    "the control plane": (
        {"tolerations": [{"key": "node-role.kubernetes.io/control-plane", "effect": "NoSchedule"}]},
        "tolerations[0].key",
    ),
    "another pool's taint": ({"tolerations": [{"key": "strata.dev/pool"}]}, "tolerations[0].key"),
    "every GPU of the node": ({"environment": {"NVIDIA_VISIBLE_DEVICES": "all"}}, "environment.NVIDIA_VISIBLE_DEVICES"),
    "every GPU for a sidecar": (
        {"sidecars": [SIDECAR | {"environment": {"NVIDIA_VISIBLE_DEVICES": "all"}}]},
        "sidecars[0].environment.NVIDIA_VISIBLE_DEVICES",
    ),
    "a library of one's own": ({"environment": {"LD_PRELOAD": "/models/x.so"}}, "environment.LD_PRELOAD"),
    "such a library from a Secret": (
        {"secret_environment": {"LD_PRELOAD": {"secret": "a", "key": "b"}}},
        "secret_environment.LD_PRELOAD",
    ),
    "endpoints for developers": ({"environment": {"VLLM_SERVER_DEV_MODE": "1"}}, "environment.VLLM_SERVER_DEV_MODE"),
    "a cache where nothing can be written": ({"environment": {"HF_HOME": "/root"}}, "environment.HF_HOME"),
    "code from the checkpoint": ({"engine_arguments": ["--trust-remote-code"]}, "engine_arguments[0]"),
    "code from a request": ({"engine_arguments": ["--middleware=x.y"]}, "engine_arguments[0]"),
    "memory that the plan did not count": ({"engine_arguments": ["--enable-lora"]}, "engine_arguments[0]"),
    "files of the server": ({"engine_arguments": ["--allowed-local-media-path=/"]}, "engine_arguments[0]"),
    "sleep on request": ({"engine_arguments": ["--enable-sleep-mode"]}, "engine_arguments[0]"),
    "an option that the release does not have": ({"engine_arguments": ["--enable-warp"]}, "engine_arguments[0]"),
    "an allowed option's abbreviation": ({"engine_arguments": ["--see=1"]}, "engine_arguments[0]"),
    "a short spelling": ({"engine_arguments": ["-O3"]}, "engine_arguments[0]"),
    "the pool": ({"node_selector": {"strata.dev/pool": "cpu"}}, "node_selector.strata.dev/pool"),
    "a variable that Strata sets": ({"environment": {"HF_HUB_OFFLINE": "0"}}, "environment.HF_HUB_OFFLINE"),
    "such a variable from a Secret": (
        {"secret_environment": {"VLLM_API_KEY": {"secret": "a", "key": "b"}}},
        "secret_environment.VLLM_API_KEY",
    ),
    "a variable given twice": (
        {"environment": {"A": "b"}, "secret_environment": {"A": {"secret": "a", "key": "b"}}},
        "secret_environment.A",
    ),
    "a secret by its name": ({"environment": {"WANDB_API_KEY": "abc"}}, "environment.WANDB_API_KEY"),
    "a secret by its value": ({"environment": {"LOGIN": f"hf_{'a' * 30}"}}, "environment.LOGIN"),
    "a password in an address": ({"environment": {"PROXY": "http://me:pass@proxy:3128"}}, "environment.PROXY"),
    "a secret in an annotation": ({"annotations": {"example.com/a": f"ghp_{'a' * 36}"}}, "annotations.example.com/a"),
    "a runtime's socket": ({"environment": {"HOST": "unix:///run/containerd/containerd.sock"}}, "environment.HOST"),
    "a runtime's socket in a sidecar": (
        {"sidecars": [SIDECAR | {"command": ["watch", "/var/run/docker.sock"]}]},
        "sidecars[0].command[1]",
    ),
    "a secret in a sidecar": (
        {"sidecars": [SIDECAR | {"environment": {"DB_PASSWORD": "x"}}]},
        "sidecars[0].environment.DB_PASSWORD",
    ),
    "the server's own name": ({"sidecars": [SIDECAR | {"name": "server"}]}, "sidecars[0].name"),
    "a name twice": ({"sidecars": [SIDECAR, SIDECAR]}, "sidecars[1].name"),
    "parallelism": ({"engine_arguments": ["--tensor-parallel-size=8"]}, "engine_arguments[0]"),
    "its other spelling": ({"engine_arguments": ["--tensor_parallel_size=8"]}, "engine_arguments[0]"),
    "its abbreviation": ({"engine_arguments": ["--tensor-par=8"]}, "engine_arguments[0]"),
    "its negation": ({"engine_arguments": ["--no-enable-expert-parallel"]}, "engine_arguments[0]"),
    "a short option": ({"engine_arguments": ["-tp=8"]}, "engine_arguments[0]"),
    "a second model": ({"engine_arguments": ["--seed=1", "other/model"]}, "engine_arguments[1]"),
    "the port": ({"engine_arguments": ["--port=1"]}, "engine_arguments[0]"),
    "the address": ({"engine_arguments": ["--host=127.0.0.1"]}, "engine_arguments[0]"),
    "an API key": ({"engine_arguments": ["--api-key=x"]}, "engine_arguments[0]"),
    "code by a key of an object": (
        {"engine_arguments": ["--structured-outputs-config.reasoning_parser_plugin=/models/x.py"]},
        "engine_arguments[0]",
    ),
    "code by an object": (
        {"engine_arguments": ['--compilation-config={"mode": 3, "backend": "os.system"}']},
        "engine_arguments[0]",
    ),
    "a key that the release does not have": (
        {"engine_arguments": ["--compilation-config.level=3"]},
        "engine_arguments[0]",
    ),
    "a variable in an argument": (
        {"engine_arguments": ['--structured-outputs-config={"backend": "$(X)"}']},
        "engine_arguments[0]",
    ),
    "an object that is none": ({"engine_arguments": ["--kernel-config=fast"]}, "engine_arguments[0]"),
    "memory by a key": (
        {"engine_arguments": ["--compilation-config.cudagraph-capture-sizes+=4096"]},
        "engine_arguments[0]",
    ),
    "scheduling that the plan counts on": (
        {"engine_arguments": ["--no-enable-chunked-prefill"]},
        "engine_arguments[0]",
    ),
    "shared memory": ({"engine_arguments": ["--mm-processor-cache-type=shm"]}, "engine_arguments[0]"),
    "an AMD device": ({"environment": {"AMD_VISIBLE_DEVICES": "all"}}, "environment.AMD_VISIBLE_DEVICES"),
    "a Gaudi for a sidecar": (
        {"sidecars": [SIDECAR | {"environment": {"HABANA_VISIBLE_DEVICES": "all"}}]},
        "sidecars[0].environment.HABANA_VISIBLE_DEVICES",
    ),
    "a library for NCCL": ({"environment": {"NCCL_NET_PLUGIN": "x"}}, "environment.NCCL_NET_PLUGIN"),
    "a compiler": ({"environment": {"CC": "/models/cc"}}, "environment.CC"),
    "a secret in a label": ({"labels": {"example.com/a": f"hf_{'a' * 30}"}}, "labels.example.com/a"),
    "a secret in a node selector": (
        {"node_selector": {"example.com/a": f"hf_{'a' * 30}"}},
        "node_selector.example.com/a",
    ),
    "a secret in a sidecar's command": (
        {"sidecars": [SIDECAR | {"command": ["run", "--password", "hunter2"]}]},
        "sidecars[0].command[2]",
    ),
    "a file of options": ({"engine_arguments": ["--config=/tmp/x.yaml"]}, "engine_arguments[0]"),
}


@pytest.mark.parametrize("case", WRITABLE)
def test_what_stays_strata_s_is_refused_by_name(case: str) -> None:
    fields, path = WRITABLE[case]
    assert fields_of(customize(**fields)) == [f"customize.{path}"]
    with pytest.raises(StrataError) as caught:
        declared(customize(**fields))
    assert [problem.field for problem in caught.value.problems] == [f"customize.{path}"]


NOT_EVEN_A_FIELD = (
    *("security_context", "automount_service_account_token", "service_account", "service_account_name", "volumes"),
    *("host_path", "host_paths", "host_network", "host_pid", "host_ipc", "host_aliases", "host_users", "selector"),
    *("volume_mounts", "node_name", "priority_class", "replicas", "pod_security", "init_containers", "ports"),
)


@pytest.mark.parametrize("name", NOT_EVEN_A_FIELD)
def test_what_security_stands_on_cannot_be_written_at_all(name: str) -> None:
    with pytest.raises(ValidationError, match="Extra inputs are not permitted"):
        customize(**{name: True})


@pytest.mark.parametrize("name", ["security_context", "privileged", "volume_mounts", "capabilities", "ports"])
def test_a_sidecar_cannot_be_privileged_or_mount_anything(name: str) -> None:
    with pytest.raises(ValidationError, match="Extra inputs are not permitted"):
        customize(sidecars=[SIDECAR | {name: True}])


@pytest.mark.parametrize(
    "image", ["docker.io/team/vllm", "docker.io/team/vllm:latest", "vllm:0.33.0", "UPPER/x:1", "team/vllm:1"]
)
def test_an_image_that_can_change_is_refused(image: str) -> None:
    with pytest.raises(
        ValidationError, match=r"can change without notice|is not an image|write docker.io/(library|team)/vllm"
    ):
        customize(image=image)


@pytest.mark.parametrize(
    ("resources", "sidecars", "field"),
    [
        ({"memory": "10Gi"}, [], "customize.resources.memory"),
        ({"memory": "1900Gi"}, [], "customize.resources.memory"),
        ({"memory": "200Gi"}, [SIDECAR | {"memory": "100Gi"}], "customize.resources.memory"),
        ({"cpu": "100"}, [], "customize.resources.cpu"),
        ({"cpu": "20"}, [SIDECAR | {"cpu": "10"}], "customize.resources.cpu"),
        ({"ephemeral_storage": "1Gi"}, [], "customize.resources.ephemeral_storage"),
        ({"ephemeral_storage": "90Ti"}, [], "customize.resources.ephemeral_storage"),
        ({}, [SIDECAR | {"ephemeral_storage": "90Ti"}], "customize.resources.ephemeral_storage"),
    ],
)
def test_amounts_that_fit_no_node_beside_the_other_servers_are_refused(
    resources: dict[str, str], sidecars: list[dict[str, str]], field: str
) -> None:
    with pytest.raises(StrataError) as caught:
        declared(customize(resources=resources, sidecars=sidecars))
    assert [problem.field for problem in caught.value.problems] == [field]


@pytest.mark.parametrize(
    ("added", "field"),
    [
        ({"probes": {"startup": {"failures": 1}}}, "customize.probes.startup"),
        ({"probes": {"startup": {"period": "1s"}}}, "customize.probes.startup"),
        ({"node_selector": {"topology.kubernetes.io/zone": "mars"}}, f"customize.node_selector.{ZONE}"),
        (
            {"node_selector": {"topology.kubernetes.io/region": "mars"}},
            "customize.node_selector.topology.kubernetes.io/region",
        ),
    ],
)
def test_what_contradicts_the_plan_or_its_pool_is_refused(added: dict[str, object], field: str) -> None:
    with pytest.raises(StrataError) as caught:
        declared(customize(**added))
    assert [problem.field for problem in caught.value.problems] == [field]


def test_checks_name_the_model_before_and_after_it_is_planned() -> None:
    def served(added: dict[str, object]) -> ServedModel:
        about = {"name": "chat", "model": "Qwen/Qwen2-7B-Instruct", "revision": "a" * 40, "customize": added}
        return ServedModel.model_validate_json(json.dumps(about))

    facts = cluster(h100=("p5.48xlarge", 1))
    cases: list[tuple[dict[str, object], str]] = [
        ({"engine_arguments": ["--port=1"]}, "models[0].customize.engine_arguments[0]"),
        ({"resources": {"memory": "1Gi"}}, "models[0].customize.resources.memory"),
    ]
    for added, field in cases:
        with pytest.raises(StrataError) as caught:
            plan_served_models([served(added)], facts)
        assert [problem.field for problem in caught.value.problems] == [field]


def test_every_option_of_the_release_is_owned_or_free() -> None:
    known = set(json.loads(Path(__file__).with_name("vllm.json").read_text())["flags"])
    assert set(OWNED_ARGUMENTS) & FREE_ARGUMENTS == set()
    assert set(OWNED_ARGUMENTS) | FREE_ARGUMENTS == known, "classify the options of the new release"
    command = listing(declared(customize()).only("Deployment").at(*MEMORY[:5]), "command")
    ours = {str(part).partition("=")[0] for part in command if re.match("--", str(part))}
    assert len(ours) > 10
    assert ours <= set(OWNED_ARGUMENTS)


def test_every_owned_variable_of_the_engine_exists() -> None:
    known = set(json.loads(Path(__file__).with_name("vllm.json").read_text())["variables"])
    owned = {name for name in OWNED_VARIABLES if name.startswith("VLLM_")}
    assert len(owned) > 20
    assert owned - known == set(), "a misspelt variable would protect nothing"


def test_free_keys_of_objects_exist_and_every_object_has_its_list() -> None:
    known = json.loads(Path(__file__).with_name("vllm.json").read_text())["configs"]
    assert set(CONFIG_KEYS) == set(known) & FREE_ARGUMENTS, "an object whose keys nobody looked at"
    assert {option: sorted(keys - set(known[option])) for option, keys in CONFIG_KEYS.items()} == {
        option: [] for option in CONFIG_KEYS
    }


@pytest.mark.parametrize(
    "arguments",
    [
        ["--model-impl=auto", "--config-format=hf", "--no-enable-prefix-caching"],
        ["--compilation-config.mode=3", "--attention_config.flash_attn_version=3"],
        ['--structured-outputs-config={"backend": "xgrammar"}', "--structured-outputs-config.enable-in-reasoning=true"],
        ['--default-chat-template-kwargs={"enable_thinking": false}', "--reasoning-parser=deepseek_r1"],
    ],
)
def test_harmless_options_of_the_engine_pass(arguments: list[str]) -> None:
    assert fields_of(customize(engine_arguments=arguments)) == []


def test_an_argument_of_a_sidecar_may_be_empty_but_not_its_program() -> None:
    assert fields_of(customize(sidecars=[SIDECAR | {"command": ["run", "--prefix", ""]}])) == []
    with pytest.raises(ValidationError, match="the program has no name"):
        customize(sidecars=[SIDECAR | {"command": [""]}])


def test_harmless_labels_annotations_and_variables_pass() -> None:
    assert fields_of(customize(labels={"example.com/queue": "a"}, environment={"MAX_TOKENS": "5"})) == []
    assert fields_of(customize(annotations={"karpenter.sh/do-not-disrupt": "true"})) == []


def test_another_image_takes_the_same_options() -> None:
    image = "registry.example.com/team/vllm:0.33.1"
    arguments = ["--seed=1", "--enable-warp", "--tensor-par=8", "--swap-space=64"]
    refused = fields_of(customize(image=image, engine_arguments=arguments))
    assert refused == [f"customize.engine_arguments[{index}]" for index in (1, 2, 3)]


def test_a_misspelt_option_is_told_the_right_one() -> None:
    (problem,) = server_problems(customize(engine_arguments=["--enable-prefix-cache"]), Engine.VLLM, "customize")
    assert problem.fix == "write --enable-prefix-caching"


@pytest.mark.parametrize("option", ["--rope-scaling", "--guided-decoding-backend", "--disable-log-tokens"])
def test_an_option_that_is_gone_is_not_told_another_one(option: str) -> None:
    (problem,) = server_problems(customize(engine_arguments=[f"{option}=x"]), Engine.VLLM, "customize")
    assert problem.fix == "write an option of that release by its full name"


def test_a_token_that_strata_sets_is_one_problem() -> None:
    assert fields_of(customize(environment={"HF_TOKEN": "abc"})) == ["customize.environment.HF_TOKEN"]


@pytest.mark.parametrize("key", ["jira-key", "example.com/project-key", "first-pass", "requires-auth", "needs-token"])
def test_metadata_of_people_is_no_secret(key: str) -> None:
    assert fields_of(customize(annotations={key: "GENAI"}, labels={key: "GENAI"})) == []


def test_a_password_in_an_annotation_is_one() -> None:
    added = customize(annotations={"example.com/password": "hunter2"})
    (problem,) = server_problems(added, Engine.VLLM, "customize")
    assert "secret_environment" not in problem.fix


def test_a_sidecar_gets_no_gpu_whatever_its_image_asks_for() -> None:
    made = declared(customize(sidecars=[SIDECAR]))
    variables = listing(made.only("Deployment").at(*MEMORY[:4]), 1, "env")
    assert {"name": "NVIDIA_VISIBLE_DEVICES", "value": "void"} in variables


@pytest.mark.parametrize(
    "fields",
    [
        {"resources": {"cpu": 0}},
        {"resources": {"memory": "0Gi"}},
        {"resources": {"ephemeral_storage": "1"}},
        {"sidecars": [SIDECAR | {"cpu": "0"}]},
        {"sidecars": [SIDECAR | {"memory": "0"}]},
        {"probes": {"liveness": {"period": "0s"}}},
        {"probes": {"liveness": {"timeout": "200ms"}}},
        {"probes": {"readiness": {"period": "30d"}}},
    ],
)
def test_amounts_and_times_of_nothing_are_refused(fields: dict[str, object]) -> None:
    with pytest.raises(ValidationError, match=r"write at least|write 1s to 1h"):
        customize(**fields)
