"""Paths of kubeconfigs that cannot be opened are refused in words."""

from __future__ import annotations

import pytest

from components.clusters.existing.rules import kubeconfig_problems


@pytest.mark.parametrize(
    ("path", "said"),
    [("~no-such-user-here/config", "home directory of nobody"), ("a\x00b", "character"), ("a\nb", "character")],
)
def test_a_path_that_no_file_has(path: str, said: str) -> None:
    (problem,) = kubeconfig_problems(path)
    assert (problem.field, said in problem.cause) == ("target.kubeconfig", True)


@pytest.mark.parametrize("path", ["~/.kube/config", "/etc/kube config", "clusters/\u00fcber.yaml", "a~b"])
def test_other_paths_are_right(path: str) -> None:
    assert list(kubeconfig_problems(path)) == []
