"""A stack of links between environments. It is not a list of layers, because it has no cluster of its own.

Links of an environment that was never up are left out with a warning. An environment that was up when its links were
created and is not up any more is refused: leaving its links out would delete circuits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network

import pulumi

from components.clusters.environment import BoundEnvironment
from components.contracts.cluster_facts import ClusterFacts
from components.contracts.costs import CostLine
from components.contracts.errors import Problem, StrataError, raise_problems
from components.contracts.network_facts import NetworkFacts
from components.contracts.serving import ServingPlan
from components.networks.interconnect.settings import HybridLink, HybridNetwork, Site

from .below import Need, NotUpError
from .guards import StackState
from .layers.layer import Run, Workload
from .layers.parts import PartT
from .layers.promises import Promise
from .mode import Mode, make_command
from .outputs import network_of, read_own_state
from .stack import OtherStacks, Stack

SESSIONS = "sessions"
"""Output with the BGP sessions to configure on the sites' routers, by link."""


class LinksStack:
    """The settings of a stack of links."""

    def __init__(self, scope: str, settings: HybridNetwork) -> None:
        self.scope = scope
        self.settings = settings
        self.environment: BoundEnvironment | None = None
        self.cluster_stack: str | None = None
        self.sessions_output: str | None = SESSIONS

    @property
    def needs(self) -> Sequence[Need]:
        """The environments; links of those that are not up are left out."""
        return [Need(field="environments", stack=name, optional=True) for name in self.settings.environments]

    def part(self, kind: type[PartT]) -> PartT | None:
        """The settings where they are of that type; a stack of links has no layers."""
        return self.settings if isinstance(self.settings, kind) else None

    def describe(self) -> str:
        """A description of the links."""
        links = ", ".join(link.name for link in self.settings.links)
        return f"links between {', '.join(self.settings.environments)}: {links}"

    def costs(self) -> tuple[CostLine, ...]:
        """Empty: prices of links are not known."""
        return ()

    def expected_network(self, name: str) -> NetworkFacts | None:  # noqa: ARG002
        """None: links have no network of their own."""
        return None

    def expected(self, layer: str) -> tuple[object, ...]:  # noqa: ARG002
        """Empty: no stack builds on links."""
        return ()

    def expected_contributions(self, facts: ClusterFacts) -> ClusterFacts:
        """Links add nothing to a cluster."""
        return facts

    def facts(self, others: OtherStacks) -> ClusterFacts:  # noqa: ARG002
        """Never returns: links have no cluster."""
        raise StrataError.of(
            "scope",
            cause="the stack holds links only",
            consequence="it has no cluster",
            fix="name a stack with a cluster",
        )

    def check(self, others: OtherStacks) -> CheckedLinks:
        """Check the links against all environments, from their stacks' outputs or their files."""
        from components.networks.interconnect.rules import link_problems  # noqa: PLC0415 - of no use to other stacks

        networks = networks_of(self.settings.environments, others)
        raise_problems(link_problems(self.settings, networks))
        return CheckedLinks(settings=self.settings, networks=networks, mode=others.mode)


@dataclass(frozen=True, kw_only=True)
class CheckedLinks:
    """A stack of links with valid settings.

    Attributes:
        settings: What the stack's file says.
        networks: Facts of all environments.
        mode: Whether the environments are real.
    """

    settings: HybridNetwork
    networks: Mapping[str, NetworkFacts]
    mode: Mode
    missing: NotUpError | None = None

    @property
    def plans(self) -> Mapping[str, ServingPlan]:
        """Links serve no models."""
        return {}

    @property
    def notes(self) -> Sequence[str]:
        """There is nothing to say of links."""
        return ()

    @property
    def workloads(self) -> Sequence[Workload]:
        """Links run no pods."""
        return ()

    @property
    def promises(self) -> Sequence[Promise]:
        """Links are on no cluster."""
        return ()

    def require_ready(self, run: Run, start_command_below: str | None) -> None:
        """Nothing to check: an environment that does not answer must not block the links of others."""

    def declare(self, run: Run) -> None:
        """Declare the links whose environments are up."""
        joined = joined_links(self.settings, self.networks, read_own_state(), self.mode)
        declare_links(joined, self.networks, run.secret, run.mark)


