"""A model's service: servers that start, answer, drain and are watched at the addresses they really have."""

from __future__ import annotations

import pytest

from components.contracts.errors import StrataError
from components.contracts.quantities import Duration
from components.contracts.serving import Topology
from components.contracts.versions import VLLM
from components.serving.sizing import lifecycle
from tests.registration import Json, Registrations, value_at

from .plans import H100, plan, service, with_role

PLAN = plan(replicas=2)


@pytest.fixture(scope="module")
def made() -> Registrations:
    return service(PLAN)


def pod(made: Registrations) -> Json:
    return made.only("Deployment").at("spec", "template", "spec")


def server(made: Registrations) -> Json:
    return value_at(pod(made), "containers", 0)


def test_everything_is_named_after_the_service_in_its_namespace(made: Registrations) -> None:
    objects = [found for found in made.made if found.token.startswith("kubernetes:")]
    assert {(found.at("metadata", "name"), found.at("metadata", "namespace")) for found in objects} == {
        ("chat", "models")
    }
    kinds = {str(found.inputs["kind"]) for found in objects}
    assert kinds == {
        *("Deployment", "Service", "ServiceAccount"),
        *("NetworkPolicy", "PodDisruptionBudget", "PodMonitor"),
    }


def test_requests_reach_the_port_on_which_the_server_listens(made: Registrations) -> None:
    ports = value_at(server(made), "ports")
    assert ports == [{"name": "http", "containerPort": 8000}]
    assert made.only("Service").at("spec", "ports") == [{"name": "http", "port": 8000, "targetPort": "http"}]
    command = value_at(server(made), "command")
    assert isinstance(command, list)
    assert "--port=8000" in command


def test_service_budget_and_policy_choose_the_pods_of_the_deployment(made: Registrations) -> None:
    labels = made.only("Deployment").at("spec", "template", "metadata", "labels")
    assert isinstance(labels, dict)
    selectors = (
        made.only("Deployment").at("spec", "selector", "matchLabels"),
        made.only("Service").at("spec", "selector"),
        made.only("PodDisruptionBudget").at("spec", "selector", "matchLabels"),
        made.only("NetworkPolicy").at("spec", "podSelector", "matchLabels"),
        made.only("PodMonitor").at("spec", "selector", "matchLabels"),
    )
    for selector in selectors:
        assert isinstance(selector, dict)
        assert selector, "an empty selector chooses every pod of the namespace"
        assert selector.items() <= labels.items()


def test_a_server_is_asked_once_its_model_is_loaded_and_killed_only_when_it_is_dead(made: Registrations) -> None:
    probes = {name: value_at(server(made), f"{name}Probe", "httpGet") for name in ("startup", "readiness", "liveness")}
    assert probes["startup"] == probes["readiness"] == {"path": "/v1/models", "port": "http"}
    assert probes["liveness"] == {"path": "/health", "port": "http"}

    def patience(probe: str) -> int:
        period, failures = (
            value_at(server(made), f"{probe}Probe", key) for key in ("periodSeconds", "failureThreshold")
        )
        assert isinstance(period, int)
        assert isinstance(failures, int)
        return period * failures

    assert patience("liveness") > patience("readiness"), "a busy server is taken out of rotation before it is killed"
    assert patience("startup") >= PLAN.storage.startup_budget


def test_a_stopping_server_finishes_its_answers() -> None:
    drained = service(PLAN, drain=Duration(240))
    command = value_at(server(drained), "command")
    assert isinstance(command, list)
    assert "--shutdown-timeout=240" in command
    sleep = value_at(server(drained), "lifecycle", "preStop", "sleep", "seconds")
    grace = value_at(pod(drained), "terminationGracePeriodSeconds")
    assert isinstance(sleep, int)
    assert isinstance(grace, int)
    assert sleep >= 15, "load balancers go on sending requests for that long"
    assert grace > sleep + 240


def test_weights_come_from_the_catalog_and_cannot_be_changed(made: Registrations) -> None:
    command = value_at(server(made), "command")
    assert isinstance(command, list)
    assert command[2] == "/models/chat"
    mounts = value_at(server(made), "volumeMounts")
    assert isinstance(mounts, list)
    assert {"name": "catalog", "mountPath": "/models", "readOnly": True} in mounts
    volumes = value_at(pod(made), "volumes")
    assert isinstance(volumes, list)
    assert {"name": "catalog", "persistentVolumeClaim": {"claimName": "catalog"}} in volumes
    assert {str(value_at(mount, "name")) for mount in mounts} == {str(value_at(volume, "name")) for volume in volumes}


def test_servers_run_on_the_pool_of_the_plan(made: Registrations) -> None:
    assert value_at(pod(made), "nodeSelector") == H100.selector
    assert value_at(server(made), "resources", "limits", "nvidia.com/gpu") == "1"


@pytest.mark.parametrize(("spare", "room"), [(0, (0, 1)), (1, (1, 0))])
def test_a_rollout_needs_no_gpu_that_is_not_there(spare: int, room: tuple[int, int]) -> None:
    update = service(PLAN, spare_gpus=spare).only("Deployment").at("spec", "strategy", "rollingUpdate")
    assert update == {"maxSurge": room[0], "maxUnavailable": room[1]}


def test_the_engine_waits_as_long_as_a_rollout_may_take(made: Registrations) -> None:
    deadline = made.only("Deployment").at("spec", "progressDeadlineSeconds")
    assert deadline == lifecycle(PLAN, Duration(60)).progress_deadline


@pytest.mark.parametrize(("spare", "most"), [(0, 2), (8, 1)])
def test_b1_nodes_can_be_drained_where_nothing_is_spare_and_past_broken_servers(spare: int, most: int) -> None:
    budget = service(PLAN, spare_gpus=spare).only("PodDisruptionBudget")
    assert budget.at("spec", "maxUnavailable") == most
    assert budget.at("spec", "unhealthyPodEvictionPolicy") == "AlwaysAllow"


def test_metrics_are_scraped_where_the_engine_exports_them_and_only_where_somebody_can(made: Registrations) -> None:
    assert made.only("PodMonitor").at("spec", "podMetricsEndpoints", 0, "path") == "/metrics"
    assert made.only("PodMonitor").at("spec", "podMetricsEndpoints", 0, "port") == "http"
    assert not service(PLAN, monitored=False).of("PodMonitor"), "an object of an unknown kind fails the run"


def test_a_replica_over_several_nodes_is_refused() -> None:
    spread = with_role(PLAN, nodes_per_replica=2).model_copy(update={"topology": Topology.MULTI_NODE})
    with pytest.raises(StrataError, match="a Deployment cannot form groups of pods over several nodes"):
        service(spread)


def test_images_come_from_the_mirror_at_the_digest_that_the_caller_pins() -> None:
    assert value_at(server(service(PLAN)), "image") == VLLM.reference()
    digest = f"sha256:{'a' * 64}"
    pinned = service(PLAN, image_mirror="registry.example.com/mirror", image_digests={"vllm": digest})
    assert value_at(server(pinned), "image") == f"registry.example.com/mirror/vllm/vllm-openai:{VLLM.tag}@{digest}"
