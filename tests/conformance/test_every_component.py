"""The contract of a component, asked of every component of every cloud in each form that makes other resources."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache

import pulumi
import pulumi_aws as aws
import pulumi_kubernetes as kubernetes
import pytest

from simulation.provider.schema import resource_inputs
from tests.networks.interconnect.sample import READY

from .engine import Engine, Holder, Made, run
from .programs import CLOUD_CLUSTERS, IN_CLUSTERS, PROGRAMS, Program, providers_of_a_caller
from .sources import component_classes

NAME = "quokka"
"""A word that no resource has by chance."""
_PROVIDER = "pulumi:providers:"
_MARKS = {"aws": "strata.dev/cluster", "gcp": "strata-cluster", "azure-native": "strata.dev-cluster"}
_HOLDER, _BEFORE, _FORMER = "holder", "before", "former"
_LABELLED = {"aws": ("tags",), "gcp": ("labels", "resourceLabels"), "azure-native": ("tags",)}


def _placed(program: Program, *, with_providers: bool) -> Engine:
    """Run it as a part of somebody else's component, with everything that options may say."""

    def declare() -> None:
        # A component without children would be nothing to wait for.
        holder, before = Holder(_HOLDER), kubernetes.Provider(_BEFORE, kubeconfig="/kubeconfig")
        given = list(providers_of_a_caller()) if with_providers else []
        program(
            NAME,
            pulumi.ResourceOptions(
                parent=holder, depends_on=[before], aliases=[pulumi.Alias(name=_FORMER)], providers=given
            ),
        )

    return run(declare, READY)


@cache
def _built(label: str) -> Engine:
    return _placed(PROGRAMS[label], with_providers=label in IN_CLUSTERS)


@pytest.fixture(params=list(PROGRAMS))
def engine(request: pytest.FixtureRequest) -> Engine:
    """What the component registers with providers of its own; objects of clusters go to one that is given."""
    label: str = request.param
    return _built(label)


@pytest.fixture(scope="module", params=list(CLOUD_CLUSTERS))
def hosted(request: pytest.FixtureRequest) -> Engine:
    """What the cluster registers in an account whose provider the caller made."""
    label: str = request.param
    return _placed(CLOUD_CLUSTERS[label], with_providers=True)


def _root(engine: Engine) -> Made:
    (found,) = [made for made in engine.made if made.name == NAME and made.parent.endswith(f"::{_HOLDER}")]
    return found


def _children(engine: Engine) -> list[Made]:
    """Everything that the component made."""
    inside = {_root(engine).urn}
    found: list[Made] = []
    for made in engine.made:
        if made.parent in inside:
            inside.add(made.urn)
            found.append(made)
    return found


def _lab(made: Made) -> bool:
    """Whether it belongs to the cluster that a component of objects is given."""
    return made.name.startswith("lab")


def outside(engine: Engine) -> list[str]:
    """Resources that the component made and that do not lie inside of it."""
    inside = {made.urn for made in _children(engine)} | {_root(engine).urn}
    return [
        made.name
        for made in engine.made
        if made.urn not in inside
        and made.name not in {_HOLDER, _BEFORE}
        and not _lab(made)
        and "mine-" not in made.name
    ]


def leaked(engine: Engine) -> list[str]:
    """Children that carry what the caller said of the component alone."""
    before = next(made.urn for made in engine.made if made.name == _BEFORE)
    return [made.name for made in _children(engine) if _FORMER in made.aliases or before in made.waits_for]


def unfinished(engine: Engine) -> list[str]:
    """Components that did not register their outputs, or did so more than once."""
    components = [made for made in engine.made if made.token.startswith("strata:")]
    return [made.name for made in components if engine.finished.count(made.urn) != 1]


def on_default_providers(engine: Engine) -> list[str]:
    """Resources that would go to whatever account or cluster the shell points at."""
    made = [made for made in _children(engine) if made.custom and not made.token.startswith(_PROVIDER)]
    # Commands run over SSH; their connection is an input, and their provider has no account.
    return [resource.name for resource in made if not resource.provider and not resource.token.startswith("command:")]


def test_every_resource_lies_inside_of_the_component(engine: Engine) -> None:
    assert _children(engine), "a component without children has nothing to obey"
    assert outside(engine) == []


def test_what_the_caller_says_of_the_component_stays_there(engine: Engine) -> None:
    root = _root(engine)
    assert _FORMER in root.aliases, "the component itself has the former name"
    assert any(urn.endswith(f"::{_BEFORE}") for urn in root.waits_for)
    assert leaked(engine) == []


