"""Which clusters have nodes with broken GPUs taken out of service, for which errors, and what the pods may do."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.message import Message
from pathlib import Path
from urllib.error import HTTPError

import pytest

from components.clusters.aks.facts import aks_facts
from components.clusters.eks.facts import eks_facts
from components.clusters.gke.facts import gke_facts
from components.clusters.kubeadm.facts import kubeadm_facts
from components.clusters.local.cluster import local_facts
from components.contracts.cluster_facts import ClusterFacts
from components.services import xids
from components.services.known import NODE_REPAIR as SERVICE
from components.services.node_repair import NodeRepair, NodeRepairArgs
from components.services.repair_program import ANNOTATION, DRAINING, Api, Repair, leaving
from components.services.repair_rules import needs_node_repair, node_repair_problems
from components.services.service import ServiceSources
from tests.clusters.aks import pools as aks
from tests.clusters.eks import pools as eks
from tests.clusters.gke import pools as gke
from tests.clusters.kubeadm.site import site
from tests.registration import Registrations, registered

FIELD = "services.node_repair.install"
LINES = {
    "NVRM: Xid (PCI:0000:01:00): 79, pid=1234, name=python, GPU has fallen off the bus.": "Xid79",
    "NVRM: Xid (PCI:0000:3b:00): 48, pid='<unknown>', name=<unknown>, DBE (double bit error)": "Xid48",
    "NVRM: Xid (PCI:0008:01:00): 154, GPU recovery action changed from 0x0 (None) to 0x2 (Node Reboot)": "Xid154",
    "NVRM: Xid (PCI:0018:01:00): 154, GPU recovery action changed from 0x0 (None) to 0x4 (Drain and Reset)": "Xid154",
    "NVRM: Xid (PCI:0008:01:00): 154, GPU recovery action changed from 0x1 (GPU Reset Required) to 0x0 (None)": "",
    "NVRM: Xid (PCI:0000:cb:00): 13, pid='<unknown>', name=<unknown>, Graphics SM Warp Exception on (GPC 7": "",
    "NVRM: Xid (PCI:0000:10:1c): 63, pid=1896, Row Remapper: New row marked for remapping": "",
    "NVRM: Xid (PCI:0000:10:1c): 109, pid=1896, name=python, Ch 00000008, errorString CTX SWITCH TIMEOUT": "",
    "usb 1-4: new device: 79, serial": "",
}
"""Lines as public issues quote them, and the reason that each gives; none where it changes nothing."""
IGNORED_BY_THE_PLUGIN = (13, 31, 43, 45, 68, 109)


def hosts() -> ClusterFacts:
    return kubeadm_facts(*site())


def repaired(args: NodeRepairArgs) -> Registrations:
    return registered(lambda: NodeRepair("repair", args))


def test_hosts_get_it_and_clouds_do_not() -> None:
    assert needs_node_repair(hosts())
    for facts in (
        eks_facts(eks.target(), (eks.system_pool(), eks.gpu_pool())),
        gke_facts(gke.target(), (gke.system_pool(), gke.gpu_pool())),
        aks_facts(aks.target(), (aks.cpu_pool(), aks.gpu_pool())),
        local_facts("dev", (eks.gpu_pool(),)),
    ):
        assert not needs_node_repair(facts), facts.environment


def test_a_cloud_that_repairs_gpus_gets_no_second_repair() -> None:
    """EKS with its monitoring agent; GKE and AKS replace nodes that are not ready, so it may be asked for there."""
    (problem,) = node_repair_problems(
        eks_facts(eks.target(), (eks.system_pool(), eks.gpu_pool())), install=True, field=FIELD
    )
    assert "replaces or reboots" in problem.cause
    google = gke_facts(gke.target(), (gke.system_pool(), gke.gpu_pool()))
    assert not list(node_repair_problems(google, install=True, field=FIELD))
    without = hosts().model_copy(update={"pools": ()})
    (problem,) = node_repair_problems(without, install=True, field=FIELD)
    assert "no pool with GPUs" in problem.cause


@pytest.mark.parametrize("line", LINES)
def test_a_line_of_the_driver_is_told_from_others(line: str) -> None:
    matched = [reason for reason, pattern in xids.patterns().items() if re.search(pattern + r"\Z", line)]
    assert matched == ([LINES[line]] if LINES[line] else [])


def test_errors_of_applications_take_no_node() -> None:
    assert not set(IGNORED_BY_THE_PLUGIN) & set(xids.DRAINED)


def test_it_may_change_nodes_and_evict_pods_and_nothing_else() -> None:
    made = repaired(NodeRepairArgs(facts=hosts(), nodes_at_once=3, nodes_out=5))
    (role,) = made.of("ClusterRole")
    rules = role.at("rules")
    assert rules == [
        {"apiGroups": [""], "resources": ["nodes"], "verbs": ["get", "list", "patch"]},
        {"apiGroups": [""], "resources": ["pods"], "verbs": ["list"]},
        {"apiGroups": [""], "resources": ["pods/eviction"], "verbs": ["create"]},
    ]
    bound = {
        str(found.at("subjects", 0, "name")): found.at("roleRef", "name") for found in made.of("ClusterRoleBinding")
    }
    assert bound == {"node-problem-detector": "system:node-problem-detector", "node-repair": "strata-node-repair"}
    variables = made.only("Deployment").at("spec", "template", "spec", "containers", 0, "env")
    assert isinstance(variables, list)
    assert {"name": "NODES_AT_ONCE", "value": "3"} in variables
    assert {"name": "NODES_OUT", "value": "5"} in variables


def test_the_detector_runs_on_every_node_with_gpus_and_nowhere_else() -> None:
    pod = repaired(NodeRepairArgs(facts=hosts())).only("DaemonSet").at("spec", "template", "spec")
    assert json.dumps(sorted(pool.name for pool in hosts().gpu_pools)) in json.dumps(pod)


def test_a_mirror_reaches_both_images() -> None:
    sources = ServiceSources(image_mirror="registry.example.com/mirror")
    made = repaired(NodeRepairArgs(facts=hosts(), sources=sources))
    for kind in ("DaemonSet", "Deployment"):
        image = made.only(kind).at("spec", "template", "spec", "containers", 0, "image")
        assert str(image).startswith("registry.example.com/mirror/")
    assert SERVICE.deployments == {"node-repair": 1}


def owned(kind: str, **about: object) -> Mapping[str, object]:
    owners = [{"kind": kind, "controller": True}] if kind else []
    return {"metadata": {"namespace": "n", "name": kind or "bare", "ownerReferences": owners, **about}, "status": {}}


def test_only_pods_that_are_made_again_elsewhere_leave() -> None:
    finished = {**owned("Job"), "status": {"phase": "Succeeded"}}
    pods = [owned("ReplicaSet"), owned("DaemonSet"), owned("Node"), owned(""), finished]
    assert list(leaving(pods)) == [("n", "ReplicaSet", False)]
    assert list(leaving([owned("ReplicaSet", deletionTimestamp="2026-11-27T00:00:00Z")])) == [("n", "ReplicaSet", True)]


@dataclass(frozen=True)
class _TwoBudgets(Api):
    """One node with a broken GPU and two pods, of which the first has two budgets."""

    asked: list[str] = field(default_factory=list[str])

    def call(self, method: str, path: str, body: object = None, kind: str = "application/json") -> dict[str, object]:
        del body, kind
        if path == "/api/v1/nodes":
            done = json.dumps({"boot": "b", "reason": "Xid79", "state": DRAINING})
            ill = {"type": "GpuXidError", "status": "True", "reason": "Xid79"}
            meta = {"name": "n", "resourceVersion": "1", "annotations": {ANNOTATION: done}}
            status = {"nodeInfo": {"bootID": "b"}, "conditions": [ill]}
            return {"items": [{"metadata": meta, "spec": {"unschedulable": True}, "status": status}]}
        if method == "GET":
            owner = {"kind": "ReplicaSet", "controller": True}
            names = ("first", "second")
            return {"items": [{"metadata": {"namespace": "a", "name": n, "ownerReferences": [owner]}} for n in names]}
        self.asked.append(path)
        if "first" in path:
            raise HTTPError(path, 500, "This pod has more than one PodDisruptionBudget", Message(), None)
        return {}


def test_a_pod_that_cannot_be_evicted_holds_up_no_other(tmp_path: Path) -> None:
    api = _TwoBudgets(server="", token_file=tmp_path, trust=None)
    Repair(api, "GpuXidError", 1).look()
    assert [path.split("/")[-2] for path in api.asked] == ["first", "second"]
