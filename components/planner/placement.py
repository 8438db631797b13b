"""Whether the scheduler finds a node for every server that is planned on a pool, in whichever order it places them.

Kubernetes' scheduler places one pod at a time and prefers the node with the most room (plugin NodeResourcesFit,
strategy LeastAllocated), and servers are spread over nodes. So small servers can leave every node with fewer free GPUs
than a larger server takes, although the free GPUs of the pool would be enough; the larger one then stays pending for
ever.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ..contracts.cluster_facts import ClusterFacts, PoolFacts
from ..contracts.errors import Problem
from ..contracts.served_models import ServedModel
from ..contracts.serving import ServingPlan

_MOST_NODES = 5000


def can_be_stranded(gpus: int, others: Mapping[int, int], per_node: int, nodes: int) -> bool:
    """Whether others can be placed so that no node has ``gpus`` free GPUs.

    A server of g GPUs finds no node exactly when each of the N nodes of G GPUs has more than G - g in use. What is in
    use on a node is a sum of sizes of servers; let t be the smallest such sum above G - g. A node that holds only
    servers whose size is a multiple of g has a multiple of g in use, and the only one in (G - g, G] is F = g × ⌊G / g⌋.
    Of the others, k have a size that is no multiple of g, so at most min(k, N) nodes hold one of these, each of them
    with at least t in use, and all other nodes have F. To strand the server the others therefore need at least
    N × F - min(k, N) × (F - t) GPUs. With fewer some node has room for it, whatever the order.

    Servers of one size need N × F GPUs beside the server itself, more than the pool has room for: they are never
    stranded.

    Args:
        gpus: GPUs of the server.
        others: How many other servers of each size the pool holds.
        per_node: GPUs of a node.
        nodes: Nodes of the pool.
    """
    least = _smallest_sum(others, per_node - gpus + 1, per_node)
    if least is None:
        return False
    full = per_node // gpus * gpus
    odd = sum(count for size, count in others.items() if size % gpus)
    held = sum(size * count for size, count in others.items())
    return held >= nodes * full - min(odd, nodes) * (full - min(least, full))


def _smallest_sum(sizes: Mapping[int, int], at_least: int, at_most: int) -> int | None:
    """The smallest sum of these sizes, each used any number of times, within the limits; None when there is none."""
    reached = {0}
    for total in range(1, at_most + 1):
        if any(total - size in reached for size, count in sizes.items() if count):
            reached.add(total)
    return next((total for total in range(max(at_least, 1), at_most + 1) if total in reached), None)


def stranded_servers(
    models: Sequence[ServedModel], plans: Mapping[str, ServingPlan], facts: ClusterFacts
) -> Iterator[Problem]:
    """One problem for each model that has a server which others on its pool can leave without a node."""
    for index, model in enumerate(models):
        plan = plans.get(model.name)
        if plan is None:
            continue
        pool, gpus = facts.pool(plan.pool), plan.roles[0].gpus_per_node
        others = _servers(plans, plan.pool)
        others[gpus] -= 1
        if can_be_stranded(gpus, others, pool.gpus_per_node, pool.most_nodes_known):
            yield _stranded(f"models[{index}]", gpus, others, pool)


def _servers(plans: Mapping[str, ServingPlan], pool: str) -> dict[int, int]:
    """How many servers of each number of GPUs the plans put on the pool."""
    found: dict[int, int] = {}
    for plan in plans.values():
        if plan.pool == pool:
            for role in plan.roles:
                pods = role.replicas * role.nodes_per_replica
                found[role.gpus_per_node] = found.get(role.gpus_per_node, 0) + pods
    return found


def _stranded(path: str, gpus: int, others: Mapping[int, int], pool: PoolFacts) -> Problem:
    smaller = sum(count for size, count in others.items() if size % gpus)
    wider = next(
        (
            nodes
            for nodes in range(pool.nodes + 1, _MOST_NODES + 1)
            if not can_be_stranded(gpus, others, pool.gpus_per_node, nodes)
        ),
        None,
    )
    more = f", give pool {pool.name} {wider} nodes" if wider else ""
    return Problem(
        field=f"{path}.pool",
        cause=f"each server takes {gpus} GPUs of one node of pool {pool.name}, and {smaller} servers of other sizes "
        f"can be spread so that none of its {pool.nodes} nodes has {gpus} free",
        consequence="the scheduler places servers one by one and spreads them, and this one may stay pending for ever",
        fix=f"give this model a pool of its own{more}, or plan all servers of the pool with the same tensor_parallel",
    )
