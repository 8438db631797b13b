"""Wrong settings of an EKS cluster's shared files, one by one."""

from __future__ import annotations

from components.clusters.eks.settings import EksTarget, LustreStorage
from components.contracts.quantities import ByteSize

from .mistakes import Wrong, cluster, gpus


def lustre(zone: str = "us-east-2a", capacity_gib: int = 4800, *, efa: bool = False) -> EksTarget:
    storage = LustreStorage(kind="lustre", zone=zone, capacity=ByteSize.gib(capacity_gib), throughput=1000, efa=efa)
    return cluster(shared_storage=storage)


STORAGE_MISTAKES: dict[str, Wrong] = {
    "a size of Lustre that is not sold": Wrong(
        blamed="target.shared_storage.capacity", said="use 7200", target=lustre(capacity_gib=5000)
    ),
    "a size of Lustre that is not sold with EFA": Wrong(
        blamed="target.shared_storage.capacity",
        said="multiples of 4800",
        target=lustre(capacity_gib=7200, efa=True),
    ),
    "Lustre outside the network": Wrong(
        blamed="target.shared_storage.zone", said="no subnet", target=lustre(zone="us-east-2c")
    ),
    "Lustre away from the GPUs": Wrong(
        blamed="target.shared_storage.zone", said="no GPU pool", target=lustre(zone="us-east-2b")
    ),
    "Lustre over EFA for machines without": Wrong(
        blamed="target.shared_storage.efa", said="fall back to TCP", target=lustre(efa=True), pools=gpus("g6e.xlarge")
    ),
}
