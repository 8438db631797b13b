"""An environment as a value: everything that the program may ask about the place where a cluster lives.

Each package beside this file exports one ``ENVIRONMENT``. It joins functions that know the settings type of
that place; ``bind`` joins it to a target of a stack, and from there on nobody has to know which type that was.
Cloud SDKs take seconds to import, so only ``require_account`` and ``create`` may load one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Generic, Protocol, TypeVar

import pulumi

from ..contracts.api_access import ApiAccess
from ..contracts.cluster_facts import ClusterFacts
from ..contracts.costs import CostLine
from ..contracts.errors import Problem, StrataError
from ..contracts.network_facts import NetworkFacts
from ..contracts.pools import NodePool
from ..contracts.sources import ChartMirror, ImageMirror, Sha256Digest
from .cluster import Cluster
from .deployer_rights import DeployerRights

STATE_FOLDER = ".strata"
"""Folder of the project that holds all state of local runs."""


class Presence(StrEnum):
    """Who makes the cluster, and with it what a run can touch."""

    EMBEDDED = "embedded"
    """A control plane on this machine, which the project starts and ends."""
    GIVEN = "given"
    """A cluster that exists and is reached by its kubeconfig."""
    CLOUD = "cloud"
    """A managed cluster that the engine creates through a cloud's API."""
    HOSTS = "hosts"
    """A cluster that the engine installs on hosts of one's own."""

    @property
    def is_provisioned(self) -> bool:
        """Whether the engine creates the cluster, so that a run can cost money and can be simulated."""
        return self in {Presence.CLOUD, Presence.HOSTS}


@dataclass(frozen=True, kw_only=True)
class SecretNeed:
    """A secret without which the environment cannot be reached.

    Attributes:
        name: Field of the stack's ``secrets`` that names its key.
        consequence: What fails without it.
        fix: How it is set.
    """

    name: str
    consequence: str
    fix: str


@dataclass(frozen=True, kw_only=True)
class EnvironmentContext:
    """What a run tells its environment.

    Attributes:
        project: Folder of the project; relative paths of settings start there.
        now: The time, by which versions and capacity are judged.
        start_command: Command that starts the cluster on this machine, where there is one.
        secrets: Values of the secrets that the stack names, by field of ``secrets``.
        charts: Registry (``oci://…``) or folder in place of the charts' own repositories.
        image_mirror: Registry that replaces the images' own.
        image_digests: Digest by image name.
    """

    project: Path
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    start_command: str | None = None
    secrets: Mapping[str, pulumi.Output[str]] = field(default_factory=dict[str, pulumi.Output[str]])
    charts: ChartMirror | None = None
    image_mirror: ImageMirror | None = None
    image_digests: Mapping[str, Sha256Digest] = field(default_factory=dict[str, Sha256Digest])

    @property
    def state(self) -> Path:
        """Folder of the state of local runs."""
        return self.project / STATE_FOLDER


class Target(Protocol):
    """What every target has, whichever environment it belongs to."""

    @property
    def name(self) -> str:
        """Name of the cluster."""
        ...


TargetT = TypeVar("TargetT", bound=Target)
Pools = Sequence[NodePool]


def downloaded_kubeconfig(target: Target, context: EnvironmentContext) -> Path:
    """Where the command line puts the kubeconfig of a cluster that the engine creates."""
    return context.state / "kubeconfigs" / target.name


def no_paths(target: TargetT, _project: Path) -> TargetT:
    """For targets that name no files to read."""
    return target


def no_problems(_target: Target, _pools: Pools, _now: datetime) -> Iterable[Problem]:
    """For environments without rules of their own."""
    return ()


def no_network(_stack: str, _target: Target) -> NetworkFacts | None:
    """For clusters whose network is not known."""
    return None


def no_costs(_target: Target, _pools: Pools) -> tuple[CostLine, ...]:
    """For clusters that cost nothing, or that somebody else pays for."""
    return ()


