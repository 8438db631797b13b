"""What a subscription has to be registered for before anything can be made in it.

Azure's command line and portal register resource providers by themselves, the API that Pulumi calls does not.

Source: https://learn.microsoft.com/azure/azure-resource-manager/management/resource-providers-and-types.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

import pulumi

from ...contracts.errors import Problem
from ...contracts.pools import NodePool
from ..rules.pool_view import pool_views
from .fabric import FEATURE, infiniband
from .settings import AksTarget, LustreStorage

CONTAINER_SERVICE = "Microsoft.ContainerService"
_POOLS = ("Microsoft.Compute", CONTAINER_SERVICE, "Microsoft.Network")
_CONTROL_PLANE = ("Microsoft.Insights", "Microsoft.ManagedIdentity", "Microsoft.OperationalInsights")
_REGISTERED = "Registered"


def _providers(target: AksTarget) -> Iterator[str]:
    yield from _POOLS
    if not target.adopt_cluster:
        yield from _CONTROL_PLANE
    yield "Microsoft.StorageCache" if isinstance(target.shared_storage, LustreStorage) else "Microsoft.Storage"
    if target.local_volumes:
        yield "Microsoft.KubernetesConfiguration"


def missing_providers(target: AksTarget, states: Mapping[str, str]) -> Iterator[Problem]:
    """Resource providers that the subscription may not use yet, as one problem.

    Args:
        target: The cluster.
        states: State of each resource provider by its namespace; Azure's answers differ in case.
    """
    known = {namespace.casefold(): state for namespace, state in states.items()}
    missing = [name for name in _providers(target) if known.get(name.casefold()) != _REGISTERED]
    if missing:
        yield Problem(
            field="target.subscription",
            cause=f"it is not registered to use {', '.join(missing)}",
            consequence="Azure would refuse what is made there with MissingSubscriptionRegistration",
            fix="run " + " && ".join(f"az provider register --wait --namespace {name}" for name in missing),
        )


def missing_feature(pools: Sequence[NodePool], state: Callable[[], str | None]) -> Iterator[Problem]:
    """The feature that keeps InfiniBand nodes of one pool on one fabric.

    Args:
        pools: The pools; nothing is asked unless one of them needs it.
        state: Asks for its state; None where Azure does not know it, as with features that became general
            (azure-cli issue 32059).
    """
    for view in pool_views(pools):
        if view.machine is None or infiniband(view.machine) is None or view.pool.most_nodes == 1:
            continue
        found = state()
        if found is None:
            pulumi.log.warn(f"Azure knows no feature {FEATURE} any more, so nobody knows whether InfiniBand needs it")
        elif found != _REGISTERED:
            yield view.problem(
                "instance_type",
                cause=f"the feature {FEATURE} is {found}",
                consequence="nodes of one pool would land on different InfiniBand fabrics, and NCCL hangs or is slow",
                fix=f"run 'az feature register --namespace {CONTAINER_SERVICE} --name {FEATURE}' and wait",
            )
        return