def test_components_finish_once(engine: Engine) -> None:
    assert unfinished(engine) == []


def test_type_tokens_name_room_and_class(engine: Engine) -> None:
    others = ("acme:", "kubernetes:helm.sh/")  # a component of a program's own, and a chart as a whole
    tokens = {made.token for made in engine.made if not made.custom and not made.token.startswith(others)}
    assert tokens
    assert [token for token in tokens if not re.fullmatch(r"strata:[a-z]+:[A-Z]\w+", token)] == []


def test_no_two_resources_have_one_urn(engine: Engine) -> None:
    urns = [made.urn for made in engine.made]
    assert sorted(urn for urn in set(urns) if urns.count(urn) > 1) == []


def test_no_resource_goes_to_a_default_provider(engine: Engine) -> None:
    assert on_default_providers(engine) == []


def test_the_callers_name_is_in_every_name(engine: Engine) -> None:
    def is_named(made: Made) -> bool:
        # Hosts and models have names of their own, which are unique in the program.
        return NAME in made.name or made.token.startswith("command:") or "chat" in made.name or _lab(made)

    assert [made.name for made in _children(engine) if not is_named(made)] == []


def test_a_callers_provider_is_the_only_one_of_its_cloud(hosted: Engine) -> None:
    mine = {made.urn for made in hosted.made if made.name.startswith("mine-")}
    own = [made.token for made in _children(hosted) if made.token.startswith(_PROVIDER)]
    assert own == [f"{_PROVIDER}kubernetes"], "the cluster's own objects still go to the cluster"
    resources = [made for made in _children(hosted) if made.custom and made.token.partition(":")[0] in _MARKS]
    assert resources
    assert [made.name for made in resources if made.provider.rpartition("::")[0] not in mine] == []
    asked = [provider.rpartition("::")[0] for token, provider in hosted.asked if token.partition(":")[0] in _MARKS]
    assert set(asked) <= mine, "look-ups go to the caller's account too"


def untagged(resources: Sequence[Made]) -> Iterator[str]:
    """Resources that take tags or labels and do not say which cluster they belong to."""
    for made in resources:
        package = made.token.partition(":")[0]
        known = resource_inputs(made.token) if package in _MARKS else None
        field = next((name for name in _LABELLED.get(package, ()) if known and name in known.shapes), None)
        given = made.inputs.get(field) if field else None
        if field and not (isinstance(given, dict) and given.get(_MARKS[package]) == NAME):
            yield made.name


def test_resources_in_a_callers_account_carry_the_tags_themselves(hosted: Engine) -> None:
    resources = [made for made in _children(hosted) if made.custom]
    assert list(untagged(resources)) == []


def test_with_a_provider_of_its_own_tags_are_that_providers(engine: Engine) -> None:
    """States that are up have no tags of their own on each resource; adding them would change everything."""
    own = {made.token.removeprefix(_PROVIDER) for made in _children(engine) if made.token.startswith(_PROVIDER)}
    for made in _children(engine):
        package = made.token.partition(":")[0]
        if package in own and package in _MARKS and not made.token.endswith(":ResourceGroup"):
            given = [made.inputs.get(name) for name in _LABELLED[package]]
            assert not any(isinstance(labels, dict) and _MARKS[package] in labels for labels in given), made.name


def test_every_component_is_built() -> None:
    made = [made for label in PROGRAMS for made in _built(label).made]
    built = {resource.token.rpartition(":")[2] for resource in made if resource.token.startswith("strata:")}
    assert built == {node.name for _, node in component_classes()}


class _Careless(pulumi.ComponentResource):
    """Merges the caller's options into those of its child, and forgets the rest of the contract."""

    def __init__(self, name: str, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("strata:planted:Careless", name, None, opts)
        child = pulumi.ResourceOptions.merge(pulumi.ResourceOptions(parent=self), opts)
        aws.sqs.Queue(f"{name}-merged", opts=child)
        aws.sqs.Queue(f"{name}-waits", opts=pulumi.ResourceOptions(parent=self, depends_on=opts and opts.depends_on))
        aws.sqs.Queue(f"{name}-alone")


def test_the_contract_fails_on_a_planted_fault() -> None:
    engine = _placed(_Careless, with_providers=False)
    assert set(outside(engine)) == {f"{NAME}-merged", f"{NAME}-alone"}, "merged options move a child to the holder"
    assert leaked(engine) == [f"{NAME}-waits"]
    assert unfinished(engine) == [NAME]
    assert on_default_providers(engine) == [f"{NAME}-waits"]
    assert list(untagged([made for made in engine.made if made.custom]))
