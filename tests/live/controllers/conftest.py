"""One stack for all controllers, as only one control plane of a machine can have live nodes."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests.live.controllers.stack import Stack
from tests.sandbox import sandbox

_KEDA = "keda"


@pytest.fixture(scope="session")
def stack(
    request: pytest.FixtureRequest, project: Path, tmp_path_factory: pytest.TempPathFactory, live_possible: None
) -> Iterator[Stack]:
    """The dev stack on a bare cluster, with what the tests of this run say that it installs.

    With a model that KEDA scales it brings KEDA and Prometheus. So whoever tries one controller needs the programs of
    those alone that its test names.
    """
    del live_possible
    if os.environ.get("LIVE_ALL") != "1":
        pytest.skip("runs in make live-all")
    wanted = _wanted(request.session.items)
    with sandbox(project, tmp_path_factory.mktemp("controllers"), "dev") as box:
        box.edit("name: dev", "name: dev\n    bare: true")
        if _KEDA in wanted:
            box.edit("replicas: 2", "replicas: 2\n      autoscaling: {kind: keda, max_replicas: 4}")
        services = "".join(f"    {name}: {{install: true}}\n" for name in sorted(wanted - {_KEDA}))
        if services:
            box.edit("  strata:secrets:", f"  strata:services:\n{services}  strata:secrets:")
        try:
            done = box.strata("live", timeout=600)
            assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
            yield Stack(box, project)
        finally:
            box.strata("live-down")


def _wanted(tests: Sequence[pytest.Item]) -> set[str]:
    """What tests say that their stack installs."""
    return {str(name) for test in tests for mark in test.iter_markers("installs") for name in mark.args}
