"""Settings of a control plane that exists, and stays as it is."""

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
