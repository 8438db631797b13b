"""``python -m simulation.live.supervisor``: starts again what dies of live nodes and of their control plane.

Owns the loop. It ends when the record of the live nodes is gone.
"""

from __future__ import annotations

import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from components.contracts.errors import StrataError

from ..control_plane.api import Api, ApiError
from ..control_plane.control_plane import ControlPlane
from ..control_plane.layout import COMPONENTS, Layout
from ..control_plane.status import alive
from .cluster import LiveCluster
from .volumes import open_volumes

_SECONDS = 1.0


def _say(line: str) -> None:
    sys.stdout.write(f"{datetime.now(UTC):%H:%M:%S} {line}\n")
    sys.stdout.flush()


def main() -> int:
    """Work until the live nodes are removed."""
    layout = Layout.of(sys.argv[1], Path(sys.argv[2]))
    control_plane, live = ControlPlane(layout.name, layout.state), LiveCluster(layout, _say)
    while live.record is not None:
        try:
            watch(control_plane, live)
        except (StrataError, ApiError, OSError) as error:
            _say(str(error))
        time.sleep(_SECONDS)
    return 0


def watch(control_plane: ControlPlane, live: LiveCluster) -> None:
    """Make everything run that should."""
    if len(alive(control_plane.layout)) < len(COMPONENTS):
        _say("a process of the control plane has ended")
        control_plane.revive(progress=_say)
    for line in live.repair():
        _say(line)
    open_volumes(Api(control_plane.layout))
    live.ensure_node_objects()


if __name__ == "__main__":
    sys.exit(main())
