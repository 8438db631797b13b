"""What hosts, kubeadm or Kubernetes would refuse, or accept and never run, decided from the settings alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ....contracts.errors import Problem
from ....contracts.pools import NodePool
from ...rules.dns_zones import name_server_problems
from ...rules.machines import cloud_problems, label_name_problems, own_machines
from ...rules.pool_view import pool_views
from ..settings import KubeadmTarget
from .addresses import address_problems
from .api import api_problems
from .hosts import host_problems
from .networks import network_problems
from .outside import ca_bundle_problems
from .pools import POLICY, pool_problems
from .ssh_ports import ssh_port_problems


def kubeadm_problems(target: KubeadmTarget, pools: Sequence[NodePool]) -> Iterator[Problem]:
    """Every wrong setting of a kubeadm cluster and its pools."""
    seen = pool_views(pools)
    yield from cloud_problems(seen, POLICY.cloud, POLICY.environment)
    yield from label_name_problems(seen)
    views = own_machines(seen, POLICY.cloud)
    yield from host_problems(target, views)
    yield from ssh_port_problems(target)
    yield from address_problems(target)
    yield from api_problems(target)
    yield from network_problems(target)
    yield from ca_bundle_problems(target)
    yield from name_server_problems(target.dns)
    yield from pool_problems(target, views)
