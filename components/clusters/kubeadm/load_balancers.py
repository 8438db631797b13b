"""Addresses of services of type LoadBalancer: which range MetalLB gives out, and which nodes answer ARP for it.

Where hosts are in several subnets, only nodes of a range's own subnet may answer for it: ARP does not pass routers
(MetalLB, "Advanced L2 configuration": node selectors of L2Advertisement).
"""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Network
from shlex import quote

import yaml

from .hosts import Worker
from .settings import KubeadmTarget
from .shell import kubectl

_SUBNET_LABEL = "strata.dev/subnet"
_NAMESPACE = "metallb-system"
_POOL = "strata"


def subnet_labels(target: KubeadmTarget, worker: Worker) -> dict[str, str]:
    """Label of a node that says which subnet it is in; none where there is only one."""
    subnets = target.networks.subnets
    if len(subnets) == 1:
        return {}
    address = IPv4Address(worker.address)
    return {_SUBNET_LABEL: _label(next(subnet for subnet in subnets if address in IPv4Network(subnet)))}


def address_pools(target: KubeadmTarget) -> tuple[str, ...]:
    """Lines that give MetalLB its ranges."""
    text = yaml.safe_dump_all(_objects(target), sort_keys=False)
    return (
        *_remove_old_pools(target),
        f"printf %s {quote(text)} | "
        + kubectl("apply --server-side --force-conflicts --field-manager=strata --filename -"),
    )


def _objects(target: KubeadmTarget) -> list[dict[str, object]]:
    if len(target.networks.subnets) == 1:
        return [*_pool(_POOL, list(target.networks.load_balancers), subnet=None)]
    return [
        part for subnet, ranges in _by_subnet(target).items() for part in _pool(_name(target, subnet), ranges, subnet)
    ]


def _pool(name: str, ranges: list[str], subnet: str | None) -> Iterator[dict[str, object]]:
    labels = {"labels": {_SUBNET_LABEL: _label(subnet)}} if subnet else {}
    selected = {"nodeSelectors": [{"matchLabels": labels["labels"]}]} if labels else {}
    yield {
        "apiVersion": "metallb.io/v1beta1",
        "kind": "IPAddressPool",
        "metadata": {"name": name, "namespace": _NAMESPACE, **labels},
        "spec": {"addresses": ranges},
    }
    yield {
        "apiVersion": "metallb.io/v1beta1",
        "kind": "L2Advertisement",
        "metadata": {"name": name, "namespace": _NAMESPACE, **labels},
        "spec": {"ipAddressPools": [name], **selected},
    }


def _by_subnet(target: KubeadmTarget) -> dict[str, list[str]]:
    """The ranges by the subnet that they are a part of; subnets without one are left out."""
    found: dict[str, list[str]] = {}
    for given in target.networks.load_balancers:
        network = IPv4Network(given)
        home = next(subnet for subnet in target.networks.subnets if network.subnet_of(IPv4Network(subnet)))
        found.setdefault(home, []).append(given)
    return found


def _remove_old_pools(target: KubeadmTarget) -> tuple[str, ...]:
    """Takes away pools of subnets that have no range any more; the others keep the addresses of their services."""
    first, *more = target.networks.subnets
    if not more:
        return ()
    kept = _by_subnet(target)
    delete = f"--namespace {_NAMESPACE} delete l2advertisements.metallb.io,ipaddresspools.metallb.io"
    labels = ",".join(_label(subnet) for subnet in kept)
    return (
        *(() if first in kept else (kubectl(f"{delete} {_POOL} --ignore-not-found"),)),
        kubectl(f"{delete} --selector {quote(f'{_SUBNET_LABEL},{_SUBNET_LABEL} notin ({labels})')}"),
    )


def _name(target: KubeadmTarget, subnet: str) -> str:
    """The first subnet's pool keeps the name that it has where there is no other subnet."""
    return _POOL if subnet == target.networks.nodes else f"{_POOL}-{_label(subnet).replace('.', '-')}"


def _label(subnet: str) -> str:
    return subnet.replace("/", "-")
