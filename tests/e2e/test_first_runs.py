"""The stacks of the first real run through the very life that they lead on an account, in the simulation."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from simulation.provider.managed_cluster import existing_clusters
from tests.first_run.stacks import STACKS, file_of
from tests.live_accounts.life import Life
from tests.sandbox import sandbox

STACK = os.environ.get("STACK", STACKS[0])
pytestmark = [
    pytest.mark.engine,
    pytest.mark.slow,
    pytest.mark.skipif(STACK not in STACKS, reason="chosen is another stack"),
]


def test_a_stack_comes_up_stays_as_it_is_and_goes(project: Path, tmp_path: Path) -> None:
    with sandbox(project, tmp_path, "dev") as box:
        shutil.copy(file_of(STACK), box.folder)
        simulated = box.folder / ".strata" / "simulated"
        backend = {"PULUMI_BACKEND_URL": f"file://{simulated}/backend"}
        (simulated / "backend").mkdir(parents=True)
        Life(box=box.beside(STACK), variables=backend, step_seconds=600, wait_seconds=60).lead()
        assert existing_clusters(simulated) == []
        assert not list((simulated / "backend/.pulumi/stacks/strata").glob("*.json"))
