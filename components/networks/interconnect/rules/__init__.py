"""Mistakes by which links carry nothing or the wrong traffic, checked over all environments at once.

Every check is pure and runs before anything is created; what only a cloud knows, such as whether a
circuit is connected by now, is checked by the module that declares its links.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ....contracts.errors import Problem
from ....contracts.network_facts import NetworkFacts
from ..settings import HybridNetwork
from . import addresses, asns, attachments, circuits, ends, express_route, fallbacks, prefixes, sessions


def link_problems(hybrid: HybridNetwork, networks: Mapping[str, NetworkFacts]) -> Iterator[Problem]:
    """Everything that is wrong with the links, over all environments.

    Args:
        hybrid: Links, sites and environments.
        networks: Facts of the environments by stack; one that is missing is reported as a problem.
    """
    yield from ends.end_problems(hybrid, networks)
    # What such a link says about its cloud has no meaning in another one.
    elsewhere = tuple(
        f"links[{index}]."
        for index, link in enumerate(hybrid.links)
        if ends.leads_elsewhere(link, networks.get(link.environment))
    )
    for check in (
        addresses.address_problems,
        prefixes.prefix_problems,
        asns.asn_problems,
        attachments.attachment_problems,
        circuits.circuit_problems,
        sessions.session_problems,
        express_route.express_route_problems,
        fallbacks.fallback_problems,
    ):
        yield from (problem for problem in check(hybrid, networks) if not problem.field.startswith(elsewhere))
