"""Records that external-dns writes into zones of the account while it runs on a cluster.

Owns what it is taken to do: names of load balancers as Services say them, a TXT record beside each that says whose,
and nothing in zones that its identity may not write to. Which zones there are, and who may write, each cloud says.
Source: kubernetes-sigs/external-dns v0.22.0, ``controller``, ``plan/policy.go`` and ``docs/registry/txt.md``.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from pydantic import Field

from ..control_plane.api import Answer, Api
from .service_controllers import Service, repository
from .store import Account, Record, Store

_IMAGE = "external-dns/external-dns"
# Of v0.22.0 (docs/flags.md); releases before it read ``external-dns.alpha.kubernetes.io/``.
_ANNOTATIONS = "external-dns.kubernetes.io/"
_KIND_IN_PREFIX = "%{record_type}"


@dataclass(frozen=True, kw_only=True)
class Writer:
    """Whose pods write.

    Attributes:
        cluster: Name of the cluster in the cloud.
        namespace: Namespace of their service account.
        account: Its name.
    """

    cluster: str
    namespace: str
    account: str


@dataclass(frozen=True, kw_only=True)
class DnsService:
    """The zones of one cloud.

    Attributes:
        source: Documentation of who may write.
        provider: Its name in external-dns.
        zone: Type of a zone.
        record: Type of a record.
        domain: Domain of a zone.
        may_write: Whether the pods' identity may change records of a zone.
    """

    source: str
    provider: str
    zone: str
    record: str
    domain: Callable[[Record], str]
    may_write: Callable[[Account, Writer, Record], bool]


class _Sleep(Answer):
    seconds: float = 0


class _Hook(Answer):
    sleep: _Sleep | None = None


class _Lifecycle(Answer):
    before_end: _Hook | None = Field(None, alias="preStop")


class _Container(Answer):
    image: str = ""
    args: list[str] = []
    lifecycle: _Lifecycle | None = None

    def values(self, argument: str) -> list[str]:
        start = f"--{argument}="
        return [given.removeprefix(start) for given in self.args if given.startswith(start)]

    def value(self, argument: str) -> str:
        return next(iter(self.values(argument)), "")

    @property
    def outlives(self) -> float:
        """Seconds for which it goes on once it is to end."""
        hook = self.lifecycle.before_end if self.lifecycle else None
        return hook.sleep.seconds if hook and hook.sleep else 0


class _PodSpec(Answer):
    containers: list[_Container] = []
    service_account: str | None = Field(None, alias="serviceAccountName")


class _Template(Answer):
    spec: _PodSpec


class _DeploymentSpec(Answer):
    template: _Template


class _Status(Answer):
    ready: int = Field(0, alias="readyReplicas")


class _Metadata(Answer):
    name: str
    namespace: str = ""


class _Deployment(Answer):
    metadata: _Metadata
    spec: _DeploymentSpec
    status: _Status | None = None


class _Deployments(Answer):
    items: list[_Deployment]


class _Services(Answer):
    items: list[Service]


@dataclass(frozen=True)
class _Program:
    namespace: str
    account: str
    container: _Container


@dataclass
class NameWriter:
    """external-dns of one cluster, also while it ends: simulated nodes take pods away without waiting for their hooks.

    Attributes:
        zones: Zones of the cloud.
        cluster: Name of the cluster in the cloud.
    """

    zones: DnsService
    cluster: str
    _seen: _Program | None = field(default=None, init=False)
    _last: float = field(default=0, init=False)

    def write(self, api: Api, store: Store) -> None:
        """Bring records in line with the Services that there are, once.

        Args:
            api: The cluster.
            store: Its cloud's account.
        """
        running = _running(api)
        if running:
            self._seen, self._last = running, time.monotonic()
        program = self._seen
        if program is None:
            return
        if running is None and time.monotonic() > self._last + program.container.outlives:
            return
        services = _Services.model_validate_json(api.get("/api/v1/services")).items
        with store.transaction() as account:
            self._change(account, program, services)

    def _change(self, account: Account, program: _Program, services: Sequence[Service]) -> None:
        told = program.container
        writer = Writer(cluster=self.cluster, namespace=program.namespace, account=program.account)
        if told.value("provider") != self.zones.provider:
            return
        owner = told.value("txt-owner-id")
        wanted = {record.identifier: record for record in self._wanted(account, program, services)}
        for record in wanted.values():
            if account.get(record.kind, record.identifier) is None:
                account.put(record)
        for record in account.records(self.zones.record) if told.value("policy") == "sync" else ():
            zone = account.get(self.zones.zone, record.text("zone"))
            gone = record.text("owner") == owner and record.identifier not in wanted
            if gone and zone is not None and self.zones.may_write(account, writer, zone):
                account.remove(record.kind, record.identifier)

    def _wanted(self, account: Account, program: _Program, services: Sequence[Service]) -> Iterator[Record]:
        told = program.container
        writer = Writer(cluster=self.cluster, namespace=program.namespace, account=program.account)
        domains, ids = told.values("domain-filter"), told.values("zone-id-filter")
        zones = [
            zone
            for zone in account.records(self.zones.zone)
            if (not domains or self.zones.domain(zone) in domains)
            and (not ids or any(zone.identifier.endswith(given) for given in ids))
            and self.zones.may_write(account, writer, zone)
        ]
        hostname = f"{told.value('annotation-prefix') or _ANNOTATIONS}hostname"
        for service in services:
            for name in service.annotation(hostname).split(","):
                zone = next((zone for zone in zones if f".{name}".endswith(f".{self.zones.domain(zone)}")), None)
                if name and zone is not None and service.has_balancer:
                    kind = "CNAME" if service.address[-1].isalpha() else "A"
                    yield from self._records(zone, told, name, kind, service.address)

    def _records(self, zone: Record, told: _Container, name: str, kind: str, address: str) -> Iterator[Record]:
        marked = _name_of_mark(told.value("txt-prefix"), name, kind)
        has_mark = marked.endswith(f".{self.zones.domain(zone)}")
        owner = told.value("txt-owner-id") if has_mark else ""
        mark = f"heritage=external-dns,external-dns/owner={owner}"
        written_ones = ((name, kind, address), *(((marked, "TXT", mark),) if has_mark else ()))
        for written, of_kind, value in written_ones:
            yield Record(
                kind=self.zones.record,
                identifier=f"{zone.identifier}/{written}/{of_kind}",
                inputs={"zone": zone.identifier, "owner": owner, "name": written, "type": of_kind, "value": value},
            )


def _name_of_mark(prefix: str, name: str, kind: str) -> str:
    """Where the TXT record of a name is; outside of its zone none is written (``registry/mapper/mapper.go``)."""
    said = prefix.replace(_KIND_IN_PREFIX, kind.lower())
    return f"{said}{name}" if _KIND_IN_PREFIX in prefix else f"{said}{kind.lower()}-{name}"


def _running(api: Api) -> _Program | None:
    deployments = _Deployments.model_validate_json(api.get("/apis/apps/v1/deployments")).items
    for deployment in deployments:
        spec = deployment.spec.template.spec
        for container in spec.containers:
            is_ready = deployment.status is not None and deployment.status.ready > 0
            if is_ready and repository(container.image).endswith(_IMAGE):
                return _Program(deployment.metadata.namespace, spec.service_account or "default", container)
    return None
