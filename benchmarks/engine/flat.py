"""The engine's floor: a program that registers the same objects and does nothing else."""

from __future__ import annotations

import json
from pathlib import Path

from stacks.recording import Registered

_PROGRAM = """
import json, pathlib
import pulumi, pulumi_kubernetes

provider = pulumi_kubernetes.Provider("cluster", kubeconfig=KUBECONFIG, cluster_identifier="flat")
made = {}
for item in json.loads(pathlib.Path("objects.json").read_text()):
    after = [made[name] for name in item["after"] if name in made]
    made[item["name"]] = pulumi.CustomResource(
        item["token"], item["name"], item["inputs"], pulumi.ResourceOptions(provider=provider, depends_on=after)
    )
"""
_RANKS = {"Namespace": 0, "PriorityClass": 0, "StorageClass": 0, "Job": 2, "Deployment": 3, "Service": 4}
_PROJECT = "name: flat\nruntime: python\nbackend:\n  url: {backend}\n"


def write_flat_project(folder: Path, resources: list[Registered], kubeconfig: Path) -> None:
    """A project that registers these objects, waiting for each other where they must."""
    folder.mkdir(parents=True)
    (folder / "backend").mkdir()
    objects = sorted((resource for resource in resources if resource.is_kubernetes_object), key=_rank)
    items = [
        {
            "token": resource.token,
            "name": resource.name,
            "inputs": dict(resource.inputs),
            "after": _after(resource, objects),
        }
        for resource in objects
    ]
    (folder / "objects.json").write_text(json.dumps(items))
    (folder / "Pulumi.yaml").write_text(_PROJECT.format(backend=f"file://{folder}/backend"))
    (folder / "__main__.py").write_text(_PROGRAM.replace("KUBECONFIG", repr(str(kubeconfig))))


def _rank(item: Registered) -> int:
    """Cluster-wide objects, then objects that depend on nothing, then the Job, the servers, and what follows them."""
    return _RANKS.get(str(item.inputs["kind"]), 1)


def _after(item: Registered, objects: list[Registered]) -> list[str]:
    """What has to exist first: the same order as in the stack, and no more."""
    rank = _rank(item)
    if rank == _RANKS["Service"]:
        return [
            found.name for found in objects if _rank(found) == _RANKS["Deployment"] and _model(found) == _model(item)
        ]
    needed = {0: (), 1: (0,), 2: (0, 1), 3: (0, 2)}[rank]
    return [found.name for found in objects if _rank(found) in needed]


def _model(item: Registered) -> str:
    """Names of the objects of a model service begin with the model's."""
    return item.name.rpartition("-")[0]
