"""A stack of the first run on a real account; see docs/first-real-run.md. Costs money, and destroys what it made."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.conftest import CREDENTIALS
from tests.sandbox import sandbox

from .asked_for import asked, why_not
from .life import Life

GIVEN = {**os.environ, **CREDENTIALS}
WHY_NOT = why_not(GIVEN, Path.home())
_STEP_SECONDS, _WAIT_SECONDS = 5400.0, 1200
pytestmark = [pytest.mark.engine, pytest.mark.slow, pytest.mark.skipif(bool(WHY_NOT), reason=WHY_NOT)]


@pytest.mark.timeout(5 * _STEP_SECONDS)
def test_the_stack_comes_up_stays_as_it_is_and_goes(project: Path, tmp_path: Path) -> None:
    run = asked(GIVEN)
    with sandbox(project, tmp_path, "dev") as box:
        (box.folder / f"Pulumi.{run.stack}.yaml").write_text(run.text, encoding="utf-8")
        variables = {**CREDENTIALS, "SIMULATED": "0"}
        for name in ("PULUMI_BACKEND_URL", "PULUMI_CONFIG_PASSPHRASE", "PULUMI_CONFIG_PASSPHRASE_FILE"):
            if name in GIVEN:
                variables[name] = GIVEN[name]
        life = Life(
            box=box.beside(run.stack), variables=variables, step_seconds=_STEP_SECONDS, wait_seconds=_WAIT_SECONDS
        )
        life.lead()
