"""Where live nodes cannot run, one problem says why and what to do."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from simulation.control_plane.layout import Layout
from simulation.live import requirements
from simulation.live.machinery import require_unmounted
from simulation.live.places import Places
from simulation.live.programs import Programs


def test_another_system_is_refused_with_a_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    (problem,) = requirements.system_problems()
    assert "darwin" in problem.cause
    assert "Linux" in problem.fix


def test_who_is_not_root_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    (problem,) = requirements.system_problems()
    assert "not root" in problem.cause
    assert "as root" in problem.fix


def test_missing_programs_are_named_with_the_command_that_installs_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    problems = Programs(tmp_path).problems()
    assert "kubelet" in problems[0].cause
    assert problems[0].fix == "make toolchain-live"


def test_names_on_the_host_are_short_enough_for_links_and_differ_by_checkout(tmp_path: Path) -> None:
    one, other = (Places(Layout.of("dev", tmp_path / name)) for name in ("one", "other"))
    assert len(one.host_link) <= 15
    assert one.host_link != other.host_link
    assert one.cgroup != other.cgroup


def test_a_folder_with_a_mount_below_is_not_removed() -> None:
    with pytest.raises(Exception, match="is mounted"):
        require_unmounted("/proc")
