"""What a stack hands to the stacks that build on it, and to the next run of itself.

Owns names and forms of the outputs, and reading them at preview, when the stack they come from is up.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import cast

import pulumi
from pydantic import BaseModel, ConfigDict, ValidationError

from components.clusters import Cluster, StaticVolume, VolumeSource
from components.contracts.cluster_facts import ClusterFacts
from components.contracts.costs import CostLine, known_total
from components.contracts.errors import StrataError
from components.contracts.network_facts import NetworkFacts

from .guards import StackState
from .reading import PROJECT
from .yaml_file import Value

CLUSTER_FACTS, VOLUME_SOURCES, KUBECONFIG, NAMESPACE = "cluster_facts", "volume_sources", "kubeconfig", "namespace"
NETWORK_FACTS = "network_facts"
FOUNDATION = "foundation"
"""Output of a platform with the stack whose cluster it is on."""
COST_PER_HOUR = "cost_per_hour"
"""Output with what the stack costs, by which a later preview knows the difference."""


class _Model(BaseModel):
    model_config = ConfigDict(extra="ignore")


class _Volume(_Model):
    driver: str
    handle: str
    attributes: dict[str, str]
    capacity: str


class _Source(_Model):
    parameters: dict[str, str]
    volume: _Volume | None = None

    def source(self) -> VolumeSource:
        volume = self.volume
        return VolumeSource(
            parameters=self.parameters,
            volume=StaticVolume(
                driver=volume.driver, handle=volume.handle, attributes=volume.attributes, capacity=volume.capacity
            )
            if volume
            else None,
        )


class FoundationOutputs(_Model):
    """The plain outputs of a foundation; the kubeconfig is a secret and stays an output."""

    cluster_facts: ClusterFacts
    volume_sources: dict[str, _Source]

    def sources(self) -> dict[str, VolumeSource]:
        """What is known of the storage classes, by name."""
        return {name: source.source() for name, source in self.volume_sources.items()}


def export_cluster(cluster: Cluster) -> None:
    """Hand the cluster to the stacks that build on it."""
    pulumi.export(CLUSTER_FACTS, cluster.facts.model_dump(mode="json"))
    pulumi.export(
        VOLUME_SOURCES,
        {
            name: {
                "parameters": dict(source.parameters),
                "volume": vars(source.volume) if source.volume else None,
            }
            for name, source in cluster.volume_sources.items()
        },
    )
    pulumi.export(KUBECONFIG, pulumi.Output.secret(cluster.kubeconfig))


def export_platform(namespace: pulumi.Input[str], foundation: str) -> None:
    """Hand the namespace to the stacks of model servers, and say on whose cluster it is."""
    pulumi.export(NAMESPACE, namespace)
    pulumi.export(FOUNDATION, foundation)


class DeployedCosts(_Model):
    """What a stack costs, as it stands in its output.

    Attributes:
        usd: US dollars per hour of the lines whose price is known.
    """

    usd: float
    lines: list[CostLine]


def export_costs(lines: Sequence[CostLine]) -> None:
    """Hand over what the stack costs; nothing where nothing is paid by the hour."""
    if lines:
        costs = DeployedCosts(usd=round(known_total(lines), 4), lines=list(lines))
        pulumi.export(COST_PER_HOUR, costs.model_dump(mode="json"))


def export_network(facts: NetworkFacts, cluster: Cluster) -> None:
    """Hand the environment's network to the stacks that link it to others."""
    known = facts.model_dump(mode="json")
    pulumi.export(NETWORK_FACTS, {**known, "attachment": dict(cluster.attachment) if cluster.attachment else None})


def read_own_state() -> StackState:
    """What the state of the running stack holds, before this run changes it."""
    name = full_name(pulumi.get_stack())
    answer = cast(
        "dict[str, dict[str, dict[str, str]]]",
        pulumi.runtime.invoke("pulumi:pulumi:readStackResourceOutputs", {"stackName": name}).value,
    )
    resources = [{"urn": urn, "type": about["type"]} for urn, about in answer["outputs"].items()]
    return StackState.model_validate({"deployment": {"resources": resources}})


def full_name(stack: str) -> str:
    """``organization/project/stack`` of a name that may leave out the first two."""
    defaults = [pulumi.get_organization(), PROJECT]
    return "/".join([*defaults[: 2 - stack.count("/")], stack])


def read_outputs(stack: str) -> Value:
    """Every output of a stack as it is now, secrets among them; None when there is no such stack."""
    return _outputs(full_name(stack))


def read_network(stack: str) -> NetworkFacts | None:
    """The network of an environment as it is now; None when its stack is not up.

    Raises:
        StrataError: when it was brought up by another version.
    """
    name = full_name(stack)
    outputs = _outputs(name)
    found = outputs.get(NETWORK_FACTS) if isinstance(outputs, dict) else None
    if found is None:
        return None
    try:
        return NetworkFacts.model_validate_json(json.dumps(found))
    except ValidationError as error:
        raise _other_version(name, error, "its network cannot be read") from None


def _outputs(name: str) -> Value:
    """Outputs of a stack; None when there is none of that name."""
    try:
        # A StackReference knows its outputs only later; plans and refusals need them now.
        answer = cast("dict[str, Value]", pulumi.runtime.invoke("pulumi:pulumi:readStackOutputs", {"name": name}).value)
    except Exception as error:
        if "unknown stack" not in str(error):
            raise
        return None
    return _whole(answer["outputs"])


def foundation_of(name: str, outputs_json: str) -> FoundationOutputs:
    """The outputs of a foundation from their JSON.

    Raises:
        StrataError: when another version wrote them.
    """
    try:
        return FoundationOutputs.model_validate_json(outputs_json)
    except ValidationError as error:
        raise _other_version(name, error, "its facts cannot be read") from None


def _other_version(name: str, error: ValidationError, consequence: str) -> StrataError:
    problem = error.errors(include_url=False)[0]
    return StrataError.of(
        f"stack {name}",
        cause=f"was brought up by another version: {'.'.join(map(str, problem['loc']))}: {problem['msg']}",
        consequence=consequence,
        fix="bring it up again with this version",
    )


def _whole(value: Value) -> Value:
    """Numbers as they were written: all of them travel as floats."""
    match value:
        case dict():
            return {key: _whole(each) for key, each in value.items()}
        case list():
            return [_whole(each) for each in value]
        case float() if value.is_integer():
            return int(value)
        case _:
            return value
