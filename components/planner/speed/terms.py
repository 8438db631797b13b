"""What the speed formulas need to know of a model and of a GPU.

Owns the numbers, not where they come from: the catalogs fill them in. Sizes are of the whole model;
how they are split over GPUs is decided in ``workload``.
"""

from __future__ import annotations

from dataclasses import dataclass

_KERNELS_OF_A_LAYER = 12
_MORE_WITH_EXPERTS = 9
PCIE_BYTES_PER_SECOND = 25e9
"""PCIe 4.0 × 16 per direction as measured, not the 32 GB/s of its signalling rate."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelTerms:
    """A model at one precision, reduced to what a step reads and computes."""

    layers: int
    moe_layers: int
    """Layers with routed experts; 0 for a dense model."""
    hidden: int
    """Width of the residual stream."""
    experts: int
    """Routed experts per MoE layer; 0 for a dense model."""
    active_experts: int
    """Routed experts that each token visits."""
    dense_bytes: float
    """Weights that every step reads: all but routed experts and the input embedding."""
    expert_bytes: float
    """All routed experts of all layers."""
    active_parameters: float
    """Parameters that one token is multiplied with, its routed experts included."""
    kv_bytes_per_token: float
    """Keys and values of one token in the layers whose cache grows with the context, over all heads."""
    kv_heads: int
    """Heads the cache can be split over by tensor parallelism; 1 where it is replicated, as in MLA."""
    prefill_attention_flops: float
    """FLOPs per pair of a query token and a cached token, over growing layers: 4 × heads × head dimension × layers."""
    decode_attention_flops: float
    """The same while decoding; larger for MLA, whose absorbed form works on the latent vector."""
    window: int = 0
    """Sliding window in tokens of the layers whose cache stops growing; 0 without such layers."""
    window_kv_bytes_per_token: float = 0.0
    """Keys and values of one token in the sliding-window layers."""
    state_bytes_per_sequence: float = 0.0
    """Recurrent state of linear-attention and Mamba layers."""
    activation_bytes: float = 2.0
    """Bytes per element of what GPUs exchange."""
    launches: int = 0
    """Kernels that one step starts one after the other; 0 for a count by layers."""

    @property
    def kernels(self) -> int:
        """Kernels per step; where they were not counted, as of grouped-query layers."""
        return self.launches or _KERNELS_OF_A_LAYER * self.layers + _MORE_WITH_EXPERTS * self.moe_layers


@dataclass(frozen=True, slots=True, kw_only=True)
class Links:
    """How GPUs reach each other."""

    nvlink_domain: int = 1
    """GPUs that NVLink joins; 1 without."""
    node_gpus: int = 1
    """GPUs of a node, which reach each other over PCIe where NVLink does not join them."""
    fabric: float | None = None
    """Bandwidth of each GPU to other nodes, per direction, in bytes/s; None when there is no fabric."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GpuTerms:
    """One GPU at the precision it computes the model in."""

    bandwidth: float
    """Memory bandwidth in bytes/s."""
    flops: float
    """Dense FLOP/s of the linear layers' precision."""
    attention_flops: float
    """Dense FLOP/s of 16-bit arithmetic, in which attention runs."""
    link_bandwidth: float
    """To a peer in the same domain, per direction, in bytes/s: NVLink, or PCIe where there is none."""
    link_domain: int
    """GPUs that reach each other over that link."""
    node_gpus: int = 1
    """GPUs of a node, which reach each other over PCIe where no faster link joins them."""
    expands: bool = False
    """Whether weights are expanded to 16 bit before they are multiplied, for lack of tensor cores in their format."""
    fabric_bandwidth: float | None = None
    """To a GPU in another domain, per direction, in bytes/s; None when there is no fabric."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drafting:
    """Speculative decoding: a step computes the drafted tokens beside the last one, and yields those accepted."""

    tokens: int = 0
    """Drafted for each step."""
    share: float = 0.0
    """Time to draft one of them, over that of a step of the model for one token."""
    tokens_per_step: float = 1.0
    """Yielded on average."""


NO_DRAFTS = Drafting()
