"""Controllers of groups, sets and queues of jobs, as pods from the charts of their modules."""

from __future__ import annotations

import json
from collections.abc import Iterable

import pytest
from pydantic import JsonValue

from components.contracts.versions import Image
from simulation.live.images.controllers import JOBSET, KUEUE, LEADER_WORKER_SET
from tests.live.controllers.stack import Stack
from tests.live.pods import IMAGE

pytestmark = [pytest.mark.engine, pytest.mark.live, pytest.mark.slow]


def _image(image: Image) -> dict[str, JsonValue]:
    return {"repository": f"{image.registry}/{image.repository}", "tag": image.tag, "pullPolicy": "IfNotPresent"}


def _object(api: str, kind: str, name: str, spec: JsonValue, *, namespace: str = "default") -> dict[str, JsonValue]:
    return {"apiVersion": api, "kind": kind, "metadata": {"name": name, "namespace": namespace}, "spec": spec}


def _pod(program: str, **more: JsonValue) -> dict[str, JsonValue]:
    container: dict[str, JsonValue] = {
        "name": "main",
        "image": IMAGE,
        "command": ["python3", "-c", program],
        "resources": {"requests": {"cpu": "1", "memory": "64Mi"}, "limits": {"memory": "128Mi"}},
    }
    return {"spec": {"containers": [container], "terminationGracePeriodSeconds": 1, **more}}


def _names(text: Iterable[str]) -> set[str]:
    return {name.partition("/")[2] for name in text}


class TestLeaderWorkerSet:
    """Groups of pods that begin and end together."""

    def test_its_manager_is_ready(self, stack: Stack) -> None:
        stack.pushed(LEADER_WORKER_SET.reference())
        stack.python()
        values: dict[str, JsonValue] = {"image": {"manager": _image(LEADER_WORKER_SET)}}
        stack.installed("lws", "lws", "lws-system", values)
        stack.rolled_out("lws-system", "deployment/lws-controller-manager")

    def test_a_group_is_made_and_made_anew_when_one_of_it_goes(self, stack: Stack) -> None:
        template: dict[str, JsonValue] = {
            "size": 2,
            "workerTemplate": _pod(
                "import os, time; print(os.environ['LWS_LEADER_ADDRESS'], flush=True); time.sleep(900)"
            ),
        }
        group = _object(
            "leaderworkerset.x-k8s.io/v1", "LeaderWorkerSet", "group", {"replicas": 1, "leaderWorkerTemplate": template}
        )

        def told() -> str:
            return stack.asked("get", "pods,leaderworkersets", "-o", "wide") + stack.about("lws-system")

        stack.within(lambda: stack.made(group), told)
        names = ("group-0", "group-0-1")
        stack.within(lambda: all(stack.condition("default", "pod", name, "Ready") == "True" for name in names), told)
        address = stack.asked("logs", "group-0-1")
        assert address == "group-0.group.default"
        before = {name: stack.uid("default", "pod", name) for name in names}
        stack.box.kubectl("delete", "pod", "group-0-1", "--wait=false")
        stack.within(lambda: all(stack.uid("default", "pod", name) not in {"", before[name]} for name in names), told)
        stack.box.kubectl("delete", "leaderworkerset", "group")


class TestJobSet:
    """Jobs that are one."""

    def test_its_manager_is_ready(self, stack: Stack) -> None:
        stack.pushed(JOBSET.reference())
        stack.python()
        stack.installed("jobset", "jobset", "jobset-system", {"image": _image(JOBSET)})
        stack.rolled_out("jobset-system", "deployment/jobset-controller")

    def test_a_set_is_done_when_both_of_its_jobs_are(self, stack: Stack) -> None:
        def job(name: str, seconds: int) -> dict[str, JsonValue]:
            pod = _pod(f"import time; time.sleep({seconds})", restartPolicy="Never")
            return {"name": name, "replicas": 1, "template": {"spec": {"template": pod, "backoffLimit": 0}}}

        both = _object("jobset.x-k8s.io/v1alpha2", "JobSet", "both", {"replicatedJobs": [job("a", 1), job("b", 2)]})

        def told() -> str:
            return stack.asked("get", "pods,jobs,jobsets") + stack.about("jobset-system")

        stack.within(lambda: stack.made(both), told)
        stack.within(lambda: stack.condition("default", "jobset", "both", "Completed") == "True", told)
        assert _names(stack.asked("get", "jobs", "-o", "name").split()) >= {"both-a-0", "both-b-0"}
        stack.box.kubectl("delete", "jobset", "both")


class TestKueue:
    """Queues with quotas."""

    def test_its_manager_is_ready(self, stack: Stack) -> None:
        stack.pushed(KUEUE.reference())
        stack.python()
        stack.installed("kueue", "kueue", "kueue-system", {"controllerManager": {"manager": {"image": _image(KUEUE)}}})
        stack.rolled_out("kueue-system", "deployment/kueue-controller-manager")

    def test_a_job_waits_until_the_quota_has_room_for_it(self, stack: Stack) -> None:
        api = "kueue.x-k8s.io/v1beta2"
        quota = [
            {
                "coveredResources": ["cpu", "memory"],
                "flavors": [
                    {
                        "name": "any",
                        "resources": [{"name": "cpu", "nominalQuota": "1"}, {"name": "memory", "nominalQuota": "1Gi"}],
                    }
                ],
            }
        ]

        def told() -> str:
            return stack.asked("describe", "workloads,clusterqueues") + stack.about("kueue-system")

        for one in (
            _object(api, "ResourceFlavor", "any", {}),
            _object(
                api, "ClusterQueue", "all", {"namespaceSelector": {}, "resourceGroups": json.loads(json.dumps(quota))}
            ),
            _object(api, "LocalQueue", "ours", {"clusterQueue": "all"}),
        ):
            stack.within(lambda one=one: stack.made(one), told)
        for name in ("first", "second"):
            pod = _pod("import time; time.sleep(15)", restartPolicy="Never")
            job = _object("batch/v1", "Job", name, {"template": pod, "suspend": True})
            job["metadata"] = {"name": name, "namespace": "default", "labels": {"kueue.x-k8s.io/queue-name": "ours"}}
            stack.within(lambda job=job: stack.made(job), told)
            if name == "first":
                stack.within(lambda: self._suspended(stack, "first") == "false", told)
        assert self._suspended(stack, "second") == "true", "the first has the quota"
        stack.within(lambda: stack.condition("default", "job", "first", "Complete") == "True", told)
        stack.within(lambda: stack.condition("default", "job", "second", "Complete") == "True", told)

    @staticmethod
    def _suspended(stack: Stack, name: str) -> str:
        return stack.asked("get", "job", name, "-o", "jsonpath={.spec.suspend}")
