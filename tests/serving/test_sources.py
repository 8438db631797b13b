"""Public registries and hubs need a way to the internet."""

from __future__ import annotations

import pytest

from components.serving.sources import PUBLIC_HUB, source_problems
from tests.planner.clusters import MIXED

INSIDE = MIXED.model_copy(update={"internet": False})
MIRROR, HUB = "registry.example.com/mirror", "https://hub.example.com"


@pytest.mark.parametrize(
    ("mirror", "hub", "blamed"),
    [
        (None, PUBLIC_HUB, "options.image_mirror"),
        (None, HUB, "options.image_mirror"),
        (MIRROR, PUBLIC_HUB, "options.hub_url"),
    ],
)
def test_a_public_source_without_a_way_out_is_one_problem(mirror: str | None, hub: str, blamed: str) -> None:
    assert [problem.field for problem in source_problems(INSIDE, mirror, hub)] == [blamed]
    assert list(source_problems(MIXED, mirror, hub)) == [], "with NAT all of them can be asked"


def test_sources_inside_need_none() -> None:
    assert list(source_problems(INSIDE, MIRROR, HUB)) == []
