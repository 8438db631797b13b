"""Teams that contradict each other or the namespaces that exist. Free of Pulumi."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..contracts.cluster_facts import Authentication, ClusterFacts
from ..contracts.errors import Problem, duplicate_names
from ..contracts.validation import CONSEQUENCE
from .quotas import load_balancer_problems, quota_problems
from .taken_namespaces import taken_problems
from .team_settings import Team, TeamMember
from .team_subjects import subject_problems


def team_problems(
    teams: Sequence[Team], models_namespace: str, facts: ClusterFacts | None, path: str
) -> Iterator[Problem]:
    """Everything that is wrong with the teams of a cluster.

    Args:
        teams: All of them.
        models_namespace: Namespace of the model servers.
        facts: What is known of the cluster, if anything is.
        path: Path of that setting, such as ``teams``.
    """
    yield from duplicate_names(path, [team.name for team in teams])
    yield from _namespace_problems(teams, models_namespace, facts.namespaces if facts else (), path)
    for index, team in enumerate(teams):
        yield from _member_problems(team.members, facts.authentication if facts else None, f"{path}[{index}].members")


def _namespace_problems(
    teams: Sequence[Team], models_namespace: str, taken: Sequence[str], path: str
) -> Iterator[Problem]:
    first: dict[str, str] = {}
    for index, team in enumerate(teams):
        for position, namespace in enumerate(team.namespaces):
            field = f"{path}[{index}].namespaces[{position}]"
            yield from quota_problems(namespace.quota, f"{field}.quota")
            yield from load_balancer_problems(namespace.quota, f"{field}.quota")
            yield from taken_problems(namespace.name, taken, f"{field}.name")
            if namespace.name == models_namespace:
                yield Problem(
                    field=f"{field}.name",
                    cause=f"{namespace.name!r} is the namespace of the model servers",
                    consequence="the team could change and stop them, and read the token of the model hub",
                    fix="choose another name",
                )
            elif namespace.name in first:
                yield Problem(
                    field=f"{field}.name",
                    cause=f"{namespace.name!r} is the name of {first[namespace.name]} too",
                    consequence="the API server takes each name once",
                    fix="choose another name; people who share a namespace are members of one team",
                )
            first.setdefault(namespace.name, field)


def _member_problems(
    members: Sequence[TeamMember], authentication: Authentication | None, path: str
) -> Iterator[Problem]:
    first: dict[tuple[str, str], int] = {}
    for index, member in enumerate(members):
        match member:
            case TeamMember(group=str(name), user=None):
                subject = ("group", name)
            case TeamMember(group=None, user=str(name)):
                subject = ("user", name)
            case _:
                yield Problem(
                    field=f"{path}[{index}]",
                    cause="names neither a group nor a user" if member.group is None else "names a group and a user",
                    consequence=CONSEQUENCE,
                    fix="write one member for each group or user, such as {group: search-engineers, role: edit}",
                )
                continue
        yield from subject_problems(*subject, authentication, f"{path}[{index}]")
        if subject in first:
            yield Problem(
                field=f"{path}[{index}]",
                cause=f"the {subject[0]} {name!r} is {path.rpartition('.')[2]}[{first[subject]}] too",
                consequence="it would have two roles, and taking one away would not take the access away",
                fix="leave one of them out; edit includes view",
            )
        first.setdefault(subject, index)