def no_api_access(_target: Target) -> ApiAccess | None:
    """For clusters whose API server's network is not the stack's decision."""
    return None


def no_charts(_target: Target) -> Mapping[str, str]:
    """For environments that deploy nothing on their clusters by a chart."""
    return {}


def no_account(_target: Target, _pools: Pools, _context: EnvironmentContext) -> None:
    """For environments without an account to ask."""


def no_hosts(_target: Target) -> None:
    """For environments without hosts to connect to."""


def no_deployer_rights() -> DeployerRights | None:
    """For environments that ask no cloud for anything."""
    return None


@dataclass(frozen=True, kw_only=True)
class Environment(Generic[TargetT]):
    """One kind of place where clusters live.

    Attributes:
        settings: Type of its targets as users write them.
        presence: Who makes the cluster.
        describe: The target in words, such as ``EKS cluster strata-aws in us-east-2``.
        facts: What is known about the cluster before anything runs.
        kubeconfig: Path of the cluster's kubeconfig on this machine.
        create: The cluster as a component; may load an SDK.
        with_paths: The target with paths of files absolute; relative ones start in the folder of the project.
        problems: Settings that the environment would refuse, or accept and never run.
        network: Its network as other environments see it, by name of the stack; None where it is not known.
        costs: What is paid by the hour while nobody uses it.
        api_access: From where the API server can be reached; None where the stack does not decide it.
        secrets: Secrets that it cannot do without.
        charts: Helm charts that it deploys on the cluster, by the setting that asks for each.
        require_account: Asks whether account or cluster can take the stack; may load an SDK; raises StrataError.
        require_hosts: Asks whether every machine answers that is connected to from here; raises StrataError.
        deployer_rights: What whoever deploys has to be allowed at its cloud; None where there is none.
    """

    settings: type[TargetT]
    presence: Presence
    describe: Callable[[TargetT], str]
    facts: Callable[[TargetT, Pools], ClusterFacts]
    kubeconfig: Callable[[TargetT, EnvironmentContext], Path]
    create: Callable[[TargetT, Pools, EnvironmentContext, pulumi.ResourceOptions | None], Cluster]
    with_paths: Callable[[TargetT, Path], TargetT] = no_paths
    problems: Callable[[TargetT, Pools, datetime], Iterable[Problem]] = no_problems
    network: Callable[[str, TargetT], NetworkFacts | None] = no_network
    costs: Callable[[TargetT, Pools], tuple[CostLine, ...]] = no_costs
    api_access: Callable[[TargetT], ApiAccess | None] = no_api_access
    secrets: Sequence[SecretNeed] = ()
    charts: Callable[[TargetT], Mapping[str, str]] = no_charts
    require_account: Callable[[TargetT, Pools, EnvironmentContext], None] = no_account
    require_hosts: Callable[[TargetT], None] = no_hosts
    deployer_rights: Callable[[], DeployerRights | None] = no_deployer_rights

    def bind(self, target: object, pools: Pools, project: Path) -> BoundEnvironment | None:
        """The environment of that target in a project; None when the target is of another one."""
        return _Bound(self, self.with_paths(target, project), pools) if isinstance(target, self.settings) else None


class AnyEnvironment(Protocol):
    """An environment whose settings type does not matter to whoever holds it."""

    @property
    def settings(self) -> type[Target]:
        """Type of its targets."""
        ...

    @property
    def deployer_rights(self) -> Callable[[], DeployerRights | None]:
        """What whoever deploys has to be allowed at its cloud; None where there is none."""
        ...

    def bind(self, target: object, pools: Pools, project: Path) -> BoundEnvironment | None:
        """The environment of that target in a project; None when the target is of another one."""
        ...


