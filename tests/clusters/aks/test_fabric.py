"""InfiniBand machines: the table against the catalog, and against Azure's own pages."""

from __future__ import annotations

import pytest

from components.clusters.aks.fabric import INFINIBAND_LABEL, fabric_labels, infiniband
from components.contracts.fabric import Transport
from components.planner.catalogs.infiniband_cards import infiniband_cards
from components.planner.catalogs.instances import instance, instances
from components.planner.fabrics import fabric_of

INFINIBAND = infiniband_cards()
# Cards and Gbit/s of each, from the size pages of Azure; ConnectX-6 is 101c as a virtual function, ConnectX-7 101e.
KNOWN = {
    "Standard_ND96asr_v4": (8, 200, "101c"),
    "Standard_ND96amsr_A100_v4": (8, 200, "101c"),
    "Standard_ND96isr_H100_v5": (8, 400, "101e"),
    "Standard_ND96isr_H200_v5": (8, 400, "101e"),
    "Standard_ND128isr_NDR_GB200_v6": (4, 400, "101e"),
    "Standard_ND128isr_GB300_v6": (4, 800, "101e"),
}


def test_every_infiniband_machine_of_the_catalog_has_a_row_and_no_other() -> None:
    of_catalog = {
        machine.name for machine in instances() if machine.cloud == "azure" and machine.rdma is Transport.INFINIBAND
    }
    assert set(INFINIBAND) == of_catalog
    assert len(of_catalog) > 5, "the catalog lost its InfiniBand machines"


@pytest.mark.parametrize("name", KNOWN)
def test_cards_and_speed_are_those_of_azure(name: str) -> None:
    cards, speed, device = KNOWN[name]
    row, machine = INFINIBAND[name], instance(name)
    assert (row.cards, row.device) == (cards, device)
    assert machine.rdma_gbps / machine.rdma_nics == speed
    assert fabric_of(machine).devices_per_node == cards, "a pod could ask for more cards than a node has"


@pytest.mark.parametrize("name", sorted(INFINIBAND))
def test_a_row_says_where_it_was_read(name: str) -> None:
    assert INFINIBAND[name].source.startswith("https://learn.microsoft.com/")


def test_only_nodes_with_infiniband_are_labelled() -> None:
    assert fabric_labels(instance("Standard_ND96isr_H100_v5")) == {INFINIBAND_LABEL: "NDR"}
    assert fabric_labels(instance("Standard_ND96asr_v4")) == {INFINIBAND_LABEL: "HDR"}
    assert fabric_labels(instance("Standard_NC24ads_A100_v4")) == {}
    assert infiniband(instance("Standard_D8ds_v6")) is None
