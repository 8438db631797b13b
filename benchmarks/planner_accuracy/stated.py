"""Inputs that a row's cited source states and the table's columns lack or got wrong.

``stated.csv`` quotes the source of each. Only inputs are taken over, never results; a source that leaves a setting
open leaves it blank here too.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path

_FILE = Path(__file__).with_name("stated.csv")
INPUTS = frozenset(
    {
        *("engine_version", "gpu_total_gib", "max_model_len", "max_num_seqs", "max_num_batched_tokens"),
        *("enforce_eager", "kv_connector"),
    }
)


@cache
def _stated() -> dict[tuple[str, str], dict[str, str]]:
    found: dict[tuple[str, str], dict[str, str]] = {}
    with _FILE.open(encoding="utf-8", newline="") as file:
        for line in csv.DictReader(file):
            if line["column"] not in INPUTS:
                raise ValueError(f"{_FILE.name}: {line['id']} sets {line['column']}, which is not an input")
            found.setdefault((line["id"], line["model"]), {})[line["column"]] = line["value"]
    return found


def completed(rows: Iterable[Mapping[str, str]]) -> Iterator[Mapping[str, str]]:
    """The rows with what their sources state."""
    for row in rows:
        yield {**row, **_stated().get((row["id"], row["model"]), {})}
