from __future__ import annotations

import pytest

from components.clusters.aks.facts import aks_facts
from components.clusters.aks.purchase import SPOT_TAINT
from components.clusters.aks.settings import FilesStorage, LustreStorage, OsDisk
from components.contracts.capacity import Spot
from components.contracts.cluster_facts import VolumeBinding
from components.contracts.pools import GPU_TAINT, DriverOwner
from components.contracts.quantities import ByteSize

from .pools import ZONES, cpu_pool, gpu_pool, target


def test_the_facts_are_those_of_aks() -> None:
    facts = aks_facts(target(), [cpu_pool(), gpu_pool()])
    assert (facts.environment, facts.kubernetes_version) == ("aks", "1.35")
    gpus = facts.pool("h100")
    assert gpus.driver is DriverOwner.PLATFORM
    assert (gpus.gpus_per_node, gpus.fabric.devices_per_node) == (8, 8)
    assert facts.pool("cpu").driver is DriverOwner.NONE
    assert facts.load_balancer_annotations == {"service.beta.kubernetes.io/azure-load-balancer-internal": "true"}
    assert facts.workload_identity == "azure-workload-identity"


def test_a_cluster_that_is_made_knows_snapshots_and_an_adopted_one_may_have_them_switched_off() -> None:
    assert "snapshot.storage.k8s.io" in aks_facts(target(), [cpu_pool()]).apis
    adopted = target().model_copy(update={"adopt_cluster": True})
    assert "snapshot.storage.k8s.io" not in aks_facts(adopted, [cpu_pool()]).apis
    named = adopted.model_copy(update={"apis": ("snapshot.storage.k8s.io",)})
    assert "snapshot.storage.k8s.io" in aks_facts(named, [cpu_pool()]).apis


def test_pods_on_spot_nodes_tolerate_what_aks_puts_there() -> None:
    pool = gpu_pool().model_copy(update={"capacity": Spot(kind="spot")})
    assert aks_facts(target(), [pool]).pool("h100").tolerations == (GPU_TAINT, SPOT_TAINT)


def test_raw_disks_are_no_ephemeral_storage() -> None:
    """An ND H100 has 28 TB of NVMe, which AKS leaves unformatted: pods have the OS disk, less what kubelet keeps."""
    given = target().model_copy(update={"os_disk": OsDisk(gpu=ByteSize.gib(1000))})
    assert aks_facts(given, [gpu_pool()]).pool("h100").ephemeral_storage_per_node == ByteSize.gib(900)


def test_local_volumes_are_a_class_of_their_own() -> None:
    assert aks_facts(target(), [gpu_pool()]).storage.scratch is None
    local = aks_facts(target().model_copy(update={"local_volumes": True}), [gpu_pool()]).storage.scratch
    assert local is not None
    assert (local.provisioner, local.binding) == ("localdisk.csi.acstor.io", VolumeBinding.FIRST_CONSUMER)


def test_a_disk_waits_for_its_pod_and_shared_files_do_not() -> None:
    storage = aks_facts(target(), [cpu_pool()]).storage
    assert storage.read_write_once.binding is VolumeBinding.FIRST_CONSUMER, "disks live in one zone"
    assert storage.read_write_many.binding is VolumeBinding.IMMEDIATE


@pytest.mark.parametrize(
    ("storage", "driver", "read"),
    [
        (FilesStorage(kind="files", capacity=ByteSize.gib(1000)), "file.csi.azure.com", 200 * 2**20),
        # A share of 100 TiB pays for 10 GiB/s, of which one client's connection takes 1.5.
        (FilesStorage(kind="files", capacity=ByteSize.gib(102_400)), "file.csi.azure.com", 1500 * 2**20),
        (
            LustreStorage(kind="lustre", zone=ZONES[0], capacity=ByteSize.gib(1024 * 8), throughput=250),
            "azurelustre.csi.azure.com",
            2e9,
        ),
        (
            LustreStorage(kind="lustre", zone=ZONES[0], capacity=ByteSize.gib(1024 * 128), throughput=500),
            "azurelustre.csi.azure.com",
            4e9,
        ),
    ],
    ids=["files", "files-client-bound", "lustre", "lustre-client-bound"],
)
def test_shared_storage_reads_as_fast_as_one_node_can(
    storage: FilesStorage | LustreStorage, driver: str, read: float
) -> None:
    shared = aks_facts(target().model_copy(update={"shared_storage": storage}), [cpu_pool()]).storage.read_write_many
    assert shared.provisioner == driver
    assert shared.read_bytes_per_second == pytest.approx(read)
    assert not shared.parameters, "a claim that misses our volume must not buy another share"
