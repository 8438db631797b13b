"""The stack file of a platform of any size."""

from __future__ import annotations

from dataclasses import dataclass

import yaml

_REVISION = "0" * 40
_MODELS = (
    ("Qwen/Qwen2-7B-Instruct", "bf16"),
    ("deepseek-ai/DeepSeek-R1-Distill-Llama-8B", "bf16"),
    ("deepseek-ai/DeepSeek-R1-Distill-Qwen-14B", "bf16"),
    ("deepseek-ai/DeepSeek-R1-Distill-Qwen-32B", "bf16"),
    ("deepseek-ai/DeepSeek-R1-Distill-Llama-70B", "bf16"),
    ("01-ai/Yi-34B-Chat", "bf16"),
    ("HuggingFaceH4/zephyr-7b-beta", "bf16"),
    ("HuggingFaceTB/SmolLM2-1.7B-Instruct", "bf16"),
    ("ibm-granite/granite-3.3-8b-instruct", "bf16"),
)
_MACHINES = ("p5.48xlarge", "p5en.48xlarge", "g6e.48xlarge", "p4d.24xlarge")
_ZONES = ("zone-a", "zone-b", "zone-c")


@dataclass(frozen=True)
class Size:
    """How large a platform is.

    Attributes:
        nodes: GPU nodes in all pools together; three more have none.
        pools: Pools that share them evenly.
        models: Model services, each with two replicas.
    """

    nodes: int
    pools: int
    models: int

    def __str__(self) -> str:
        return f"{self.nodes:,} nodes, {self.pools} pools, {self.models} models"


def stack_file(size: Size) -> str:
    """``Pulumi.dev.yaml`` of a platform on the embedded cluster, with checkpoints that need no token."""
    pools = [
        {
            "name": f"gpu-{index}",
            "kind": "gpu",
            "instance_type": _MACHINES[index % len(_MACHINES)],
            "count": size.nodes // size.pools,
            "zones": list(_ZONES),
        }
        for index in range(size.pools)
    ]
    # Downloads and everything else without a GPU.
    pools.append({"name": "cpu", "kind": "cpu", "instance_type": "m7i.8xlarge", "count": 3, "zones": list(_ZONES)})
    # Evenly over the pools: a pool that is full to its last GPU leaves no node with two free for the last server.
    models = [
        {
            "name": f"model-{index}",
            "model": name,
            "precision": precision,
            "revision": _REVISION,
            "replicas": 2,
            "pool": f"gpu-{index % size.pools}",
        }
        for index in range(size.models)
        for name, precision in (_MODELS[index % len(_MODELS)],)
    ]
    config = {
        "strata:target": {"kind": "local", "name": "dev"},
        "strata:node_pools": pools,
        "strata:models": models,
    }
    return yaml.safe_dump({"config": config}, sort_keys=False)
