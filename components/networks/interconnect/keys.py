"""What a link gets besides its settings: its site, its keys, and the gate that holds back its circuits.

Owns what is the same for every cloud; imports no cloud's SDK.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import pulumi

from ...contracts.errors import Problem
from .settings import CircuitState, Site

Session: TypeAlias = "dict[str, pulumi.Input[str] | pulumi.Input[int]]"
"""Configuration of a site's router for one BGP session: addresses, numbers, VLAN, metric."""


@dataclass(frozen=True, kw_only=True)
class LinkEnds:
    """What is at both ends of a link.

    Attributes:
        region: The environment's region.
        site: Where the link ends.
        site_ranges: Networks that the environment reaches there.
        protect: Whether ordered circuits are protected from deletion.
        pre_shared_key: Key of the VPN's tunnels.
        bgp_key: MD5 key of the circuits' sessions.
        authorization_key: Authorisation to use a circuit of another subscription.
    """

    region: str
    site: Site
    site_ranges: Sequence[str]
    protect: bool = True
    pre_shared_key: pulumi.Output[str] | None = None
    bgp_key: pulumi.Output[str] | None = None
    authorization_key: pulumi.Output[str] | None = None


@dataclass(frozen=True, kw_only=True)
class Gate:
    """A circuit that has to be connected before anything is made on it.

    Attributes:
        field: Setting that claims so, such as ``links[aws].ports[a].state``.
        ready: States by which the cloud says that a circuit is connected.
    """

    field: str
    ready: Collection[str]

    def open(self, identifier: pulumi.Output[str], state: pulumi.Output[str | None]) -> pulumi.Output[str]:
        """The circuit's id, once the cloud says that it is connected; the run ends with a message otherwise."""
        return pulumi.Output.all(identifier=identifier, state=state).apply(
            lambda known: self._checked(str(known["identifier"]), str(known["state"] or ""))
        )

    def _checked(self, identifier: str, state: str) -> str:
        # Empty where the cloud does not report it, such as for circuits of another account.
        if state and state not in self.ready:
            problem = Problem(
                field=self.field,
                cause=f"says {CircuitState.PROVISIONED.value}, but the cloud calls {identifier} {state!r}",
                consequence="interfaces on it would be refused, or wait for hours",
                fix=f"write {CircuitState.ORDERED.value} until the cross-connect is done; the VPN needs no circuit",
            )
            raise pulumi.RunError(str(problem))
        return identifier
