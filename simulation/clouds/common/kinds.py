"""Kinds of objects that more than one cloud makes its clusters know."""

from __future__ import annotations

from pathlib import Path

DEFINITIONS = Path(__file__).parent / "definitions"
"""A folder of definitions for each controller."""
SNAPSHOTS = DEFINITIONS / "snapshot-controller"
"""The kinds of the snapshot controller."""
