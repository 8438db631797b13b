"""Live nodes need Linux, root and `make toolchain-live`; in CI all of them are there, or the tests fail."""

from __future__ import annotations

from pathlib import Path

import pytest

from simulation.control_plane.layout import Layout
from simulation.live.places import Places
from simulation.live.requirements import requirement_problems
from tests.live.presence import missing


@pytest.fixture(scope="session")
def live_possible(project: Path) -> None:
    """Skip where live nodes cannot run, with the reason; fail in CI."""
    problems = requirement_problems(Places(Layout.of("dev", project / ".strata")))
    if problems:
        reason = "; ".join(f"{problem.cause} ({problem.fix})" for problem in problems)
        missing(f"live nodes cannot run here: {reason}")
