"""What Services of a managed cluster make in the account, and what is left of it when their controller goes first."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

import pytest

from simulation.clouds.aws import vocabulary as v
from simulation.clouds.aws.cloud import AWS
from simulation.provider.errors import ProviderError
from simulation.provider.managed_cluster import ManagedCluster
from simulation.provider.store import Store
from simulation.provider.values import Object
from tests.simulation.clouds.aws_account import AwsAccount, Made
from tests.simulation.kube import Kube, workload

pytestmark = [pytest.mark.engine]
_CLASS = "service.k8s.aws/nlb"
_CONTROLLER = "public.ecr.aws/eks/aws-load-balancer-controller:v3.2.2"


class Setting:
    """An account with a network, and a cluster in it."""

    def __init__(self, project: Path, state: Path) -> None:
        self.store = Store(state / "aws.sqlite", AWS.seed)
        self.aws = AwsAccount(state)
        vpc = self.aws.vpc()
        self.subnet: Made = self.aws.subnet(vpc, "10.0.0.0/20", "us-east-2a")
        inputs: Object = {"name": "prod", "region": "us-east-2", "vpcConfig": {"subnetIds": [self.subnet.identifier]}}
        with self.store.transaction() as account:
            account.seed(v.CLUSTER, "prod", inputs)
        self.cluster = ManagedCluster("prod", state, cloud="aws", location="us-east-2", account=self.store.path)
        self.cluster.create()
        self.kube = Kube(project, self.cluster.control_plane)

    def made(self) -> list[str]:
        """Types of what Services made."""
        with self.store.transaction() as account:
            return sorted(record.kind for record in account.records() if record.get("service"))

    def service(self, name: str, load_balancer_class: str | None) -> None:
        spec: dict[str, object] = {"type": "LoadBalancer", "ports": [{"port": 443}], "selector": {"app": name}}
        if load_balancer_class:
            spec["loadBalancerClass"] = load_balancer_class
        self.kube.apply({"apiVersion": "v1", "kind": "Service", "metadata": {"name": name}, "spec": spec})

    def address(self, name: str) -> str:
        return self.kube.path("service", name, ".status.loadBalancer.ingress[0].hostname")


@pytest.fixture(scope="module")
def setting(project: Path, state: Path) -> Generator[Setting]:
    made = Setting(project, state)
    yield made
    made.cluster.delete()


def test_the_control_plane_answers_for_services_that_name_nobody(setting: Setting) -> None:
    setting.service("plain", None)
    setting.kube.until(lambda: bool(setting.address("plain")), "a load balancer")
    assert setting.made() == [v.LOAD_BALANCER]
    with pytest.raises(ProviderError, match="DependencyViolation"):
        setting.aws.delete(setting.subnet)
    setting.kube.run("delete", "service", "plain", "--timeout=20s")
    assert setting.made() == []


def test_a_class_waits_for_its_controller_and_goes_with_it(setting: Setting) -> None:
    setting.service("classed", _CLASS)
    setting.service("later", None)
    setting.kube.until(lambda: bool(setting.address("later")), "the other one, which is served later")
    assert setting.address("classed") == "", "nobody answers for its class"
    setting.kube.run("delete", "service", "later", "--timeout=20s")

    setting.kube.run("apply", "-f", "-", stdin=NODE)
    setting.kube.apply(workload("Deployment", "controller", _CONTROLLER, "/controller"))
    setting.kube.until(lambda: bool(setting.address("classed")), "a load balancer of the controller")
    assert setting.made() == sorted([v.LOAD_BALANCER, v.SECURITY_GROUP])

    setting.kube.run("-n", "kube-system", "delete", "deployment", "controller", "--timeout=20s")
    setting.kube.run("delete", "service", "classed", "--wait=false")
    setting.kube.run("wait", "service/classed", "--for=jsonpath={.metadata.deletionTimestamp}", "--timeout=20s")
    assert setting.made() == sorted([v.LOAD_BALANCER, v.SECURITY_GROUP]), "who could take it away is gone"

    setting.kube.apply(workload("Deployment", "controller", _CONTROLLER, "/controller"))
    setting.kube.until(lambda: setting.made() == [], "the controller's own removal")


NODE = """
apiVersion: v1
kind: Node
metadata: {name: node-1, annotations: {kwok.x-k8s.io/node: fake}}
status:
  allocatable: {cpu: "8", memory: 32Gi, pods: "110"}
  capacity: {cpu: "8", memory: 32Gi, pods: "110"}
"""
