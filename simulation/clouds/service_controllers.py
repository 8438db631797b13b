"""``python -m simulation.clouds.service_controllers``: load balancers of the Services of one cluster, and their names.

Owns the process. It stands in for the part of a cloud's control plane that makes load balancers, and for controllers
whose pods run on the cluster; it ends with the control plane.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from components.contracts.errors import StrataError

from ..control_plane.api import Api, ApiError
from ..control_plane.layout import Layout
from ..provider.dns_records import NameWriter
from ..provider.managed_cluster import account_of
from ..provider.service_controllers import balance
from ..provider.store import Store
from .clouds import cloud_of

_POLL_SECONDS = 0.5


def main() -> int:
    """Work until the control plane is deleted."""
    layout = Layout.of(sys.argv[1], Path(sys.argv[2]))
    found = account_of(layout)
    if found is None:
        return 0
    cloud = cloud_of(found.file.stem)
    store = Store(found.file, cloud.seed)
    names = NameWriter(cloud.dns, found.cluster) if cloud.dns else None
    while layout.account.exists():
        try:
            # A new client every time that the API was lost, as it may have come back elsewhere.
            api = Api(layout)
            while layout.account.exists():
                balance(api, store, found.cluster, cloud.service_controllers)
                if names:
                    names.write(api, store)
                time.sleep(_POLL_SECONDS)
        except (StrataError, ApiError, OSError) as error:
            # The API server is down; whoever ends it for good ends this process too.
            sys.stderr.write(f"{error}\n")
            time.sleep(_POLL_SECONDS)
    return 0


if __name__ == "__main__":
    sys.exit(main())
