"""How long a plan takes: all models × GPUs × three traffic mixes, warm.

``python -m benchmarks.planner_latency``
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterable

from components.contracts.cluster_facts import ClusterFacts, StorageFacts, VolumeClass
from components.contracts.pools import GpuPool
from components.contracts.serving import ServingRequest
from components.contracts.traffic import Traffic
from components.planner import plan
from components.planner.catalogs.models import models
from components.planner.shapes import pool_facts

_MACHINES = {
    "T4": "g4dn.12xlarge",
    "A10G": "g5.48xlarge",
    "L4": "g6.48xlarge",
    "L40S": "g6e.48xlarge",
    "A100-SXM-80": "p4de.24xlarge",
    "H100-SXM": "p5.48xlarge",
    "H200": "p5en.48xlarge",
    "B200": "p6-b200.48xlarge",
}
_NODES = 4
_MIXES = tuple(
    Traffic(requests_per_second=rate, input_tokens=prompt, output_tokens=answer)
    for rate, prompt, answer in ((1.0, 1024, 256), (5.0, 4096, 512), (0.5, 200, 1500))
)


def _facts() -> ClusterFacts:
    volume = VolumeClass(name="shared", provisioner="benchmark", read_bytes_per_second=2e9)
    pools = (
        pool_facts(GpuPool(kind="gpu", name=gpu.lower(), instance_type=machine, count=_NODES))
        for gpu, machine in _MACHINES.items()
    )
    return ClusterFacts(
        name="benchmark",
        environment="benchmark",
        kubernetes_version="1.34",
        pools=tuple(pools),
        storage=StorageFacts(read_write_once=volume, read_write_many=volume),
    )


def _times(facts: ClusterFacts, gpus: Iterable[str | None]) -> list[float]:
    requests = [
        ServingRequest(name="model", model=model.id, gpu=gpu, traffic=mix)
        for model in models()
        for gpu in gpus
        for mix in _MIXES
    ]
    for request in requests:
        plan(request, facts)
    found: list[float] = []
    for request in requests:
        begin = time.perf_counter()
        plan(request, facts)
        found.append(time.perf_counter() - begin)
    return sorted(found)


def main() -> None:
    """Print medians and tails in milliseconds."""
    facts = _facts()
    for label, gpus in (("GPU given", tuple(_MACHINES)), (f"GPU open, {len(_MACHINES)} pools", (None,))):
        times = _times(facts, gpus)
        tail = times[int(0.99 * len(times))]
        print(f"{label}: {len(times)} plans, median {statistics.median(times) * 1e3:.2f} ms, p99 {tail * 1e3:.1f} ms")


if __name__ == "__main__":
    main()
