"""``docs/fabric.md``: what pods of each kind of pool get.

``python -m tests.fabric.page`` writes it anew.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from components.contracts.cluster_facts import PoolFacts
from components.contracts.fabric import FabricProfile, PodFabric
from tests.conftest import PROJECT

from .kinds import kinds

PAGE = PROJECT / "docs" / "fabric.md"
_BEGIN, _END = "<!-- profiles -->\n", "<!-- end -->"


def written(page: str, profiles: Mapping[str, PoolFacts]) -> str:
    """The page with its computed part as it has to be."""
    before, _, rest = page.partition(_BEGIN)
    after = rest.partition(_END)[2]
    return f"{before}{_BEGIN}\n{_table(profiles)}\n\n{_details(profiles)}\n{_END}{after}"


def _table(profiles: Mapping[str, PoolFacts]) -> str:
    head = "| pool | carried by | Gbit/s of a node | a node offers | a pod with all GPUs | a pod with one | rights |"
    rows = [f"| {name} | {' | '.join(_cells(pool))} |" for name, pool in profiles.items()]
    return "\n".join([head, "|---|---|---|---|---|---|---|", *rows])


def _cells(pool: PoolFacts) -> Iterator[str]:
    fabric = pool.fabric
    yield "TCP" if fabric.transport.value == "none" else fabric.transport.value
    yield f"{fabric.gbps_per_node:g}" if fabric.gbps_per_node else ""
    yield _counts(fabric.node_devices, fabric)
    yield _counts(fabric.across_nodes(pool.gpus_per_node, pool.gpus_per_node).devices, fabric)
    whole = fabric.takes_whole_nodes and pool.gpus_per_node > 1
    yield "refused: it would hold all cards" if whole else _counts(_one(pool).devices, fabric)
    yield ", ".join((*fabric.capabilities, *(("privileged",) if fabric.privileged else ())))


def _one(pool: PoolFacts) -> PodFabric:
    return pool.fabric.across_nodes(1, pool.gpus_per_node)


def _counts(devices: Mapping[str, int], fabric: FabricProfile) -> str:
    networks = [network.resource for network in fabric.networks]
    named = [f"{count} `{name}`" for name, count in devices.items() if name not in networks]
    attached = [f"1 of each of `{networks[0]}` to `{networks[-1].rpartition('/')[2]}`"] if networks else []
    claimed = [f"{claim.count} of class `{claim.device_class}`" for claim in fabric.claims]
    return ", ".join((*named, *attached, *claimed))


def _details(profiles: Mapping[str, PoolFacts]) -> str:
    alike: dict[str, list[str]] = {}
    for name, pool in profiles.items():
        alike.setdefault("\n".join(_lines(pool.fabric)), []).append(name)
    return "\n".join(f"### {'; '.join(names)}\n\n{text}\n" for text, names in alike.items())


def _lines(fabric: FabricProfile) -> Iterator[str]:
    yield f"- NIXL: {fabric.nixl_backend.value if fabric.nixl_backend else 'none'}"
    yield f"- variables: {_variables(fabric.environment)}"
    if fabric.inside_environment:
        yield f"- of pods that leave no node: {_variables(fabric.inside_environment)}"
    for network in fabric.networks:
        yield f"- `{network.interface}` is `{network.name}`"
    for key, value in fabric.annotations:
        yield f"- annotation `{key}`: `{' '.join(value.split())}`"
    for mount in fabric.mounts:
        yield f"- `{mount.host_path}` of the node at `{mount.mount_path}`"
    if fabric.settings_script:
        yield f"- reads `{fabric.settings_script}` first"
    if fabric.shared_memory is not None:
        yield f"- `/dev/shm` of {fabric.shared_memory} at least"
    if fabric.daemon is not None:
        yield f"- beside it `{fabric.daemon.name}` with {', '.join(fabric.daemon.capabilities)}: " + " ".join(
            fabric.daemon.command
        )
    if fabric.near:
        yield f"- near each other by {', '.join(f'`{label}`' for label in fabric.near)}"
    for backend in fabric.expert_backends:
        overlap = ", overlapped" if backend.overlap else ""
        yield f"- experts of {backend.engine.value} {backend.since}, {backend.role.value}: `{backend.backend}`{overlap}"


def _variables(variables: tuple[tuple[str, str], ...]) -> str:
    return ", ".join(f"`{name}={value}`" for name, value in variables)


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text(), kinds()))
