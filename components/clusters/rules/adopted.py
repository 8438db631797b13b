"""What a control plane that exists is not given, and what it has to have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ...contracts.errors import Problem


def ignored_setting_problems(given: Mapping[str, bool]) -> Iterator[Problem]:
    """Settings of the control plane that would have no effect on an adopted one.

    Args:
        given: Whether a setting of the target has another value than its default, by its name.
    """
    for name, is_given in given.items():
        if is_given:
            yield Problem(
                field=f"target.{name}",
                cause="an adopted control plane stays as it is",
                consequence="the setting would be ignored",
                fix="remove it, or change the control plane where it is managed",
            )


def missing_cluster(service: str, cluster: str, place: str, fix: str) -> Problem:
    """A cluster that is to be adopted is not there.

    Args:
        service: Who was asked for it.
        cluster: Name of the cluster.
        place: Where it was looked for.
        fix: What names one that is there, without a full stop.
    """
    return Problem(
        field="target.name",
        cause=f"{service} has no cluster {cluster} in {place}, and adopt_cluster says that it exists",
        consequence="there is nothing that pools could join",
        fix=f"{fix}, or leave adopt_cluster out",
    )


def missing_driver(cluster: str, driver: str, field: str, fix: str) -> Problem:
    """A class would be made whose driver the cluster lacks.

    Args:
        cluster: Name of the cluster.
        driver: Name of the driver, as storage classes have it.
        field: Setting to blame.
        fix: What installs it.
    """
    return Problem(
        field=field,
        cause=f"the cluster {cluster} exists, and nothing shows that it has the driver {driver}",
        consequence="a storage class would be made of it, and claims of that class would stay pending for ever",
        fix=fix,
    )
