from __future__ import annotations

from components.clusters.gke.costs import gke_costs
from components.contracts.capacity import FlexStart, OnDemand, Spot
from components.contracts.costs import CostLine, known_total

from .pools import gpu_pool, system_pool, target


def line(lines: tuple[CostLine, ...], beginning: str) -> CostLine:
    return next(entry for entry in lines if entry.item.startswith(beginning))


def test_machines_cost_their_list_price_wherever_it_was_read() -> None:
    lines = gke_costs(target(), [gpu_pool("a3-ultragpu-8g").model_copy(update={"capacity": OnDemand()})])
    machines = line(lines, "gpus: 2 × a3-ultragpu-8g")
    assert machines.usd_per_hour == 2 * 83.49
    assert "us-central1 may differ" in machines.note


def test_what_has_no_known_price_is_listed_and_never_free() -> None:
    lines = gke_costs(target(), [system_pool(), gpu_pool()])
    for beginning in ("gpus", "system", "Cloud NAT", "shared files"):
        assert line(lines, beginning).usd_per_hour is None
    assert known_total(lines) == 0.10, "the control plane is all that has a known price"


def test_machines_without_a_fixed_price_name_the_one_on_demand() -> None:
    spot = gpu_pool("a3-ultragpu-8g").model_copy(update={"capacity": Spot(kind="spot")})
    machines = line(gke_costs(target(), [spot]), "gpus")
    assert machines.usd_per_hour is None
    assert "$166.98 on demand" in machines.note
    waiting = spot.model_copy(update={"capacity": FlexStart(kind="flex-start")})
    assert "until there is work" in line(gke_costs(target(), [waiting]), "gpus").note


def test_an_adopted_control_plane_is_not_on_the_bill() -> None:
    adopted = target().model_copy(update={"adopt_cluster": True})
    assert not any(entry.item.startswith("control plane") for entry in gke_costs(adopted, [system_pool()]))