class BoundEnvironment(Protocol):
    """An environment joined to one target and its node pools; the fields of ``Environment`` without the target."""

    @property
    def presence(self) -> Presence:
        """Who makes the cluster."""
        ...

    @property
    def name(self) -> str:
        """Name of the cluster."""
        ...

    @property
    def pools(self) -> Pools:
        """Its node pools."""
        ...

    @property
    def secrets(self) -> Sequence[SecretNeed]:
        """Secrets that it cannot do without."""
        ...

    @property
    def charts(self) -> Mapping[str, str]:
        """Helm charts that it deploys on the cluster, by the setting that asks for each."""
        ...

    def describe(self) -> str:
        """The target in words."""
        ...

    def facts(self) -> ClusterFacts:
        """What is known about the cluster before anything runs."""
        ...

    def problems(self, now: datetime) -> Iterable[Problem]:
        """Settings that the environment would refuse, or accept and never run."""
        ...

    def network(self, stack: str) -> NetworkFacts | None:
        """Its network as other environments see it; None where it is not known."""
        ...

    def costs(self) -> tuple[CostLine, ...]:
        """What is paid by the hour while nobody uses it."""
        ...

    def api_access(self) -> ApiAccess | None:
        """From where the API server can be reached; None where the stack does not decide it."""
        ...

    def kubeconfig(self, context: EnvironmentContext) -> Path:
        """Path of the cluster's kubeconfig on this machine."""
        ...

    def require_account(self, context: EnvironmentContext) -> None:
        """Return when account or cluster can take the stack; StrataError with every problem otherwise."""
        ...

    def require_hosts(self) -> None:
        """Return when every machine answers that is connected to from here; StrataError otherwise."""
        ...

    def create(self, context: EnvironmentContext, opts: pulumi.ResourceOptions | None = None) -> Cluster:
        """The cluster as a component."""
        ...


def bind(target: Target, pools: Pools, environments: Sequence[AnyEnvironment], project: Path) -> BoundEnvironment:
    """The environment of a target.

    Args:
        target: The target, as it is written.
        pools: Its node pools.
        environments: Environments that it may belong to.
        project: Folder of the project; relative paths of settings start there.

    Raises:
        StrataError: none of these environments has targets of that type.
    """
    for environment in environments:
        bound = environment.bind(target, pools, project)
        if bound:
            return bound
    raise StrataError.of(
        "target",
        cause=f"no environment of this program has targets of type {type(target).__name__}",
        consequence="nothing is known about the cluster",
        fix="pass its environment to run(environments=…)",
    )


@dataclass(frozen=True)
class _Bound(Generic[TargetT]):
    environment: Environment[TargetT]
    target: TargetT
    pools: Pools

    @property
    def presence(self) -> Presence:
        return self.environment.presence

    @property
    def name(self) -> str:
        return self.target.name

    @property
    def secrets(self) -> Sequence[SecretNeed]:
        return self.environment.secrets

    @property
    def charts(self) -> Mapping[str, str]:
        return self.environment.charts(self.target)

    def describe(self) -> str:
        return self.environment.describe(self.target)

    def facts(self) -> ClusterFacts:
        return self.environment.facts(self.target, self.pools)

    def problems(self, now: datetime) -> Iterable[Problem]:
        return self.environment.problems(self.target, self.pools, now)

    def network(self, stack: str) -> NetworkFacts | None:
        return self.environment.network(stack, self.target)

    def costs(self) -> tuple[CostLine, ...]:
        return self.environment.costs(self.target, self.pools)

    def api_access(self) -> ApiAccess | None:
        return self.environment.api_access(self.target)

    def kubeconfig(self, context: EnvironmentContext) -> Path:
        return self.environment.kubeconfig(self.target, context)

    def require_account(self, context: EnvironmentContext) -> None:
        self.environment.require_account(self.target, self.pools, context)

    def require_hosts(self) -> None:
        self.environment.require_hosts(self.target)

    def create(self, context: EnvironmentContext, opts: pulumi.ResourceOptions | None = None) -> Cluster:
        return self.environment.create(self.target, self.pools, context, opts)
