"""Ranges of addresses: what nobody can use is called by its name, and proposals work."""

from __future__ import annotations

from ipaddress import IPv4Network

import pytest

from components.clusters.rules.address_ranges import (
    GOOGLE_RANGES,
    AddressRange,
    free_range,
    network_range_problems,
    overlap_problems,
)

UNUSABLE = {
    "0.0.0.0/16": "this network",
    "127.0.0.0/16": "loopback",
    "169.254.0.0/16": "link-local",
    "192.0.2.0/24": "documentation",
    "198.51.100.0/24": "documentation",
    "203.0.113.0/24": "documentation",
    "224.0.0.0/16": "multicast",
    "240.0.0.0/16": "reserved",
    "255.255.255.255/32": "reserved",
    "8.8.0.0/16": "public",
}


@pytest.mark.parametrize(("cidr", "said"), UNUSABLE.items())
def test_an_unusable_range_is_called_by_its_name(cidr: str, said: str) -> None:
    (problem,) = network_range_problems("a", cidr, largest=16, smallest=32, reason="")
    assert said in problem.cause
    assert ("public" in problem.cause) == (said == "public")
    assert "10.0.0.0" in problem.fix


@pytest.mark.parametrize("cidr", ["10.0.0.0/16", "172.31.0.0/16", "192.168.0.0/16", "100.64.0.0/16", "198.19.0.0/16"])
def test_private_ranges_are_right(cidr: str) -> None:
    assert list(network_range_problems("a", cidr, largest=16, smallest=28, reason="")) == []


def test_google_takes_class_e() -> None:
    found = network_range_problems("a", "240.0.0.0/16", largest=9, smallest=28, reason="", allowed=GOOGLE_RANGES)
    assert list(found) == []


@pytest.mark.parametrize("cidr", ["0.0.0.0/0", "10.0.0.0/8", "10.0.0.0/30", "8.0.0.0/7"])
def test_a_wrong_size_is_one_problem_whose_proposal_has_the_right_size(cidr: str) -> None:
    (problem,) = network_range_problems("a", cidr, largest=16, smallest=28, reason="too many or too few")
    proposed = IPv4Network(problem.fix.rpartition(" ")[2])
    assert "holds" in problem.cause
    assert 16 <= proposed.prefixlen <= 28
    assert list(network_range_problems("a", str(proposed), largest=16, smallest=28, reason="")) == []


def test_a_proposal_avoids_other_ranges() -> None:
    others = ["10.0.0.0/9", "10.128.0.0/10", "10.192.0.0/16"]
    (problem,) = network_range_problems("a", "10.0.0.0/8", largest=16, smallest=28, reason="", others=others)
    assert problem.fix.endswith("10.193.0.0/16")


@pytest.mark.parametrize(
    ("prefix", "taken", "free"),
    [
        (16, [], "10.0.0.0/16"),
        (8, ["10.5.0.0/16"], None),
        (16, ["10.0.0.0/8"], "172.16.0.0/16"),
        (24, ["10.0.0.128/25", "10.0.1.0/32"], "10.0.2.0/24"),
        (32, ["0.0.0.0/0"], None),
        (0, [], None),
    ],
)
def test_free_ranges(prefix: int, taken: list[str], free: str | None) -> None:
    assert free_range(prefix, taken) == (free and IPv4Network(free))


def test_what_overlaps_several_ranges_is_one_problem() -> None:
    ranges = [
        AddressRange(field="a", purpose="the nodes", cidr="10.0.0.0/16"),
        AddressRange(field="b", purpose="the pods", cidr="10.1.0.0/16"),
        AddressRange(field="c", purpose="the services", cidr="10.0.0.0/12"),
    ]
    (problem,) = overlap_problems(ranges)
    assert (problem.field, problem.fix.endswith("such as 10.16.0.0/12")) == ("c", True)
    assert "the nodes and 10.1.0.0/16 of the pods" in problem.cause
