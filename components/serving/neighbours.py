"""Several ``ServedModels`` on one cluster: what only one of them can have.

Plans count GPUs by pool, also those that rolling updates and autoscalers may take, so a pool belongs to one of them.
Priority and storage classes have fixed names, and there is one of each in a cluster. Shared storage that is one whole
volume is bound to one claim.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from ..clusters.cluster import Cluster
from ..contracts.errors import Problem
from ..contracts.serving import ServingPlan
from ..storage import catalog_volume


@dataclass(frozen=True, kw_only=True)
class Neighbour:
    """One ``ServedModels`` of a cluster.

    Attributes:
        name: Name of the component.
        plans: Its plans by name of the model.
        makes_classes: Whether it makes the priority and storage classes of the cluster.
    """

    name: str
    plans: Mapping[str, ServingPlan]
    makes_classes: bool

    @property
    def pools(self) -> frozenset[str]:
        """Pools that its servers run on."""
        return frozenset(plan.pool for plan in self.plans.values())


_NEIGHBOURS: WeakKeyDictionary[Cluster, list[Neighbour]] = WeakKeyDictionary()
"""Those that this program has declared; a program that runs twice in one process makes new clusters."""


def add_neighbour(cluster: Cluster, neighbour: Neighbour) -> None:
    """Remember it for those that are declared after it."""
    _NEIGHBOURS.setdefault(cluster, []).append(neighbour)


def neighbour_problems(cluster: Cluster, new: Neighbour) -> Iterator[Problem]:
    """What it would have in common with an earlier one."""
    earlier = _NEIGHBOURS.get(cluster, [])
    for neighbour in earlier:
        shared = sorted(neighbour.pools & new.pools)
        if shared:
            yield _shared_pools(neighbour.name, shared)
            return
    if earlier and catalog_volume(cluster):
        yield _shared_volume(earlier[0].name)
        return
    for neighbour in earlier:
        if neighbour.makes_classes and new.makes_classes:
            yield _shared_classes(neighbour.name)
            return
    for neighbour in earlier:
        yield from (_shared_name(neighbour.name, name) for name in new.plans if name in neighbour.plans)


def _shared_pools(other: str, pools: Sequence[str]) -> Problem:
    kind = "pools" if len(pools) > 1 else "pool"
    return Problem(
        field="cluster",
        cause=f"the models of ServedModels {other!r} run on {kind} {', '.join(pools)} too",
        consequence="both would plan with the same GPUs, and servers would stay pending",
        fix=f"pass these models to ServedModels {other!r} as well, which plans each on the GPUs that others leave",
    )


def _shared_volume(other: str) -> Problem:
    return Problem(
        field="cluster",
        cause=f"its shared storage is one volume, which is bound to the catalog of ServedModels {other!r}",
        consequence="a volume is bound to one claim: the second catalog would wait for one for ever",
        fix=f"pass these models to ServedModels {other!r} as well, or use shared storage that makes a volume for each "
        "claim",
    )


def _shared_classes(other: str) -> Problem:
    return Problem(
        field="namespace",
        cause=f"is left out, and ServedModels {other!r} makes the priority and storage classes of the cluster already",
        consequence="the same classes would be declared twice: the run fails, or removing one component takes them "
        "from the other",
        fix=f"pass these models to ServedModels {other!r} as well, or pass the namespace where they run, such as "
        "`GuardedNamespace(…).namespace`",
    )


def _shared_name(other: str, model: str) -> Problem:
    return Problem(
        field="models",
        cause=f"ServedModels {other!r} has a model {model!r} too",
        consequence="Pulumi refuses two resources of the same type and name",
        fix="give one of them another name",
    )
