from __future__ import annotations

import pytest

from components.clusters.eks.addon_table import APIS, add_ons
from components.clusters.eks.facts import eks_facts
from components.clusters.eks.settings import EfsStorage, LoadBalancerController, LustreStorage
from components.contracts.cluster_facts import VolumeBinding
from components.contracts.pools import DriverOwner
from components.contracts.quantities import ByteSize

from .pools import gpu_pool, system_pool, target


def test_facts_of_a_cluster() -> None:
    facts = eks_facts(target(), [system_pool(), gpu_pool()])
    assert (facts.environment, facts.kubernetes_version) == ("eks", "1.35")
    gpus = facts.pool("h100")
    assert gpus.driver is DriverOwner.NODE_IMAGE
    assert gpus.fabric.devices_per_node == 32
    assert facts.pool("system").driver is DriverOwner.NONE
    assert facts.workload_identity == "eks-pod-identity"


def test_no_class_is_named_that_nobody_answers_for() -> None:
    facts = eks_facts(target(), [system_pool()])
    assert facts.load_balancer_class is None
    assert facts.load_balancer_annotations["service.beta.kubernetes.io/aws-load-balancer-internal"] == "true"
    for there in (LoadBalancerController.EXISTS, LoadBalancerController.INSTALLED):
        facts = eks_facts(target().model_copy(update={"load_balancer_controller": there}), [system_pool()])
        assert facts.load_balancer_class == "service.k8s.aws/nlb"
        assert facts.load_balancer_annotations["service.beta.kubernetes.io/aws-load-balancer-scheme"] == "internal"


def test_a_cluster_that_is_made_has_what_its_add_ons_install() -> None:
    facts = eks_facts(target(), [system_pool()])
    assert {"cert-manager.io", "snapshot.storage.k8s.io"} <= set(facts.apis)
    assert "cert-manager" in facts.namespaces
    brought_by = {"cert-manager.io": "cert-manager", "snapshot.storage.k8s.io": "snapshot-controller"}
    assert set(brought_by) == set(APIS)
    assert {*brought_by.values(), "metrics-server"} <= {add_on.name for add_on in add_ons(target().shared_storage)}
    adopted = eks_facts(target().model_copy(update={"adopt_cluster": True}), [system_pool()])
    assert "cert-manager.io" not in adopted.apis, "nobody knows what is on it"


def test_a_disk_waits_for_its_pod_and_shared_files_do_not() -> None:
    storage = eks_facts(target(), [system_pool()]).storage
    assert storage.read_write_once.binding is VolumeBinding.FIRST_CONSUMER, "EBS volumes live in one zone"
    assert storage.read_write_once.parameters == {"type": "gp3", "encrypted": "true"}
    assert storage.read_write_many.binding is VolumeBinding.IMMEDIATE
    assert storage.read_write_once.managed
    assert storage.read_write_many.managed


@pytest.mark.parametrize(
    ("storage", "driver", "read"),
    [
        (EfsStorage(kind="efs"), "efs.csi.aws.com", 1500 * 2**20),
        (
            LustreStorage(kind="lustre", zone="us-east-2a", capacity=ByteSize.gib(4800), throughput=250),
            "fsx.csi.aws.com",
            1.171875e9,
        ),
        # 46.9 TiB at 1000 MB/s/TiB are more than one client takes over its 100 Gbit/s.
        (
            LustreStorage(kind="lustre", zone="us-east-2a", capacity=ByteSize.gib(48000), throughput=1000),
            "fsx.csi.aws.com",
            12.5e9,
        ),
        (
            LustreStorage(kind="lustre", zone="us-east-2a", capacity=ByteSize.gib(48000), throughput=1000, efa=True),
            "fsx.csi.aws.com",
            12.5e9,
        ),
    ],
    ids=["efs", "lustre", "lustre-client-bound", "lustre-efa-without-lnet"],
)
def test_shared_storage_reads_as_fast_as_one_node_can(
    storage: EfsStorage | LustreStorage, driver: str, read: float
) -> None:
    shared = eks_facts(target().model_copy(update={"shared_storage": storage}), [system_pool()]).storage.read_write_many
    assert shared.provisioner == driver
    assert shared.read_bytes_per_second == pytest.approx(read)