def networks_of(environments: Iterable[str], others: OtherStacks) -> dict[str, NetworkFacts]:
    """The networks of environments by stack: from outputs where stacks are up, otherwise from their files.

    Raises:
        StrataError: A file is invalid, or another version brought a stack up.
    """
    found = {name: _network(name, others) for name in environments}
    return {name: facts for name, facts in found.items() if facts}


def _network(stack: str, others: OtherStacks) -> NetworkFacts | None:
    if others.prefer_files:
        return _of_file(stack, others.file) or network_of(stack, others.outputs(stack))
    return network_of(stack, others.outputs(stack)) or _of_file(stack, others.file)


def _of_file(stack: str, file: Callable[[str], Stack | None]) -> NetworkFacts | None:
    found = file(stack)
    return found.expected_network(stack) if found else None


def joined_links(
    settings: HybridNetwork, networks: Mapping[str, NetworkFacts], state: StackState, mode: Mode
) -> HybridNetwork:
    """The settings with the links whose environments are up; warns of the others.

    Args:
        settings: What the stack's file says.
        networks: Facts of all environments.
        state: What the stack holds before this run.
        mode: Whether the environments are real; decides which commands the messages name.

    Raises:
        StrataError: A link exists whose environment is not up any more.
    """
    waiting = [link for link in settings.links if networks[link.environment].attachment is None]
    lost = [_lost(link, mode) for link in waiting if state.has_component("networks", link.name)]
    if lost:
        raise StrataError(lost)
    for link in waiting:
        pulumi.warn(
            f"link {link.name} is left out: {link.environment} is not up; then run this again "
            f"({make_command('up', link.environment, mode)})"
        )
    return settings.model_copy(update={"links": tuple(link for link in settings.links if link not in waiting)})


def _lost(link: HybridLink, mode: Mode) -> Problem:
    return Problem(
        field=f"links {link.name}: environment",
        cause=f"{link.environment} is not up any more, and the link was made for it",
        consequence="leaving the link out would delete its gateways and circuits",
        fix=f"{make_command('up', link.environment, mode)}, or remove the link from the settings",
    )


def declare_links(
    settings: HybridNetwork,
    networks: Mapping[str, NetworkFacts],
    value: Callable[[str], pulumi.Output[str]],
    mark: pulumi.Resource | None = None,
) -> None:
    """Declare every link of the settings; loads only the SDKs of the clouds that they use.

    Args:
        settings: Links whose environments are up.
        networks: Facts of all environments.
        value: Gives the value of a secret's key.
        mark: Parent of what a simulated cloud makes; None for everything else.
    """
    opts = pulumi.ResourceOptions(parent=mark) if mark else None
    from components.networks.interconnect.declare import declare_link  # noqa: PLC0415 - of no use to other stacks
    from components.networks.interconnect.keys import LinkEnds, Session  # noqa: PLC0415

    sessions: dict[str, Sequence[Session]] = {}
    for link in settings.links:
        facts, site = networks[link.environment], settings.site(link.site)
        if site:
            ends = LinkEnds(
                region=facts.region,
                site=site,
                site_ranges=_site_ranges(site, networks),
                protect=settings.circuits.protect,
                pre_shared_key=_key(settings.secrets.pre_shared_keys, link, value),
                bgp_key=_key(settings.secrets.bgp_keys, link, value),
                authorization_key=_key(settings.secrets.authorization_keys, link, value),
            )
            sessions[link.name] = declare_link(link, facts, ends, opts)
    pulumi.export(SESSIONS, sessions)


def _key(
    names: Mapping[str, str], link: HybridLink, value: Callable[[str], pulumi.Output[str]]
) -> pulumi.Output[str] | None:
    return value(names[link.name]) if link.name in names else None


def _site_ranges(site: Site, networks: Mapping[str, NetworkFacts]) -> list[str]:
    facts = networks.get(site.stack or "")
    own = [routed.network for routed in facts.routed] if facts else []
    return [str(network) for network in sorted({*own, *(IPv4Network(cidr) for cidr in site.ranges)})]
