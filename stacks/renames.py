"""Every setting whose spelling changed since the last release.

A row is removed with the release after the one that brought it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import get_args

from pydantic import BaseModel

from components.clusters.environments import ENVIRONMENTS
from components.contracts.api_groups import KEDA, MONITORING
from components.contracts.rates import DataRate, written_per_tib
from components.networks.interconnect.bandwidths import LINK_TYPES

from .spellings import EACH, Rename
from .yaml_file import Value

# More would be a slip, and too much for a rate.
_MOST = 1e12


def _sized(unit: str) -> Callable[[Value], Value]:
    def convert(value: Value) -> str | None:
        whole = isinstance(value, int) and not isinstance(value, bool)
        return f"{value}{unit}" if whole else None

    return convert


def _word(words: Mapping[str, str]) -> Callable[[Value], Value]:
    return lambda value: words.get(value) if isinstance(value, str) else None


def _kinds(settings: type) -> tuple[str, ...]:
    return get_args(settings.model_fields["kind"].annotation) if issubclass(settings, BaseModel) else ()


def _rate(factor: float) -> Callable[[Value], Value]:
    """For numbers of so many bytes in a second."""

    def convert(value: Value) -> str | None:
        if not isinstance(value, int | float) or isinstance(value, bool) or not 0 < value < _MOST:
            return None
        return str(DataRate(value * factor))

    return convert


def _megabits(value: Value) -> str | None:
    if not isinstance(value, int) or isinstance(value, bool):
        return None
    return f"{value // 1000}Gbps" if value and value % 1000 == 0 else f"{value}Mbps"


def _attachment(value: Value) -> str | None:
    found = re.fullmatch(r"BPS_(\d{1,3}[MG])", value) if isinstance(value, str) else None
    return f"{found[1]}bps" if found else None


def _per_tib(value: Value) -> str | None:
    return written_per_tib(value) if isinstance(value, int) and not isinstance(value, bool) else None


def _switch(entry: str) -> Callable[[Value], Value]:
    """For switches that are an entry of a list now."""

    def convert(value: Value) -> list[Value] | None:
        return ([entry] if value else []) if isinstance(value, bool) else None

    return convert


def _same(value: Value) -> Value:
    return value


_SUPPORT = {
    "STANDARD": "standard",
    "EXTENDED": "extended",
    "KubernetesOfficial": "standard",
    "AKSLongTermSupport": "extended",
}
_LINK_TYPES = {name: bandwidth for bandwidth, name in LINK_TYPES.items()}
_STORAGE, _DISK = ("target", "shared_storage"), ("target", "os_disk")
_LINK = ("links", EACH)
_PORT = (*_LINK, "ports", EACH)
_CIRCUIT, _PATH_CIRCUIT = (*_PORT, "circuit"), (*_LINK, "paths", EACH, "circuit")
RENAMES: Sequence[Rename] = (
    Rename(old=(*_STORAGE, "capacity_gib"), new=(*_STORAGE, "capacity"), convert=_sized("Gi"), example="4800Gi"),
    Rename(old=(*_STORAGE, "capacity_tib"), new=(*_STORAGE, "capacity"), convert=_sized("Ti"), example="4Ti"),
    Rename(old=(*_DISK, "gpu_gib"), new=(*_DISK, "gpu"), convert=_sized("Gi"), example="600Gi"),
    Rename(old=(*_DISK, "cpu_gib"), new=(*_DISK, "cpu"), convert=_sized("Gi"), example="200Gi"),
    Rename(old=(*_STORAGE, "throughput"), new=(*_STORAGE, "throughput"), convert=_per_tib),
    Rename(
        old=(*_STORAGE, "read_mb_per_second"), new=(*_STORAGE, "read_bandwidth"), convert=_rate(1e6), example="5GB/s"
    ),
    *(
        Rename(old=("target", old), new=("target", "network", new), convert=_same)
        for old, new in (
            ("zones", "zones"),
            ("pod_cidr", "pods"),
            ("service_cidr", "services"),
            ("dns_service_ip", "dns_service_ip"),
            ("max_pods_per_node", "pods_per_node"),
        )
    ),
    *(
        Rename(
            old=("target", "storage", use, "read_bytes_per_second"),
            new=("target", "storage", use, "read_bandwidth"),
            convert=_rate(1),
            example="5GB/s",
        )
        for use in ("read_write_once", "read_write_many", "scratch")
    ),
    *(
        Rename(
            old=("target", old),
            new=("target", "apis"),
            convert=_switch(group),
            example=f"[{group}]",
            joins=True,
        )
        for old, group in (("pod_monitors", MONITORING), ("scaled_objects", KEDA))
    ),
    Rename(old=("target", "support"), new=("target", "support"), convert=_word(_SUPPORT)),
    Rename(
        old=("target", "release_channel"),
        new=("target", "support"),
        convert=_word({"EXTENDED": "extended"}),
        keeps_others=True,
    ),
    Rename(old=(*_LINK, "bandwidth"), new=(*_LINK, "bandwidth"), convert=_attachment),
    Rename(old=(*_CIRCUIT, "link_type"), new=(*_CIRCUIT, "bandwidth"), convert=_word(_LINK_TYPES), example="10Gbps"),
    Rename(old=(*_PORT, "candidate_subnet"), new=(*_PORT, "bgp_range"), convert=_same),
    Rename(
        old=(*_PATH_CIRCUIT, "bandwidth_mbps"), new=(*_PATH_CIRCUIT, "bandwidth"), convert=_megabits, example="500Mbps"
    ),
)
"""What changed; the settings of environments that a program adds are its own affair."""


_KINDS = {kind for environment in ENVIRONMENTS for kind in _kinds(environment.settings)}


def renames_for(values: Mapping[str, Value]) -> Sequence[Rename]:
    """The renames that a stack's settings are read by.

    Args:
        values: Settings by key, without the project's prefix.
    """
    target = values.get("target")
    kind = target.get("kind") if isinstance(target, dict) else None
    is_ours = isinstance(kind, str) and kind in _KINDS
    return RENAMES if is_ours else [rename for rename in RENAMES if rename.old[0] != "target"]
