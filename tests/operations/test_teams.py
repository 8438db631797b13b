"""Namespaces of teams, and what is refused about teams."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from components.contracts.cluster_facts import Authentication
from components.contracts.errors import StrataError
from components.operations import (
    Destination,
    GuardedNamespace,
    GuardedNamespaceArgs,
    Team,
    TeamMember,
    TeamNamespace,
    TeamNamespaces,
    TeamNamespacesArgs,
    TeamRole,
)
from components.operations.team_namespaces import refusals
from tests.planner.clusters import MIXED
from tests.registration import Json, Registrations, assert_refused, registered
from tests.serving.plans import plan, service
from tests.untyped import untyped
from tests.workloads.network_access import Address, Network, Pod

SEARCH = Team(
    name="search",
    namespaces=[TeamNamespace(name="search", quota={"requests.nvidia.com/gpu": "8"}), TeamNamespace(name="search-dev")],
    members=[
        TeamMember(group="search-engineers", role=TeamRole.EDIT),
        TeamMember(user="ana@example.com", role=TeamRole.VIEW),
        TeamMember(user="ben@example.com", role=TeamRole.EDIT),
    ],
)
ADS = Team(name="ads", namespaces=[TeamNamespace(name="ads")])


def teams_of(*teams: Team) -> TeamNamespaces:
    return TeamNamespaces("teams", TeamNamespacesArgs(teams=teams))


def made(*teams: Team) -> Registrations:
    return registered(lambda: teams_of(*teams))


def within(found: Registrations, kind: str, namespace: str) -> dict[str, dict[str, Json]]:
    """Inputs of the objects of that kind in a namespace, by name of the object."""
    return {
        str(one.at("metadata", "name")): one.inputs
        for one in found.of(kind)
        if one.at("metadata", "namespace") == namespace
    }


def test_each_namespace_is_guarded_and_has_the_label_of_its_team() -> None:
    found = made(SEARCH, ADS)
    labels = {str(one.at("metadata", "name")): one.at("metadata", "labels") for one in found.of("Namespace")}
    assert set(labels) == {"search", "search-dev", "ads"}
    for namespace, team in {"search": "search", "search-dev": "search", "ads": "ads"}.items():
        assert "default-deny" in within(found, "NetworkPolicy", namespace)
        given = labels[namespace]
        assert isinstance(given, dict)
        assert given["strata.dev/team"] == team
        assert given["pod-security.kubernetes.io/enforce"] == "restricted"


def test_members_get_their_role_in_every_namespace_of_their_team_and_in_no_other() -> None:
    found = made(SEARCH, ADS)
    for namespace in ("search", "search-dev"):
        bindings = within(found, "RoleBinding", namespace)
        subjects = {role: binding["subjects"] for role, binding in bindings.items()}
        group = {"apiGroup": "rbac.authorization.k8s.io", "kind": "Group", "name": "search-engineers"}
        ana, ben = ({**group, "kind": "User", "name": f"{user}@example.com"} for user in ("ana", "ben"))
        assert subjects == {"strata-edit": [group, ben], "strata-view": [ana]}
        assert set(within(found, "Role", namespace)) == set(bindings)
    assert within(found, "RoleBinding", "ads") == {}


def test_load_balancers_and_node_ports_are_closed_unless_the_quota_names_them() -> None:
    plain = within(made(SEARCH), "ResourceQuota", "search")["quota"]["spec"]
    closed = {"services.loadbalancers": "0", "services.nodeports": "0"}
    assert plain == {"hard": {**closed, "requests.nvidia.com/gpu": "8"}}
    opened = TeamNamespace(name="ads", quota={"services.loadbalancers": "2", "services.nodeports": "4"})
    found = made(ADS.model_copy(update={"namespaces": (opened,)}))
    assert within(found, "ResourceQuota", "ads")["quota"]["spec"] == {"hard": dict(opened.quota)}


@pytest.mark.parametrize(
    "quota",
    [
        {"services.loadbalancers": "2", "services.nodeports": "0"},
        {"services.loadbalancers": "0"},
        {"services.nodeports": "4"},
    ],
)
def test_load_balancers_without_node_ports_may_be_meant(quota: dict[str, str]) -> None:
    assert made(ADS.model_copy(update={"namespaces": (TeamNamespace(name="ads", quota=quota),)}))


def test_a_namespace_that_moves_to_another_team_keeps_its_name_for_the_engine() -> None:
    moved = ADS.model_copy(update={"namespaces": SEARCH.namespaces})
    names = {one.name for one in made(SEARCH).of("Namespace")}
    assert {one.name for one in made(moved).of("Namespace")} == names


@pytest.mark.parametrize(
    "subject",
    ["system:masters", "system:authenticated", "system:serviceaccount:ci:runner", "", " ana", "ana\n", "a" * 300],
)
@pytest.mark.parametrize("kind", ["group", "user"])
def test_names_that_are_nobodys_or_everybodys_are_refused(kind: str, subject: str) -> None:
    with pytest.raises(StrataError, match=rf"TeamMember\.{kind}"):
        untyped(TeamMember, {kind: subject, "role": TeamRole.VIEW})


@pytest.mark.parametrize(
    "subject",
    [
        "search-engineers",
        "search-engineers@example.com",
        "11111111-2222-3333-4444-555555555555",
        "arn:aws:sts::111122223333:assumed-role/search/{{SessionName}}",
        "principalSet://iam.googleapis.com/locations/global/workforcePools/staff/group/search",
        "oidc:search",
        "Ana Smith",
    ],
)
def test_names_as_targets_spell_them_are_taken(subject: str) -> None:
    assert TeamMember(group=subject, role=TeamRole.VIEW).group == subject


def member(user: str | None = None, group: str | None = None) -> TeamMember:
    return TeamMember(user=user, group=group, role=TeamRole.VIEW)


def team(name: str = "search", namespaces: Sequence[str] = ("search",), *members: TeamMember) -> Team:
    return Team(name=name, namespaces=[TeamNamespace(name=namespace) for namespace in namespaces], members=members)


QUOTA = Team(name="search", namespaces=[TeamNamespace(name="search", quota={"pods": "1.5"})])
BALANCERS = Team(name="search", namespaces=[TeamNamespace(name="search", quota={"services.loadbalancers": "2"})])
WRONG: Mapping[str, tuple[Sequence[Team], str]] = {
    "a team twice": ([team(), team(namespaces=["other"])], "teams[1].name"),
    "a namespace twice in a team": ([team("search", ["a", "a"])], "teams[0].namespaces[1].name"),
    "a namespace of two teams": ([team(), team("ads")], "teams[1].namespaces[0].name"),
    "the namespace of the models": ([team("search", ["models"])], "teams[0].namespaces[0].name"),
    "load balancers without node ports": ([BALANCERS], "teams[0].namespaces[0].quota.services.loadbalancers"),
    "half a pod": ([QUOTA], "teams[0].namespaces[0].quota.pods"),
    "a member without a name": ([team("search", ["a"], member())], "teams[0].members[0]"),
    "a member with two names": ([team("search", ["a"], member(user="ana", group="b"))], "teams[0].members[0]"),
    "a member twice": ([team("search", ["a"], member(user="ana"), member(user="ana"))], "teams[0].members[1]"),
}


@pytest.mark.parametrize(("teams", "field"), WRONG.values(), ids=WRONG)
def test_teams_that_contradict_each_other_are_refused(teams: Sequence[Team], field: str) -> None:
    assert_refused(lambda: teams_of(*teams), field)


@pytest.mark.parametrize("name", ["kube-system", "kube-search", "default", "Search", "a.b", ""])
def test_a_name_that_is_no_namespace_of_a_team_is_refused(name: str) -> None:
    with pytest.raises(StrataError, match=r"TeamNamespace\.name"):
        TeamNamespace(name=name)


ARN = "arn:aws:iam::111122223333"
GUID = "11111111-2222-3333-4444-555555555555"
SPELLINGS: Mapping[Authentication | None, Mapping[str, tuple[Sequence[str], Sequence[str]]]] = {
    Authentication.AWS_IAM: {
        "group": (["search-engineers", f"{ARN}:role/search"], []),
        "user": (
            ["ana", f"{ARN}:user/ana", "arn:aws:sts::111122223333:assumed-role/search/ana", "oidc:ana"],
            [f"{ARN}:role/teams/search", "arn:aws:sts::111122223333:assumed-role/a/{{SessionName}}", "aws:a", "iam:a"],
        ),
    },
    Authentication.GOOGLE: {
        "group": (
            ["search@example.com", "principalSet://iam.googleapis.com/locations/global/workforcePools/staff/group/a"],
            ["group:search@example.com", "search"],
        ),
        "user": (
            ["ana@example.com", "ci@acme.iam.gserviceaccount.com", "103251925847340123456"],
            ["user:ana@example.com", "serviceAccount:ci@acme.iam.gserviceaccount.com", "ana"],
        ),
    },
    Authentication.ENTRA: {
        "group": ([GUID], ["search", "search@example.com"]),
        "user": (["ana@example.com", GUID, "ben_other.com#EXT#@example.onmicrosoft.com"], ["ana"]),
    },
    None: {"group": (["search", "group:search"], []), "user": (["aws:ana", f"{ARN}:role/search"], [])},
}
NAMES = [
    (authentication, kind, name, place == 0)
    for authentication, kinds in SPELLINGS.items()
    for kind, lists in kinds.items()
    for place, names in enumerate(lists)
    for name in names
]


@pytest.mark.parametrize(("authentication", "kind", "name", "is_right"), NAMES)
def test_a_name_that_the_clusters_authentication_gives_nobody_is_refused(
    authentication: Authentication | None, kind: str, name: str, *, is_right: bool
) -> None:
    facts = MIXED.model_copy(update={"authentication": authentication})
    args = TeamNamespacesArgs(teams=[team("search", ["a"], member(**{kind: name}))], facts=facts)
    assert [problem.field for problem in refusals(args)] == ([] if is_right else [f"teams[0].members[0].{kind}"])


def test_a_fix_for_a_name_of_iam_is_taken() -> None:
    facts = MIXED.model_copy(update={"authentication": Authentication.GOOGLE})
    args = TeamNamespacesArgs(teams=[team("a", ["a"], member(group="group:search@example.com"))], facts=facts)
    (problem,) = refusals(args)
    assert problem.fix == "write search@example.com"


def test_a_namespace_that_the_cluster_comes_with_is_refused() -> None:
    facts = MIXED.model_copy(update={"namespaces": ("metallb-system", "gke-managed-*")})
    named = team("search", ["metallb-system", "gke-managed-system", "metallb", "gke-managed"])
    fields = [problem.field for problem in refusals(TeamNamespacesArgs(teams=[named], facts=facts))]
    assert fields == ["teams[0].namespaces[0].name", "teams[0].namespaces[1].name"]


def test_a_user_may_be_called_like_a_group() -> None:
    assert made(team("search", ["a"], member(user="ana"), member(group="ana"))).of("RoleBinding")


PUBLIC, METADATA = Address("93.184.215.14"), Address("169.254.169.254")
MODELS = registered(lambda: GuardedNamespace("models", GuardedNamespaceArgs(namespace="models")))
SERVER = Pod(
    "models",
    {"app.kubernetes.io/name": "vllm", "app.kubernetes.io/instance": "chat"},
    {"kubernetes.io/metadata.name": "models"},
)


def reached(*destinations: Destination) -> set[str]:
    """What a pod of the namespace reaches, or is reached by."""
    found = made(Team(name="search", namespaces=[TeamNamespace(name="search", connects_to=destinations)]), ADS)
    network = Network.of(found, MODELS, service(plan()))
    pods: dict[str, Pod] = {}
    for namespace in found.of("Namespace"):
        labels, name = namespace.at("metadata", "labels"), str(namespace.at("metadata", "name"))
        assert isinstance(labels, dict)
        pods[name] = Pod(name, {}, {"kubernetes.io/metadata.name": name, **{k: str(v) for k, v in labels.items()}})
    mine, other = pods["search"], pods["ads"]
    ways: Mapping[str, tuple[Pod | Address, Pod | Address, int]] = {
        "itself": (mine, mine, 8080),
        "a model": (mine, SERVER, 8000),
        "another port of a model": (mine, SERVER, 8001),
        "the internet": (mine, PUBLIC, 443),
        "the metadata service": (mine, METADATA, 443),
        "another team": (mine, other, 8080),
        "by another team": (other, mine, 8080),
        "by a model": (SERVER, mine, 8080),
        "a model by another team": (other, SERVER, 8000),
    }
    return {name for name, (source, target, port) in ways.items() if network.connects(source, target, port)}


def test_pods_of_a_team_reach_what_is_opened_for_them_and_nothing_else() -> None:
    assert reached() == set()
    assert reached(Destination.NAMESPACE) == {"itself"}
    assert reached(Destination.MODELS) == {"a model"}
    assert reached(Destination.INTERNET) == {"the internet"}
    assert reached(*Destination) == {"itself", "a model", "the internet"}
