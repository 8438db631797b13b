"""Which nodes answer for addresses of services where hosts are in several subnets."""

from __future__ import annotations

import re
import shlex

import pytest
import yaml

from components.clusters.kubeadm import scripts
from components.clusters.kubeadm.load_balancers import address_pools, subnet_labels
from components.clusters.kubeadm.settings import KubeadmTarget

from .site import site

TARGET, POOLS = site()
OTHER = "10.41.0.0/22"
LABEL = "strata.dev/subnet"


def apart(*ranges: str) -> KubeadmTarget:
    """Two subnets with these ranges, and the first worker in the second one."""
    networks = TARGET.networks.model_copy(update={"other_subnets": (OTHER,), "load_balancers": ranges})
    first, *others = TARGET.workers
    workers = (first.model_copy(update={"address": "10.41.0.21"}), *others)
    return TARGET.model_copy(update={"networks": networks, "workers": workers})


def applied(target: KubeadmTarget) -> dict[tuple[str, str], dict[str, object]]:
    """Spec of what MetalLB gets, by kind and name."""
    *_, line = address_pools(target)
    text = shlex.split(line)[2]
    return {(part["kind"], part["metadata"]["name"]): part["spec"] for part in yaml.safe_load_all(text)}


def test_only_nodes_of_a_range_s_own_subnet_answer_for_it() -> None:
    objects = applied(apart("10.40.3.0/25", "10.41.3.0/25"))
    assert objects["IPAddressPool", "strata"] == {"addresses": ["10.40.3.0/25"]}
    assert objects["IPAddressPool", "strata-10-41-0-0-22"] == {"addresses": ["10.41.3.0/25"]}
    for name, subnet in (("strata", "10.40.0.0-22"), ("strata-10-41-0-0-22", "10.41.0.0-22")):
        assert objects["L2Advertisement", name] == {
            "ipAddressPools": [name],
            "nodeSelectors": [{"matchLabels": {LABEL: subnet}}],
        }


def test_nodes_carry_the_label_of_their_subnet() -> None:
    target = apart("10.40.3.0/25")
    first, second = target.workers[:2]
    assert subnet_labels(target, first) == {LABEL: "10.41.0.0-22"}
    assert subnet_labels(target, second) == {LABEL: "10.40.0.0-22"}
    assert f"{LABEL}: 10.41.0.0-22" in scripts.configure_node(first, POOLS[0], target)


def test_in_one_subnet_every_node_answers() -> None:
    assert applied(TARGET)["L2Advertisement", "strata"] == {"ipAddressPools": ["strata"]}
    assert subnet_labels(TARGET, TARGET.workers[0]) == {}
    assert len(address_pools(TARGET)) == 1


@pytest.mark.parametrize(
    ("ranges", "gone"),
    [
        (("10.40.3.0/25",), ["notin (10.40.0.0-22)"]),
        (("10.41.3.0/25",), ["ipaddresspools.metallb.io strata --ignore-not-found", "notin (10.41.0.0-22)"]),
    ],
    ids=["the other subnet has none", "the first subnet has none"],
)
def test_pools_without_a_range_go_before_others_are_made(ranges: tuple[str, ...], gone: list[str]) -> None:
    *deleted, _ = address_pools(apart(*ranges))
    assert len(deleted) == len(gone)
    for line, part in zip(deleted, gone, strict=True):
        assert part in line
        assert re.search(r"kubectl \S+ --namespace metallb-system delete", line)
