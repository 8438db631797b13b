"""One simulated cloud as a plugin process; the engine starts it through the scripts of ``plugins``."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from ..provider.provider import SimulatedProvider
from ..provider.serving import serve
from ..provider.store import Store
from .clouds import cloud_of
from .environment import STATE_VARIABLE
from .plugins import version_of


def main(package: str) -> None:
    """Serve the cloud of that Pulumi package until the engine ends."""
    state = os.environ.get(STATE_VARIABLE)
    if not state:
        sys.exit(f"{STATE_VARIABLE} is not set: this is the simulated {package}, and only `SIMULATED=1` runs reach it")
    cloud = cloud_of(package)
    store = Store(Path(state) / f"{package}.sqlite", cloud.seed)
    cloud.beside(store)
    serve(SimulatedProvider(cloud, store), version_of(package))


if __name__ == "__main__":
    main(sys.argv[1])
