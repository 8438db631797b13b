"""Names of the outputs that other stacks and later runs read, and reading them at preview."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import cast

import pulumi
from pydantic import BaseModel, ConfigDict, ValidationError

from components.contracts.contributions import Contribution
from components.contracts.costs import CostLine, known_total
from components.contracts.errors import StrataError
from components.contracts.network_facts import NetworkFacts

from .guards import StackState
from .project import PROJECT
from .state_reads import read_state
from .yaml_file import Value

CLUSTER_FACTS, VOLUME_SOURCES, KUBECONFIG, NAMESPACE = "cluster_facts", "volume_sources", "kubeconfig", "namespace"
NETWORK_FACTS = "network_facts"
ACCOUNT_ANNOTATIONS = "account_annotations"
"""Output with annotations by which service accounts are identities of the cloud, where these are known only later."""
FOUNDATION_STACK = "foundation"
"""Output of a platform with the stack whose cluster it is on."""
CATALOG_SIZE = "catalog_size"
"""Output with the size of the claim, for later runs."""
ENDPOINTS = "endpoints"
CONTRIBUTIONS = "contributions"
"""Output with what each layer of the stack adds to the facts of the cluster, by name of the layer."""
COST_PER_HOUR = "cost_per_hour"
"""Output with what the stack costs, for the comparison of a later preview."""


class _Model(BaseModel):
    model_config = ConfigDict(extra="ignore")


class DeployedCosts(_Model):
    """What a stack costs, as its output has it.

    Attributes:
        usd: US dollars per hour of the lines whose price is known.
    """

    usd: float
    lines: list[CostLine]


class _Contributions(_Model):
    contributions: dict[str, Contribution] = {}


def export_costs(lines: Sequence[CostLine]) -> None:
    """Export what the stack costs, unless nothing is paid by the hour."""
    if lines:
        costs = DeployedCosts(usd=round(known_total(lines), 4), lines=list(lines))
        pulumi.export(COST_PER_HOUR, costs.model_dump(mode="json"))


def export_contributions(contributions: Mapping[str, Contribution]) -> None:
    """Export what the layers add to the facts, if anything."""
    found = {name: added.model_dump(mode="json") for name, added in contributions.items() if not added.is_empty}
    if found:
        pulumi.export(CONTRIBUTIONS, found)


def contributions_of(stack: str, outputs: Mapping[str, Value]) -> Mapping[str, Contribution]:
    """What the layers of a stack add to the facts, by layer.

    Raises:
        StrataError: Another version wrote them.
    """
    try:
        return _Contributions.model_validate_json(json.dumps(outputs)).contributions
    except ValidationError as error:
        raise other_version(stack, error, "what it adds to the cluster cannot be read") from None


def read_own_state() -> StackState:
    """What the state of the running stack holds, before this run changes it."""
    name = full_name(pulumi.get_stack())
    answer = cast(
        "dict[str, dict[str, dict[str, str]]]", read_state("readStackResourceOutputs", {"stackName": name}, name)
    )
    resources = [{"urn": urn, "type": about["type"]} for urn, about in answer["outputs"].items()]
    return StackState.model_validate({"deployment": {"resources": resources}})


def full_name(stack: str) -> str:
    """``organization/project/stack`` of a name that may leave out the first two."""
    defaults = [pulumi.get_organization(), PROJECT]
    return "/".join([*defaults[: 2 - stack.count("/")], stack])


def read_outputs(stack: str) -> Value:
    """Every output of a stack, including secrets; None when there is no such stack."""
    name = full_name(stack)
    try:
        # The outputs of a StackReference are known too late: plans and refusals need them at once.
        answer = cast("dict[str, Value]", read_state("readStackOutputs", {"name": name}, name))
    except Exception as error:
        if "unknown stack" not in str(error):
            raise
        return None
    return _whole(answer["outputs"])


def network_of(stack: str, outputs: Value) -> NetworkFacts | None:
    """The network of an environment, from its stack's outputs; None when the stack is not up.

    Raises:
        StrataError: Another version brought it up.
    """
    found = outputs.get(NETWORK_FACTS) if isinstance(outputs, dict) else None
    if found is None:
        return None
    try:
        return NetworkFacts.model_validate_json(json.dumps(found))
    except ValidationError as error:
        raise other_version(stack, error, "its network cannot be read") from None


def other_version(stack: str, error: ValidationError, consequence: str) -> StrataError:
    """The error that a stack's outputs do not have the form that this version reads."""
    problem = error.errors(include_url=False)[0]
    return StrataError.of(
        f"stack {stack}",
        cause=f"was brought up by another version: {'.'.join(map(str, problem['loc']))}: {problem['msg']}",
        consequence=consequence,
        fix="bring it up again with this version",
    )


def _whole(value: Value) -> Value:
    """The value with whole numbers as integers: the engine transmits all numbers as floats."""
    match value:
        case dict():
            return {key: _whole(item) for key, item in value.items()}
        case list():
            return [_whole(item) for item in value]
        case float() if value.is_integer():
            return int(value)
        case _:
            return value
