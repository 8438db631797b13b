"""Objects of model servers and GPU networks whose settings are made up: whatever our types accept."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import TypeVar

import pulumi_kubernetes as kubernetes
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, JsonValue, TypeAdapter, ValidationError

from components.clusters.gke.fabric import FABRICS
from components.clusters.gke.fabric_networks import FabricNetworksArgs, GkeFabricNetworks
from components.contracts.autoscaling import HpaScaling, KedaScaling
from components.contracts.customize import ServerCustomize
from components.contracts.errors import StrataError
from components.contracts.pools import GpuPool
from tests.registration import Registrations, registered
from tests.serving.plans import plan, service

Body = dict[str, JsonValue]
_Settings = TypeVar("_Settings", bound=BaseModel)
_PROMETHEUS = "http://prometheus.monitoring:9090"
_BODY: TypeAdapter[Body] = TypeAdapter(Body)
_EXAMPLES = 25
_WORD = st.from_regex(r"[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?", fullmatch=True)
_PREFIX = st.from_regex(r"[a-z0-9]([a-z0-9.-]{0,40}[a-z0-9])?", fullmatch=True)
_KEY = st.one_of(_WORD, st.builds("{}/{}".format, _PREFIX, _WORD))
_ANYTHING = st.text(st.characters(exclude_categories=["Cs"]), max_size=300)
_NUMBER = st.one_of(st.integers(-1, 40), st.integers(1, 10**6), st.integers(1, 2**70))
_ADDRESS = st.one_of(
    st.just(_PROMETHEUS), st.from_regex(r"https?://[a-zA-Z0-9.-]{1,40}(:[0-9]{1,5})?(/[!-~]{0,20})?", fullmatch=True)
)
_SCALING: Mapping[str, st.SearchStrategy[JsonValue]] = {
    "max_replicas": _NUMBER,
    "waiting_requests": _NUMBER,
    "stabilization": st.builds("{}{}".format, st.integers(0, 4000), st.sampled_from("smh")),
}


def _values(of: Mapping[str, st.SearchStrategy[JsonValue]]) -> st.SearchStrategy[Body]:
    return st.fixed_dictionaries(dict(of))


def _named(values: st.SearchStrategy[str]) -> st.SearchStrategy[JsonValue]:
    def written(found: dict[str, str]) -> JsonValue:
        return {**found}

    return st.dictionaries(_KEY, values, min_size=1, max_size=4).map(written)


_CUSTOMIZE = _values(
    {
        "labels": _named(st.one_of(_WORD, _ANYTHING)),
        "annotations": _named(_ANYTHING),
    }
)


def _accepted(kind: type[_Settings], values: Body, needed: Body) -> _Settings:
    """The settings with those of the values that they take one by one."""
    taken = dict(needed)
    for key, value in values.items():
        # Of several labels each stands for itself.
        parts: list[JsonValue] = [{name: text} for name, text in value.items()] if isinstance(value, dict) else [value]
        for part in parts:
            before = taken.get(key)
            more: JsonValue = {**before, **part} if isinstance(before, dict) and isinstance(part, dict) else part
            if _takes(kind, {**taken, key: more}):
                taken[key] = more
    return kind.model_validate(taken)


def _takes(kind: type[BaseModel], values: Body) -> bool:
    try:
        kind.model_validate(values)
    except (ValidationError, StrataError):
        return False
    return True


def servers() -> list[Body]:
    """Every object of model servers with settings that our types accept, each with a name of its own."""
    made: list[Body] = []
    kinds = st.sampled_from([HpaScaling, KedaScaling])
    of = plan()

    @settings(
        max_examples=_EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    @given(kinds, _values({**_SCALING, "prometheus": _ADDRESS}), _CUSTOMIZE)
    def collect(kind: type[HpaScaling | KedaScaling], scaling: Body, customize: Body) -> None:
        needed: Body = {"max_replicas": 4} if kind is HpaScaling else {"max_replicas": 4, "prometheus": _PROMETHEUS}
        chosen = _accepted(kind, scaling, needed)
        further = _accepted(ServerCustomize, customize, {})
        made.extend(_objects(lambda: service(of, autoscaling=chosen, customize=further)))

    collect()
    return [_renamed(body, number) for number, body in enumerate(made)]


def gpu_networks() -> list[Body]:
    """The objects of the GPU networks of every machine of GKE that has some."""

    def networks(machine: str) -> Registrations:
        pool = GpuPool(kind="gpu", name="gpus", instance_type=machine, count=2, zones=("us-central1-b",))

        def declare() -> None:
            args = FabricNetworksArgs(project="acme-prod-1", region="us-central1", pools=[pool])
            GkeFabricNetworks("prod", args).declare_objects(kubernetes.Provider("cluster", kubeconfig="/kubeconfig"))

        return registered(declare)

    distinct: dict[str, Body] = {}
    for machine in FABRICS:
        for body in _objects(lambda machine=machine: networks(machine)):
            distinct[json.dumps(body, sort_keys=True)] = body
    return [_renamed(body, number) for number, body in enumerate(distinct.values())]


def _objects(declare: Callable[[], Registrations]) -> Iterator[Body]:
    for resource in declare().made:
        if "apiVersion" in resource.inputs:
            yield _BODY.validate_python(resource.inputs)


def _renamed(body: Body, number: int) -> Body:
    about = body["metadata"]
    assert isinstance(about, dict)
    return {**body, "metadata": {**about, "name": f"{about['name']}-{number}"}}
