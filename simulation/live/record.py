"""What has to be remembered of live nodes between runs.

Owns the file that makes a cluster's pools live: as long as it is there, nobody makes simulated nodes for them.
"""

from __future__ import annotations

from pydantic import Field, ValidationError

from components.contracts.model import Contract
from components.contracts.pools import NodePool

from ..control_plane.layout import Layout
from ..control_plane.record import write_whole


class HubContent(Contract):
    """What the model hub has, for every model alike.

    Attributes:
        size: Bytes of the generated weights.
        folder: A checkpoint that is handed out in their place.
    """

    size: int = Field(default=8_000_000, gt=0)
    folder: str | None = None


class LiveRecord(Contract):
    """The remembered facts.

    Attributes:
        counts: How many nodes are live, by pool.
        pools: The pools that they stand for, in full.
        images: Archive of each image, by its name.
        fetching: Images whose programs fetch from the model hub.
        hub: What they find there.
        made_cluster: Whether the control plane was made for them, and goes with them.
    """

    counts: dict[str, int]
    pools: tuple[NodePool, ...]
    images: dict[str, str] = {}
    fetching: tuple[str, ...] = ()
    hub: HubContent = HubContent()
    made_cluster: bool = False


def read_live(layout: Layout) -> LiveRecord | None:
    """The record; None where no node is live."""
    try:
        return LiveRecord.model_validate_json(layout.live_nodes.read_bytes())
    except (OSError, ValidationError):
        return None


def write_live(layout: Layout, record: LiveRecord) -> None:
    """Replace the record."""
    layout.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_whole(layout.live_nodes, record.model_dump_json(indent=2))


def live_pools(layout: Layout) -> frozenset[str]:
    """Names of the pools whose nodes are live."""
    record = read_live(layout)
    return frozenset(record.counts) if record else frozenset()
