from __future__ import annotations

import pytest

from components.clusters.gke.facts import ARM_TAINT, gke_facts
from components.clusters.gke.settings import FilestoreStorage, FilestoreTier, LustreStorage, SharedStorage
from components.contracts.cluster_facts import Authentication, VolumeBinding
from components.contracts.fabric import Transport
from components.contracts.pools import DriverOwner
from components.contracts.quantities import ByteSize

from .pools import gpu_pool, system_pool, target

ZONE = "us-central1-a"


def test_facts_of_a_cluster() -> None:
    facts = gke_facts(target(), [system_pool(), gpu_pool()])
    assert (facts.environment, facts.kubernetes_version) == ("gke", "1.34")
    gpus = facts.pool("gpus")
    assert gpus.driver is DriverOwner.NODE_IMAGE
    assert gpus.fabric.transport is Transport.GPUDIRECT_TCPXO
    assert facts.pool("system").driver is DriverOwner.NONE
    assert facts.load_balancer_annotations == {"networking.gke.io/load-balancer-type": "Internal"}
    assert facts.workload_identity == "acme-prod-1.svc.id.goog"
    assert facts.authentication is Authentication.GOOGLE


def test_gke_knows_snapshots_whoever_made_the_cluster() -> None:
    for adopted in (False, True):
        facts = gke_facts(target().model_copy(update={"adopt_cluster": adopted}), [system_pool()])
        assert "snapshot.storage.k8s.io" in facts.apis


def test_the_facts_name_the_version_as_kubernetes_does() -> None:
    exact = target().model_copy(update={"kubernetes_version": "1.34.1-gke.1829001"})
    assert gke_facts(exact, [system_pool()]).kubernetes_version == "1.34.1"


def test_pods_on_arm_nodes_tolerate_what_gke_puts_on_them() -> None:
    facts = gke_facts(target(), [system_pool(), gpu_pool("a4x-highgpu-4g")])
    assert ARM_TAINT in facts.pool("gpus").tolerations
    assert ARM_TAINT not in facts.pool("system").tolerations


def test_a_disk_waits_for_its_pod_and_fits_the_machines() -> None:
    storage = gke_facts(target(), [system_pool()]).storage
    assert storage.read_write_once.binding is VolumeBinding.FIRST_CONSUMER, "disks live in one zone"
    assert storage.read_write_once.parameters == {"type": "pd-balanced"}
    with_b200 = gke_facts(target(), [system_pool(), gpu_pool("a4-highgpu-8g")]).storage
    assert with_b200.read_write_once.parameters == {"type": "hyperdisk-balanced"}


@pytest.mark.parametrize(
    ("storage", "driver", "read"),
    [
        (FilestoreStorage(kind="filestore"), "filestore.csi.storage.gke.io", 2.5 * 260 * 2**20),
        (
            FilestoreStorage(kind="filestore", tier=FilestoreTier.ZONAL, capacity=ByteSize.gib(102_400)),
            "filestore.csi.storage.gke.io",
            1200 * 2**20,
        ),
        (
            LustreStorage(kind="lustre", zone=ZONE, capacity=ByteSize.gib(18_000), throughput=500),
            "lustre.csi.storage.gke.io",
            8.7890625e9,
        ),
        # 176 TiB at 1000 MB/s/TiB are more than one client takes over its 200 Gbit/s.
        (
            LustreStorage(kind="lustre", zone=ZONE, capacity=ByteSize.gib(180_000), throughput=1000),
            "lustre.csi.storage.gke.io",
            25e9,
        ),
    ],
    ids=["filestore", "filestore-client-bound", "lustre", "lustre-client-bound"],
)
def test_shared_storage_reads_as_fast_as_one_node_can(storage: SharedStorage, driver: str, read: float) -> None:
    shared = gke_facts(target().model_copy(update={"shared_storage": storage}), [system_pool()]).storage.read_write_many
    assert shared.provisioner == driver
    assert shared.read_bytes_per_second == pytest.approx(read)
