"""Which nodes of a stack's embedded cluster are live."""

from __future__ import annotations

from cli.stack import LoadedStack
from components.clusters.environment import BoundEnvironment, Presence
from components.clusters.local.settings import LocalTarget
from components.contracts.errors import StrataError
from components.contracts.pools import GpuPool
from stacks.layers.foundation import FoundationPart


def require_embedded(stack: LoadedStack) -> BoundEnvironment:
    """The environment of a stack with an embedded cluster of its own.

    Raises:
        StrataError: Its cluster is another's or is elsewhere.
    """
    environment = stack.environment
    if environment is None or environment.presence is not Presence.EMBEDDED or not stack.holds_cluster:
        raise StrataError.of(
            f"stack {stack.name}",
            cause="has no embedded cluster of its own",
            consequence="there are no simulated nodes whose place live ones could take",
            fix="name a stack whose target is `kind: local`, such as make live STACK=dev",
        )
    return environment


def counts_of(stack: LoadedStack, nodes: int) -> dict[str, int]:
    """How many live nodes stand for which pool.

    Args:
        stack: The stack.
        nodes: How many of them stand for the first pool.
    """
    pools = require_embedded(stack).pools
    foundation = stack.model.part(FoundationPart)
    target = foundation.target if foundation else None
    chosen = target.live_pools if isinstance(target, LocalTarget) else ()
    if not chosen:
        first = next((plan.pool for plan in stack.plans.values()), pools[0].name)
        general = [pool.name for pool in pools if not isinstance(pool, GpuPool) and not pool.taints][:1]
        chosen = tuple(dict.fromkeys((first, *general)))
    return {name: nodes if place == 0 else 1 for place, name in enumerate(chosen)}
