"""What a valid file can still get wrong: names, machines, images, versions, and plans that do not fit.

Owns every check that compares settings with each other or with the catalogs. All problems come at
once; a check that needs what another one refused is left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

from components.clusters.aks.rules import aks_problems
from components.clusters.aks.settings import AksTarget
from components.clusters.eks.rules import eks_problems
from components.clusters.eks.settings import EksTarget
from components.clusters.gke.rules import gke_problems
from components.clusters.gke.settings import GkeTarget
from components.clusters.kubeadm.rules import kubeadm_problems
from components.clusters.kubeadm.settings import KubeadmTarget
from components.contracts.cluster_facts import ClusterFacts
from components.contracts.errors import Problem, StrataError, nearest
from components.contracts.network_facts import NetworkFacts
from components.contracts.pools import NodePool
from components.contracts.serving import ServingPlan
from components.contracts.versions import IMAGES, KUBERNETES_OLDEST
from components.networks.interconnect.rules import link_problems
from components.planner.catalogs.instances import instances
from components.planner.model_plans import duplicate_names, plan_models

from .settings import ExistingTarget, FoundationSettings, HybridSettings, LocalTarget, ServingSettings, Settings
from .targets import cluster_facts

_CONSEQUENCE = "nothing is created; the stack stays as it is"


def check_all(project: Path, settings: Settings) -> dict[str, ServingPlan]:
    """The plan of each model of a stack that holds everything, by its name.

    Raises:
        StrataError: Every problem at once.
    """
    _refuse([*_foundation_problems(settings), *_serving_problems(settings)])
    return plan_models(settings.models, cluster_facts(project, settings))


def check_foundation(settings: FoundationSettings) -> None:
    """Return when target and node pools can become a cluster; StrataError with every problem at once."""
    _refuse(_foundation_problems(settings))


def check_serving(settings: ServingSettings, facts: ClusterFacts) -> dict[str, ServingPlan]:
    """The plan of each model by its name, on a cluster of another stack.

    Raises:
        StrataError: Every problem at once.
    """
    _refuse(_serving_problems(settings))
    return plan_models(settings.models, facts)


def check_hybrid(settings: HybridSettings, networks: Mapping[str, NetworkFacts]) -> None:
    """Return when all links can carry what they promise; StrataError with every problem at once."""
    _refuse(link_problems(settings, networks))


def _refuse(problems: Iterable[Problem]) -> None:
    found = list(problems)
    if found:
        raise StrataError(found)


def _foundation_problems(settings: Settings | FoundationSettings) -> Iterator[Problem]:
    yield from _duplicates("node_pools", [pool.name for pool in settings.node_pools])
    yield from _unknown_instances(settings.node_pools)
    yield from _target_problems(settings)


def _serving_problems(settings: Settings | ServingSettings) -> Iterator[Problem]:
    yield from duplicate_names(settings.models)
    yield from _unknown_images(settings.sources.images.digests)


def _target_problems(settings: Settings | FoundationSettings) -> Iterator[Problem]:
    match settings.target:
        case LocalTarget():
            pass
        case ExistingTarget(kubernetes_version=version):
            yield from _old_version(version)
        case EksTarget() as target:
            yield from eks_problems(target, settings.node_pools, datetime.now(UTC))
        case GkeTarget() as target:
            yield from gke_problems(target, settings.node_pools, datetime.now(UTC))
        case AksTarget() as target:
            yield from aks_problems(target, settings.node_pools, datetime.now(UTC))
        case KubeadmTarget() as target:
            yield from kubeadm_problems(target, settings.node_pools)
            yield from _no_key(settings)


def _no_key(settings: Settings | FoundationSettings) -> Iterator[Problem]:
    if settings.secrets.ssh_private_key is None:
        yield Problem(
            field="secrets.ssh_private_key",
            cause="is not set",
            consequence="no host could be reached",
            fix="write secrets: {ssh_private_key: sshPrivateKey}, and pulumi config set --secret sshPrivateKey < key",
        )


def _duplicates(path: str, names: Iterable[str]) -> Iterator[Problem]:
    first: dict[str, int] = {}
    for index, name in enumerate(names):
        if name in first:
            yield Problem(
                field=f"{path}[{index}].name",
                cause=f"{name!r} is the name of {path}[{first[name]}] too",
                consequence="one would silently replace the other",
                fix="give one of them another name",
            )
        first.setdefault(name, index)


def _unknown_instances(pools: Iterable[NodePool]) -> Iterator[Problem]:
    catalog = {machine.name: machine for machine in instances()}
    for index, pool in enumerate(pools):
        instance = catalog.get(pool.instance_type)
        field = f"node_pools[{index}].instance_type"
        if instance is None:
            near = nearest(pool.instance_type, catalog)
            yield Problem(
                field=field,
                cause=f"{pool.instance_type!r} is not in the instance catalog",
                consequence=_CONSEQUENCE,
                fix=f"did you mean {near!r}?" if near else "choose one of components/planner/data/instances.csv",
            )
        elif (pool.kind == "gpu") != bool(instance.gpus):
            has = f"{instance.gpus} GPUs" if instance.gpus else "no GPU"
            yield Problem(
                field=field,
                cause=f"{pool.instance_type} has {has}, but the pool is of kind {pool.kind}",
                consequence="its nodes would carry the wrong labels and taints",
                fix=f"write kind: {'gpu' if instance.gpus else 'cpu'}, or choose another instance type",
            )


def _unknown_images(digests: Iterable[str]) -> Iterator[Problem]:
    for name in digests:
        if name not in IMAGES:
            near = nearest(name, IMAGES)
            yield Problem(
                field=f"sources.images.digests.{name}",
                cause=f"no image is named {name!r}",
                consequence="the digest would pin nothing",
                fix=f"did you mean {near!r}?" if near else f"use one of: {', '.join(sorted(IMAGES))}",
            )


def _old_version(version: str) -> Iterator[Problem]:
    if _minor(version) < _minor(KUBERNETES_OLDEST):
        yield Problem(
            field="target.kubernetes_version",
            cause=f"Kubernetes {version} is older than {KUBERNETES_OLDEST}",
            consequence="servers could not drain: the preStop sleep action does not exist there",
            fix=f"upgrade the cluster to {KUBERNETES_OLDEST} or newer",
        )


def _minor(version: str) -> int:
    return int(version.split(".")[1])
