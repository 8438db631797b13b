"""EAGLE-3 heads, as their ``config.json`` describes them.

The published forms: a flat Llama configuration (SafeAILab/EAGLE), or one below ``transformer_layer_config``
(vllm-project/speculators).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ...contracts.errors import StrataError
from ...contracts.small_files import small_text
from .json_object import JsonObject

_MAX_FILE_BYTES = 2**20


@dataclass(frozen=True, kw_only=True, slots=True)
class DraftHead:
    """One or a few transformer layers with a head over part of the vocabulary."""

    layers: int
    hidden: int
    intermediate: int
    heads: int
    kv_heads: int
    head_dim: int
    vocab: int
    """Tokens that it can draft."""


def read_head(path: Path) -> DraftHead:
    """The head that a ``config.json`` describes.

    Raises:
        StrataError: when the file cannot be read or lacks a dimension.
    """
    try:
        config = JsonObject.parse(small_text(path, _MAX_FILE_BYTES))
        layer = config.section("transformer_layer_config") or config
        hidden, heads = layer.whole("hidden_size"), layer.whole("num_attention_heads")
        head = DraftHead(
            layers=layer.whole("num_hidden_layers") or 1,
            hidden=hidden,
            intermediate=layer.whole("intermediate_size"),
            heads=heads,
            kv_heads=layer.whole("num_key_value_heads") or heads,
            head_dim=layer.whole("head_dim") or (hidden // heads if heads else 0),
            vocab=config.whole("draft_vocab_size") or layer.whole("vocab_size"),
        )
    except (ValueError, OSError) as error:
        raise _unreadable(f"{path} cannot be read: {error}") from error
    missing = [name for name in ("hidden", "intermediate", "heads", "vocab") if not getattr(head, name)]
    if missing:
        raise _unreadable(f"{path} says nothing of {' and '.join(missing)}")
    return head


def _unreadable(cause: str) -> StrataError:
    return StrataError.of(
        "speculation.config_json",
        cause=cause,
        consequence="what the draft head takes of each GPU is unknown",
        fix="give the config.json of the head's own repository",
    )
