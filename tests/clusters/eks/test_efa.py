from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from components.clusters.eks.efa import (
    InterfaceKind,
    NetworkInterface,
    network_interfaces,
)
from components.clusters.eks.settings import EfaLayout
from components.contracts.fabric import Transport
from components.planner.catalogs.efa_cards import efa_cards
from components.planner.catalogs.instances import instances
from components.planner.fabrics import fabric_of

EFA_CARDS = efa_cards()
GOLDEN = Path(__file__).with_name("efa_interfaces.golden.txt")
EFA_TYPES = [machine for machine in instances() if machine.rdma is Transport.EFA]
CASES = [(machine.name, layout) for machine in EFA_TYPES for layout in EfaLayout]
# The layouts that people get wrong, spelt out here from AWS' own pages and generator, not computed.
KNOWN: dict[tuple[str, EfaLayout], tuple[int, int]] = {
    # type, layout: interfaces, addresses of the subnet
    ("g5.48xlarge", EfaLayout.IP_OPTIMISED): (2, 1),
    ("g6e.48xlarge", EfaLayout.IP_OPTIMISED): (5, 1),
    ("g6e.48xlarge", EfaLayout.BANDWIDTH_OPTIMISED): (4, 4),
    ("g7e.24xlarge", EfaLayout.BANDWIDTH_OPTIMISED): (2, 2),
    ("p4d.24xlarge", EfaLayout.IP_OPTIMISED): (5, 1),
    ("p4d.24xlarge", EfaLayout.BANDWIDTH_OPTIMISED): (4, 4),
    ("p5.4xlarge", EfaLayout.BANDWIDTH_OPTIMISED): (2, 1),
    ("p5.48xlarge", EfaLayout.IP_OPTIMISED): (33, 1),
    ("p5.48xlarge", EfaLayout.BANDWIDTH_OPTIMISED): (40, 8),
    ("p5en.48xlarge", EfaLayout.IP_OPTIMISED): (17, 1),
    ("p5en.48xlarge", EfaLayout.BANDWIDTH_OPTIMISED): (24, 8),
    ("p6-b200.48xlarge", EfaLayout.IP_OPTIMISED): (9, 1),
    ("p6-b200.48xlarge", EfaLayout.BANDWIDTH_OPTIMISED): (16, 8),
    ("p6-b300.48xlarge", EfaLayout.IP_OPTIMISED): (17, 1),
    ("p6-b300.48xlarge", EfaLayout.BANDWIDTH_OPTIMISED): (33, 17),
    ("p6e-gb200.36xlarge", EfaLayout.IP_OPTIMISED): (5, 1),
    ("p6e-gb200.36xlarge", EfaLayout.BANDWIDTH_OPTIMISED): (9, 5),
}


def rendered() -> str:
    return "".join(
        f"{name}, {layout.value}\n"
        + "".join(
            f"  card {interface.card:2} device {interface.device}  {interface.kind.value}\n"
            for interface in network_interfaces(name, layout)
        )
        for name, layout in CASES
    )


def test_the_interfaces_are_those_of_the_golden_file(request: pytest.FixtureRequest) -> None:
    if request.config.getoption("--update-golden"):
        GOLDEN.write_text(rendered())
    assert rendered() == GOLDEN.read_text(), "interfaces changed; every node group of such machines would be replaced"


def test_every_efa_machine_of_the_catalog_has_a_row_and_no_other() -> None:
    assert set(EFA_CARDS) == {machine.name for machine in EFA_TYPES}
    assert len(EFA_CARDS) > 30, "the catalog lost its EFA machines"


@pytest.mark.parametrize("name", sorted(EFA_CARDS))
def test_a_row_says_where_it_was_read_and_stays_within_its_cards(name: str) -> None:
    row = EFA_CARDS[name]
    assert row.source
    assert set(row.efa) | set(row.addresses) <= set(range(row.cards))


@pytest.mark.parametrize(("name", "layout"), CASES, ids=str)
def test_ec2_would_take_the_interfaces(name: str, layout: EfaLayout) -> None:
    interfaces = network_interfaces(name, layout)
    places = [(interface.card, interface.device) for interface in interfaces]
    assert len(set(places)) == len(places), "two interfaces in one place"
    assert places[0] == (0, 0), "an instance needs its primary interface"
    assert interfaces[0].kind is not InterfaceKind.EFA_ONLY, "the primary interface needs an address"
    assert all(interface.device in {0, 1} for interface in interfaces), "cards hold two interfaces for certain, no more"
    assert max(Counter(interface.card for interface in interfaces if interface.has_efa).values()) == 1, (
        "one EFA device per card"
    )


@pytest.mark.parametrize(("name", "layout"), CASES, ids=str)
def test_the_planner_counts_on_exactly_these_devices(name: str, layout: EfaLayout) -> None:
    machine = next(instance for instance in EFA_TYPES if instance.name == name)
    devices = sum(interface.has_efa for interface in network_interfaces(name, layout))
    assert devices == machine.rdma_nics == fabric_of(machine).devices_per_node


@pytest.mark.parametrize(("case", "expected"), KNOWN.items(), ids=str)
def test_known_layouts(case: tuple[str, EfaLayout], expected: tuple[int, int]) -> None:
    interfaces = network_interfaces(*case)
    assert (len(interfaces), sum(interface.has_address for interface in interfaces)) == expected


def test_the_first_card_of_b300_machines_has_no_efa() -> None:
    interfaces = network_interfaces("p6-b300.48xlarge", EfaLayout.IP_OPTIMISED)
    assert [interface for interface in interfaces if interface.card == 0] == [
        NetworkInterface(card=0, device=0, kind=InterfaceKind.ENA)
    ]


@pytest.mark.parametrize("name", ["m7i.2xlarge", "g5.xlarge", "g6e.4xlarge"])
def test_machines_without_efa_have_no_interfaces_of_their_own(name: str) -> None:
    assert network_interfaces(name, EfaLayout.BANDWIDTH_OPTIMISED) == ()
