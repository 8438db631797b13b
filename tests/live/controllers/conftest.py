"""One stack for all controllers, as only one control plane of a machine can have live nodes."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.live.controllers.stack import Stack
from tests.sandbox import sandbox

_SERVICES = "  strata:services:\n    metrics_server: {install: true}\n    cert_manager: {install: true}\n"


@pytest.fixture(scope="session")
def stack(project: Path, tmp_path_factory: pytest.TempPathFactory, live_possible: None) -> Iterator[Stack]:
    """The dev stack on a bare cluster, with a model that KEDA scales: it brings KEDA, Prometheus and its services."""
    del live_possible
    if os.environ.get("LIVE_ALL") != "1":
        pytest.skip("runs in make live-all")
    with sandbox(project, tmp_path_factory.mktemp("controllers"), "dev") as box:
        box.edit("name: dev", "name: dev\n    bare: true")
        box.edit("replicas: 2", "replicas: 2\n      autoscaling: {kind: keda, max_replicas: 4}")
        box.edit("  strata:secrets:", f"{_SERVICES}  strata:secrets:")
        try:
            done = box.strata("live", timeout=600)
            assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
            yield Stack(box, project)
        finally:
            box.strata("live-down")
