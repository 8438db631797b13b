"""Rows of the table of models, made from shapes: the inverse of reading them."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from pathlib import Path

from ...contracts.serving import KvPrecision
from .models import Attention, Compressed, GroupedQuery, Latent, ModelSpec
from .quantized import parts_cell
from .table import read_rows

TABLE = Path(__file__).resolve().parents[1] / "data" / "models.csv"


def row_of(spec: ModelSpec) -> dict[str, str]:
    """The row of a model; blank where there is nothing to say."""
    native = spec.native
    cells: dict[str, str | int] = {
        "id": spec.id,
        "family": spec.family,
        "task": spec.task.value,
        "layers": spec.layers,
        "hidden": spec.hidden,
        "vocab": spec.vocab,
        "context": spec.context,
        "tied_embeddings": "true" if spec.tied_embeddings else "false",
        "heads": spec.heads,
        **_attention(spec.attention),
        "full_layers": str(spec.full_layers),
        **_mixers(spec),
        "dense_layers": str(spec.dense_layers),
        "intermediate": spec.intermediate,
        "dense_width": spec.dense_width,
        "matrices": spec.matrices,
        **_experts(spec),
        "extra_parameters": spec.extra_parameters,
        "prediction_parameters": spec.prediction_parameters,
        "precision": native.precision.value,
        "scope": native.scope.value,
        "group": native.group,
        "block": native.block,
        "parts": parts_cell(native),
        "cache": spec.cache.value if spec.cache is not KvPrecision.BF16 else "",
        "checkpoint_gb": f"{spec.checkpoint_bytes / 1e9:.6g}" if spec.checkpoint_bytes else "",
        "variants": ";".join(f"{precision.value}={name}" for precision, name in spec.variants),
        "source": spec.source,
    }
    return {name: str(cell) if cell else "" for name, cell in cells.items()}


def _attention(attention: Attention) -> Mapping[str, str | int]:
    match attention:
        case GroupedQuery():
            flags = {
                "qkv_bias": attention.qkv_bias,
                "output_bias": attention.output_bias,
                "qk_norm": attention.qk_norm,
                "output_gate": attention.output_gate,
                "head_gate": attention.head_gate,
                "shares_values": attention.shares_values,
            }
            return {
                "kv_heads": attention.kv_heads,
                "head_dim": attention.head_dim,
                "value_dim": attention.value_dim if attention.value_dim != attention.head_dim else "",
                "attention_flags": " ".join(name for name, holds in flags.items() if holds),
                "indexer_heads": attention.indexer_heads,
                "indexer_dim": attention.indexer_dim,
                "indexer_layers": attention.indexer_layers,
            }
        case Latent():
            return {
                "value_dim": attention.value_dim,
                "attention_flags": "output_gate" if attention.output_gate else "",
                "q_rank": attention.q_rank,
                "kv_rank": attention.kv_rank,
                "rope_dim": attention.rope_dim,
                "nope_dim": attention.nope_dim,
                "indexer_heads": attention.indexer_heads,
                "indexer_dim": attention.indexer_dim,
                "indexer_layers": attention.indexer_layers,
            }
        case Compressed():
            return {
                "head_dim": attention.head_dim,
                "q_rank": attention.q_rank,
                "rope_dim": attention.rope_dim,
                "indexer_heads": attention.indexer_heads,
                "indexer_dim": attention.indexer_dim,
                "compressed": f"{attention.fine_layers};{attention.coarse_layers};{attention.plain_layers}",
                "output_rank": attention.output_rank,
                "output_groups": attention.output_groups,
                "streams": attention.streams,
                "window_tokens": attention.window,
            }


def _mixers(spec: ModelSpec) -> Mapping[str, str | int]:
    cells: dict[str, str | int] = {}
    if spec.window is not None:
        window = spec.window
        cells |= {
            "window_layers": window.layers,
            "window_tokens": window.tokens,
            "window_kv_heads": window.kv_heads,
            "window_heads": window.heads,
            "window_head_dim": window.head_dim,
            "window_value_dim": window.value_dim,
            "window_kind": "chunked" if window.chunked else "sliding",
        }
    if spec.linear is not None:
        linear = spec.linear
        cells |= {
            "linear_layers": linear.layers,
            "linear_inner": linear.inner,
            "linear_keys": linear.keys,
            "linear_heads": linear.heads,
            "linear_key_dim": linear.key_dim,
            "linear_convolution": linear.convolution,
            "linear_kind": linear.form.value,
        }
    if spec.convolution is not None:
        cells |= {"convolution_layers": spec.convolution.layers, "convolution_kernel": spec.convolution.kernel}
    return cells


def _experts(spec: ModelSpec) -> Mapping[str, str | int]:
    experts = spec.experts
    if experts is None:
        return {}
    return {
        "experts": experts.count,
        "expert_layers": experts.layers,
        "experts_active": experts.active,
        "expert_intermediate": experts.intermediate,
        "shared_intermediate": experts.shared_intermediate,
        "expert_latent": experts.latent,
    }


def add_rows(specs: Iterable[ModelSpec], table: Path = TABLE) -> None:
    """Write the models into a table, in place of rows with the same id; rows stay in order of their ids."""
    rows = [dict(row) for row in read_rows(table)]
    columns = list(rows[0])
    held = {row["id"].casefold(): row for row in rows}
    for spec in specs:
        held[spec.id.casefold()] = row_of(spec)
    with table.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(held[name] for name in sorted(held))
