"""What the program of a link is given in tests: the sample's site, and secrets of no consequence."""

from __future__ import annotations

from typing import TypeVar

import pulumi

from components.networks.interconnect.keys import LinkEnds
from components.networks.interconnect.settings import HybridNetwork

_Link = TypeVar("_Link")


def link_of(hybrid: HybridNetwork, kind: type[_Link]) -> _Link:
    """The first link of a kind."""
    return next(link for link in hybrid.links if isinstance(link, kind))


def ends_of(hybrid: HybridNetwork, region: str) -> LinkEnds:
    """The two ends of a link to the sample's first site."""
    return LinkEnds(
        region=region,
        site=hybrid.sites[0],
        site_ranges=["10.40.0.0/16"],
        pre_shared_key=pulumi.Output.secret("example.key.0123"),
        bgp_key=pulumi.Output.secret("example.key"),
        authorization_key=pulumi.Output.secret("example.authorization"),
    )
