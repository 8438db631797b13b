"""What a program passes to a contract: natural values are taken, and mistakes are told in a program's words."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable

import pytest

from components.contracts.api_access import PrivateAccess, PublicAccess
from components.contracts.customize import ServerCustomize, Toleration
from components.contracts.errors import StrataError
from components.contracts.pools import DriverOwner, GpuPool, Taint
from components.contracts.quantities import ByteSize, CpuAmount, Duration
from components.contracts.served_models import ServedModel
from components.contracts.serving import Engine, Precision
from tests.contracts import typed_program
from tests.untyped import unnamed, untyped

_MODEL = {"name": "chat", "model": "Qwen/Qwen2-7B-Instruct", "revision": "a" * 40}
_POOL = {"name": "h100", "instance_type": "p5.48xlarge", "count": 2}
_SIDECAR = {"name": "log", "image": "example.com/log:1.0.0", "cpu": "100m", "memory": "1Gi"}


def model(**changes: object) -> ServedModel:
    return untyped(ServedModel, {**_MODEL, **changes})


def pool(**changes: object) -> GpuPool:
    return untyped(GpuPool, {**_POOL, **changes})


def customize(**changes: object) -> ServerCustomize:
    return untyped(ServerCustomize, changes)


def test_lists_are_taken_for_every_sequence() -> None:
    assert pool(zones=["a", "b"], taints=[Taint(key="team")]) == pool(zones=("a", "b"), taints=(Taint(key="team"),))
    assert untyped(PrivateAccess, {"cidrs": ["10.0.0.0/8"]}).cidrs == ("10.0.0.0/8",)
    added = customize(engine_arguments=["--seed=1"], sidecars=[_SIDECAR], tolerations=[Toleration(key="team")])
    assert added.engine_arguments == ("--seed=1",)
    assert added.sidecars[0].name == "log"
    hash(pool(zones=["a"]).zones)  # a value that cannot be changed afterwards


def test_what_a_type_checker_allows_becomes_the_same_values() -> None:
    assert typed_program.POOL == typed_program.SAME_POOL
    assert typed_program.ADDED.pull_secrets == ("registry",)
    assert isinstance(typed_program.PUBLIC.cidrs, tuple)
    assert isinstance(typed_program.SYSTEM.zones, tuple)


def test_lists_inside_of_mappings_are_taken() -> None:
    assert model(customize={"engine_arguments": ["--seed=1"]}).customize.engine_arguments == ("--seed=1",)


def test_enums_are_taken_by_their_text() -> None:
    assert model(engine="vllm", precision="fp8").engine is Engine.VLLM
    assert model(precision=Precision.FP8).precision is Precision.FP8
    assert pool(driver="platform").driver is DriverOwner.PLATFORM


def test_quantities_are_taken_as_text() -> None:
    assert model(drain="90s").drain == Duration(90)
    assert ByteSize("10Gi") == ByteSize.gib(10)
    assert Duration("15m") == Duration(900)
    assert CpuAmount("1.5") == CpuAmount.cores(1.5)


@pytest.mark.parametrize("quantity", [ByteSize(7), Duration(0.25), CpuAmount(250)])
def test_quantities_survive_being_copied(quantity: float) -> None:
    for again in (copy.deepcopy(quantity), pickle.loads(pickle.dumps(quantity))):  # noqa: S301 - of our own
        assert (type(again), again) == (type(quantity), quantity)


Make = Callable[[], object]
_QUANTITIES: dict[str, tuple[Make, str, str]] = {
    "a size without its unit's spelling": (lambda: ByteSize("10 GB"), "ByteSize", "10Gi"),
    "a negative size": (lambda: ByteSize(-1), "ByteSize", "not zero or more"),
    "a duration without a unit": (lambda: Duration("60"), "Duration", "15m"),
    "a negative duration": (lambda: Duration(-1), "Duration", "not zero or more"),
    "no number": (lambda: Duration(float("nan")), "Duration", "not zero or more"),
    "endless": (lambda: Duration(float("inf")), "Duration", "not zero or more"),
    "cores in words": (lambda: CpuAmount("two"), "CpuAmount", "250m"),
}
_MISTAKES: dict[str, tuple[Make, str, str]] = {
    **_QUANTITIES,
    "a value without its name": (lambda: unnamed(GpuPool, "h100"), "GpuPool", "GpuPool(name=…)"),
    "three values without their names": (
        lambda: unnamed(GpuPool, "h100", "p5.48xlarge", 2),
        "GpuPool",
        "GpuPool(name=…, instance_type=…, count=…)",
    ),
    "nothing at all": (lambda: untyped(GpuPool, {}), "GpuPool.instance_type", "pass `instance_type`"),
    "an unknown argument": (lambda: pool(zone="a"), "GpuPool.zone", "did you mean 'zones'?"),
    "text for a number": (lambda: pool(count="2"), "GpuPool.count", "pass a whole number (Number of nodes"),
    "a number for text": (lambda: pool(instance_type=5), "GpuPool.instance_type", "expected text, got integer 5"),
    "too few": (lambda: pool(count=0), "GpuPool.count", "expected 1 or more, got integer 0"),
    "text for a list": (lambda: pool(zones="a"), "GpuPool.zones", "pass a list, such as ['a']"),
    "a set, which has no order": (lambda: pool(zones={"a", "b"}), "GpuPool.zones", "expected a list"),
    "an empty list": (lambda: untyped(PublicAccess, {"cidrs": []}), "PublicAccess.cidrs", "expected 1 or more, got 0"),
    "an unknown choice": (lambda: model(engine="vlm"), "ServedModel.engine", "did you mean 'vllm'?"),
    "text for a contract": (lambda: pool(capacity="spot"), "GpuPool.capacity", "OnDemand or Spot"),
    "nothing for a contract": (lambda: model(autoscaling=None), "ServedModel.autoscaling", "pass `FixedReplicas(…)`"),
    "another contract": (lambda: model(customize=pool()), "ServedModel.customize", "expected a ServerCustomize"),
    "a mapping of an unknown kind": (
        lambda: model(autoscaling={"kind": "hp"}),
        "ServedModel.autoscaling",
        "pass `FixedReplicas(…)`",
    ),
    "inside of a mapping": (
        lambda: model(autoscaling={"kind": "hpa"}),
        "ServedModel.autoscaling.max_replicas",
        "pass `max_replicas` (Largest number of replicas",
    ),
    "inside of a list": (
        lambda: customize(sidecars=[{**_SIDECAR, "image": "log"}]),
        "ServerCustomize.sidecars[0].image",
        "registry.example.com/team/server:1.4.2",
    ),
    "another class in a list": (lambda: customize(sidecars=["log"]), "ServerCustomize.sidecars[0]", "a Sidecar"),
    "a branch": (lambda: model(revision="main"), "ServedModel.revision", "(Commit of the repository"),
    "a key of a mapping": (
        lambda: pool(labels={"Bad Key!": "x"}),
        "GpuPool.labels['Bad Key!']",
        "write it like example.com/tier",
    ),
    "a list for a mapping": (lambda: pool(labels=["a"]), "GpuPool.labels", "expected a mapping, got a list"),
    "a duration without its unit": (lambda: model(drain=60), "ServedModel.drain", "90s"),
}


@pytest.mark.parametrize(("make", "field", "said"), _MISTAKES.values(), ids=_MISTAKES)
def test_a_mistake_is_told_in_the_words_of_a_program(make: Make, field: str, said: str) -> None:
    with pytest.raises(StrataError) as refused:
        make()
    texts = {problem.field: str(problem) for problem in refused.value.problems}
    assert field in texts
    assert said in texts[field]
    assert all(problem.cause and problem.consequence and problem.fix for problem in refused.value.problems)
    assert not any(words in str(refused.value) for words in ("`- `", "change it", "Input should", "kind:"))
