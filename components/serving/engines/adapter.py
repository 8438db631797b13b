"""What an engine adapter answers: everything that differs between inference servers.

Free of Pulumi, so that a server's command line can be tested and shown without an engine run.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Protocol

from ...contracts.fabric import INSIDE_NODE, PodFabric
from ...contracts.quantities import Duration
from ...contracts.serving import RolePlan, ServingPlan
from ...contracts.versions import Image
from .option_values import OptionValue


@dataclass(frozen=True, kw_only=True)
class EngineMetrics:
    """Names of the metrics by which a server is scaled and routed, as the engine exports them."""

    waiting: str
    running: str
    kv_usage: str
    model_label: str
    """Label that holds the served model's name."""


@dataclass(frozen=True, kw_only=True)
class EngineServer:
    """One container that serves a model.

    Attributes:
        command: argv, never a shell string.
        environment: Variables by name; whatever is written goes below ``/tmp``.
        health_path: Answers 200 while the engine lives.
        ready_path: Answers 200 once the model can be asked.
    """

    image: Image
    command: tuple[str, ...]
    environment: dict[str, str]
    port: int
    health_path: str
    ready_path: str
    metrics_path: str
    metrics: EngineMetrics


@dataclass(frozen=True, kw_only=True)
class ServerRequest:
    """What an adapter needs to write a command line.

    Attributes:
        plan: The model's plan.
        role: The group of replicas to start.
        model_path: Directory of the checkpoint.
        draft_path: Directory of a draft head's checkpoint; empty where the plan has none.
        served_name: Name that clients send as ``model``.
        drain: How long answers under way may take after SIGTERM.
        fabric: What the pod has of the pool's fabric.
        further_arguments: Arguments that the user adds; none of them is owned.
    """

    plan: ServingPlan
    role: RolePlan
    model_path: str
    served_name: str
    drain: Duration
    draft_path: str = ""
    fabric: PodFabric = INSIDE_NODE
    further_arguments: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class EngineOptions:
    """Every long option of one release of an engine.

    Attributes:
        owned: Options that nobody but Strata may write, with the reason.
        free: Options that users may add.
        keys: For each free option that takes an object, the keys that users may write in it.
        values: What each free option takes, under its name and an empty text, and each of those keys.
        needs: Free options without which others end the server, by the name of the other.
    """

    owned: Mapping[str, str]
    free: Collection[str]
    keys: Mapping[str, Collection[str]]
    values: Mapping[tuple[str, str], OptionValue]
    needs: Mapping[str, str]


class EngineAdapter(Protocol):
    """One engine in a range of versions."""

    @property
    def options(self) -> EngineOptions:
        """The long options of the pinned release."""
        ...

    @property
    def owned_variables(self) -> Collection[str]:
        """Variables that nobody else may set."""
        ...

    def server(self, request: ServerRequest) -> EngineServer:
        """The container for this request."""
        ...
