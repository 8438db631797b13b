"""How a checkpoint stores its weights, part by part."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from ...contracts.serving import Precision


class Scope(StrEnum):
    """Which weights a quantized checkpoint stores in its precision; the rest stays 16 bit.

    Embeddings, output head, router and norms are 16 bit in every scope.
    """

    LINEAR = "linear"
    """All linear layers."""
    FEED_FORWARD = "feed-forward"
    """Feed-forward layers and experts, attention not."""
    EXPERTS = "experts"
    """Routed experts only."""

    @property
    def parts(self) -> frozenset[Part]:
        """The parts that it means."""
        return _IN_SCOPE[self]


class Part(StrEnum):
    """Weights of one kind, which a checkpoint of mixed precision stores alike."""

    HEAD = "head"
    ATTENTION = "attention"
    """Projections of attention that tensor parallelism splits."""
    ATTENTION_WHOLE = "attention-whole"
    """Down-projections of latent attention and its indexer, whole on every rank."""
    ABSORBED = "absorbed"
    """Key and value up-projections of latent attention."""
    LINEAR = "linear"
    """Projections of linear-attention, state-space and short-convolution layers."""
    FEED_FORWARD = "feed-forward"
    SHARED = "shared"
    """Shared experts."""
    LATENT = "latent"
    """Projections into and out of latent experts, whole on every rank."""
    EXPERTS = "experts"


@dataclass(frozen=True, kw_only=True, slots=True)
class Stored:
    """A share of a part and how it is stored."""

    part: Part
    precision: Precision
    share: float = 1.0
    """Share of the part's weights; the rest is stored in another way, or 16 bit."""
    group: int = 0
    block: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Quantization:
    """How the published checkpoint stores its weights."""

    precision: Precision
    """That of the routed experts, or of most weights where there are none."""
    scope: Scope = Scope.LINEAR
    group: int = 0
    """Weights per scale along the input dimension; 0 for one scale per channel or tensor."""
    block: int = 0
    """Side of the square block that shares a scale (128 in DeepSeek's FP8); 0 without blocks."""
    parts: tuple[Stored, ...] = ()
    """Every part that is not 16 bit, where the checkpoint mixes precisions; empty where the scope tells all."""

    def stored(self, part: Part) -> tuple[Stored, ...]:
        """How a part is stored, as far as it is not 16 bit."""
        if self.parts:
            return tuple(stored for stored in self.parts if stored.part is part)
        if part not in self.scope.parts or self.precision in SIXTEEN_BIT:
            return ()
        return (Stored(part=part, precision=self.precision, group=self.group, block=self.block),)

    @property
    def precisions(self) -> frozenset[Precision]:
        """All precisions that occur beside 16 bit."""
        return frozenset({self.precision, *(stored.precision for stored in self.parts)})


SIXTEEN_BIT = frozenset({Precision.BF16, Precision.FP16})
_EXPERTS = frozenset({Part.EXPERTS})
_FEED_FORWARD = _EXPERTS | {Part.FEED_FORWARD, Part.SHARED, Part.LATENT}
_IN_SCOPE = {
    Scope.EXPERTS: _EXPERTS,
    Scope.FEED_FORWARD: _FEED_FORWARD,
    Scope.LINEAR: _FEED_FORWARD | {Part.ATTENTION, Part.ATTENTION_WHOLE, Part.ABSORBED, Part.LINEAR},
}


def stored_parts(cell: str) -> tuple[Stored, ...]:
    """Parts as a table spells them, such as ``experts=nvfp4:1:16:0;attention=fp8:0.5:0:128``."""
    found: list[Stored] = []
    for item in cell.split(";") if cell else ():
        part, _, how = item.partition("=")
        precision, share, group, block = how.split(":")
        found.append(
            Stored(
                part=Part(part), precision=Precision(precision), share=float(share), group=int(group), block=int(block)
            )
        )
    return tuple(found)


def parts_cell(quantization: Quantization) -> str:
    """The parts as a table spells them."""
    return ";".join(
        f"{stored.part.value}={stored.precision.value}:{round(stored.share, 6):g}:{stored.group}:{stored.block}"
        for stored in quantization.parts
    )
