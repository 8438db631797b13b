"""A service of a cluster, and whether it has to be deployed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from ..contracts.api_groups import AGGREGATED_APIS, ApiGroup
from ..contracts.cluster_facts import ClusterFacts
from ..contracts.customize import ObjectCustomize
from ..contracts.errors import Problem
from ..contracts.sources import ChartMirror, ImageMirror, Sha256Digest


@dataclass(frozen=True, kw_only=True)
class Service:
    """What can be told of a service before it is loaded.

    Attributes:
        name: Its name, by which facts list it.
        namespace: Where it runs.
        apis: API groups that it brings. A cluster that has one of them has the service already.
        deployments: Deployments that are ready when it works, with their replicas.
        has_daemons: Whether DaemonSets of its namespace are ready when it works.
        owns_namespace: Whether the namespace is made for it.
    """

    name: str
    namespace: str
    apis: tuple[ApiGroup, ...] = ()
    deployments: Mapping[str, int] = field(default_factory=dict[str, int])
    has_daemons: bool = False
    owns_namespace: bool = True

    @property
    def has_aggregated_api(self) -> bool:
        """Whether its pods answer for the API server."""
        return any(api in AGGREGATED_APIS for api in self.apis)


@dataclass(frozen=True, kw_only=True)
class ServiceSources:
    """Where charts and images of services come from, and what is added to their objects.

    Attributes:
        charts: Where charts are taken from in place of their own repositories.
        image_mirror: Registry that replaces the images' own.
        image_digests: Digest by image name of ``contracts.versions.IMAGES``.
        customize: Labels and annotations of the objects that are not a chart's.
    """

    charts: ChartMirror | None = None
    image_mirror: ImageMirror | None = None
    image_digests: Mapping[str, Sha256Digest] = field(default_factory=dict[str, Sha256Digest])
    customize: ObjectCustomize = field(default_factory=ObjectCustomize)


def is_deployed(service: Service, facts: ClusterFacts, *, install: bool | None, needed: bool) -> bool:
    """Whether Strata deploys it; the answer is the same once the facts list it.

    Args:
        service: The service.
        facts: The cluster.
        install: What the user says; None where they leave it to Strata.
        needed: Whether the stack needs it and the cluster comes without.
    """
    if service.name in facts.services:
        return True
    return (needed if install is None else install) and not _present(service, facts)


def doubled_problems(service: Service, facts: ClusterFacts, *, install: bool | None, field: str) -> Iterator[Problem]:
    """A service that is asked for on a cluster that has it.

    Args:
        service: The service.
        facts: The cluster.
        install: What the user says.
        field: Setting by which they say it.
    """
    present = _present(service, facts)
    if install and present and service.name not in facts.services:
        yield Problem(
            field=field,
            cause=f"{facts.name} has {service.name} already: it knows {', '.join(present)}",
            consequence="two of them would own the same definitions and answer for the same objects",
            fix="leave it out, and what is there is used",
        )


def _present(service: Service, facts: ClusterFacts) -> list[ApiGroup]:
    return [group for group in service.apis if group in facts.apis]
