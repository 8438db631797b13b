"""Which architectures and fields of a ``config.json`` are understood; everything else that changes sizes is refused.

A family is listed once its count of parameters was compared with that of its code in transformers, or read from
vLLM's code where transformers lacks it.
"""

from __future__ import annotations

import re
from functools import cache

from .json_object import JsonObject
from .table import read_table

_ENCODERS = frozenset({"bert", "camembert", "mpnet", "nomic_bert", "roberta", "xlm-roberta"})
UNGATED = frozenset({"gpt2", "nemotron_h", "nemotron", "opt", "starcoder2", "apertus", "arcee"})
"""Families whose feed-forward networks have two matrices."""
_SIZE = re.compile(
    r"size|dim|rank|head|layer|expert|group|ratio|window|pattern|type|config|width|depth|mult|freq|interval|kernel|"
    r"block|stream|chunk|latent|compress|shared|loops|repeat|memory"
)


@cache
def families() -> frozenset[str]:
    """Architectures that are understood, as ``model_type`` of the text model spells them."""
    return frozenset(row["family"] for row in read_table("architectures"))


@cache
def _fields() -> frozenset[str]:
    """Fields that are read, and those whose sizes are of something else: positions, choices, limits of generation."""
    return frozenset(row["field"] for row in read_table("config_fields"))


def is_encoder(family: str) -> bool:
    """Whether the family has no decoder."""
    return family in _ENCODERS


def check_known(text: JsonObject, family: str) -> None:
    """Refuse what is not understood.

    Raises:
        ValueError: The architecture or a field that may change sizes, by name.
    """
    if family not in families():
        known = "text_config of a known one" if not family else f"architecture {family!r}"
        raise ValueError(f"{known} is not understood, so neither its weights nor its cache can be sized")
    for field in text.names():
        if field in _fields() or text.is_scalar_text(field):
            continue
        if _SIZE.search(field) and not field.endswith(("_id", "_ids", "_index", "_token", "_theta")):
            raise ValueError(f"{field} is not understood, and may change the sizes of {family}")
