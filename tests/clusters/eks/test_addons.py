"""Add-ons as EKS takes them."""

from __future__ import annotations

import json

import pytest

from components.clusters.eks.addon_table import add_ons
from components.clusters.eks.efa import network_interfaces
from components.clusters.eks.settings import EfaLayout, EfsStorage

# Interfaces on the first card, and addresses of each: awslabs/amazon-eks-ami v20260724, instance-info.jsonl.
_FIRST_CARD = {
    "g6e.48xlarge": (10, 50),
    "p4d.24xlarge": (15, 50),
    "p5.48xlarge": (2, 50),
    "p5en.48xlarge": (4, 50),
    "p6-b200.48xlarge": (4, 50),
}
_PREFIX = 16


@pytest.mark.parametrize("machine", _FIRST_CARD)
def test_there_is_an_address_for_every_pod_that_kubelet_takes(machine: str) -> None:
    (vpc_cni,) = [add_on for add_on in add_ons(EfsStorage(kind="efs")) if add_on.name == "vpc-cni"]
    env = json.loads(vpc_cni.configuration_values or "{}")["env"]
    interfaces, addresses = _FIRST_CARD[machine]
    for_pods = interfaces - sum(
        interface.card == 0 and not interface.has_address
        for interface in network_interfaces(machine, EfaLayout.IP_OPTIMISED)
    )
    each_holds = _PREFIX if env["ENABLE_PREFIX_DELEGATION"] == "true" else 1
    kubelets_limit = interfaces * (addresses - 1) + 2
    assert for_pods * (addresses - 1) * each_holds >= kubelets_limit
