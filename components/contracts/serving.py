"""What is asked of the planner and what it answers.

``ServingRequest`` holds what a user knows and fixes; everything left ``None`` is chosen.
``ServingPlan`` holds every number that a component needs, each with its reason.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from .errors import Problem
from .model import Contract
from .names import ObjectName, ServiceName
from .quantities import ByteSize, Duration
from .rates import DataRate
from .speculation import Speculation, SpeculationPlan
from .traffic import Count, Traffic


class Engine(StrEnum):
    """Which server answers the requests."""

    VLLM = "vllm"
    SGLANG = "sglang"
    TENSORRT_LLM = "tensorrt-llm"
    TEI = "tei"


class Precision(StrEnum):
    """How weights are stored on the GPU."""

    BF16 = "bf16"
    FP16 = "fp16"
    FP8 = "fp8"
    MXFP4 = "mxfp4"
    NVFP4 = "nvfp4"
    AWQ_INT4 = "awq-int4"
    GPTQ_INT4 = "gptq-int4"
    INT4 = "int4"
    """Compressed-tensors packed 4 bit, such as Kimi-K2.5's experts."""


class KvPrecision(StrEnum):
    """How keys and values are stored in the cache."""

    BF16 = "bf16"
    FP8 = "fp8"


class Topology(StrEnum):
    """How the GPUs of one model are arranged into pods."""

    REPLICATED = "replicated"
    """Every replica fits one node; a Deployment."""
    MULTI_NODE = "multi-node"
    """A replica spans nodes; a LeaderWorkerSet."""
    DISAGGREGATED = "disaggregated"
    """Prefill and decode run in different pods and transfer the KV cache over the fabric."""


class Role(StrEnum):
    """What a group of replicas does."""

    SERVE = "serve"
    PREFILL = "prefill"
    DECODE = "decode"


class Targets(Contract):
    """Latency targets; None sets none."""

    ttft: Duration | None = None
    """Time to first token."""
    tpot: Duration | None = None
    """Time per output token after the first."""


class ServingRequest(Contract):
    """One model to serve; ``None`` means that the planner chooses."""

    name: ServiceName
    """Name of the servers, and of the model in requests."""
    model: Annotated[str, Field(min_length=1, max_length=200)]
    """Hugging Face id in the model catalog, such as ``Qwen/Qwen2-7B-Instruct``."""
    config_json: Annotated[str, Field(min_length=1, max_length=4096)] | None = None
    """Path of the model's ``config.json``, for a model that the catalog lacks."""
    engine: Engine | None = None
    """Inference server; chosen by the planner where left out."""
    precision: Precision | None = None
    """Precision of the weights; chosen by the planner where left out."""
    kv_precision: KvPrecision | None = None
    """Precision of the KV cache; where left out what the checkpoint says, else that of the activations."""
    gpu: Annotated[str, Field(min_length=1)] | None = None
    """Name in the GPU catalog, such as ``H100-SXM``."""
    pool: ObjectName | None = None
    """Node pool to run on."""
    topology: Topology | None = None
    """How replicas are laid out; chosen by the planner where left out."""
    tensor_parallel: Count | None = None
    """GPUs that share each layer; chosen by the planner where left out."""
    pipeline_parallel: Count | None = None
    """Groups of GPUs that share the layers; chosen by the planner where left out."""
    data_parallel: Count | None = None
    """Attention data-parallel ranks inside one replica; copies are ``replicas``."""
    expert_parallel: bool | None = None
    """Whether experts are spread over the GPUs of a replica; chosen by the planner where left out."""
    replicas: Count | None = None
    """Data-parallel copies."""
    max_model_len: Count | None = None
    """Context length in tokens."""
    max_num_seqs: Count | None = None
    """Requests that a replica works on at once; chosen by the planner where left out."""
    gpu_memory_utilization: Annotated[float, Field(gt=0, le=0.99)] | None = None
    """Share of the GPU memory that the engine takes."""
    traffic: Traffic | None = None
    """Requests to plan for; without it one replica is planned, or as many as ``replicas`` says."""
    targets: Targets = Targets()
    budget_per_hour: Annotated[float, Field(gt=0)] | None = None
    """US dollars per hour, all replicas together."""
    over_tcp: bool = False
    """Whether replicas may span nodes, or prefill be apart from decode, on a pool whose nodes have no RDMA. It works,
    with the times of the ordinary network: the refusal without it says how much slower that is."""
    spare_replicas: Annotated[int, Field(ge=0, le=1000)] = 0
    """Replicas beyond what the traffic needs, to outlive the loss of that many."""
    speculation: Speculation | None = None
    """Speculative decoding; none where left out."""
    storage_read: DataRate | None = None
    """What a node reads of the model's storage while it loads, such as ``2GB/s``, where that was measured."""


class Reason(Contract):
    """Why a number of the plan is what it is."""

    subject: str
    """Which number, such as ``tensor_parallel``."""
    value: str
    because: str
    """The arithmetic or the rule, with its source."""


class MemoryBudget(Contract):
    """GPU memory of the fullest GPU of a replica."""

    usable: ByteSize
    weights: ByteSize
    activations: ByteSize
    non_torch: ByteSize
    cuda_graphs: ByteSize
    margin: ByteSize
    """Left free on purpose, for what the estimate does not cover."""
    kv_cache: ByteSize
    kv_tokens: Annotated[int, Field(ge=0)]
    """Tokens whose keys and values fit the whole replica; 0 for encoders, which keep none."""
    concurrent_requests: Annotated[float, Field(ge=0)]
    """Requests of ``max_model_len`` tokens that fit at once."""


class PipelineLoad(Contract):
    """How full the stages of a pipeline are at the planned load."""

    micro_batches: Annotated[float, Field(gt=0)]
    """Batches in flight at once on average; below the number of stages some of them wait."""
    bubble: Annotated[float, Field(ge=0, lt=1)]
    """Share of time that a stage idles."""


class RolePlan(Contract):
    """A group of equal replicas."""

    role: Role
    replicas: Count
    nodes_per_replica: Count
    tensor_parallel: Count
    pipeline_parallel: Count
    data_parallel: Count
    """Data-parallel ranks inside one replica (attention DP); copies are ``replicas``."""
    expert_parallel: bool
    max_num_seqs: Count
    max_num_batched_tokens: Count
    memory: MemoryBudget
    pipeline: PipelineLoad | None = None
    """None where one stage holds all layers."""

    @property
    def gpus_per_replica(self) -> int:
        """GPUs that one replica holds."""
        return self.tensor_parallel * self.pipeline_parallel * self.data_parallel

    @property
    def gpus_per_node(self) -> int:
        """GPUs that one pod of a replica asks for."""
        return self.gpus_per_replica // self.nodes_per_replica


class StoragePlan(Contract):
    """The checkpoint on shared storage and how long it takes to load."""

    checkpoint: ByteSize
    volume: ByteSize
    """Size to claim, a tenth above the checkpoint."""
    load: Duration
    """From storage into GPU memory."""
    start: Duration
    """Expected until a new pod is ready, its image there and its kernels yet to be compiled."""
    startup_budget: Duration
    """After which a server that is not ready is judged broken."""


class Performance(Contract):
    """What one replica group is expected to do; measured error in docs/accuracy.md."""

    ttft_low: Duration
    ttft_high: Duration
    tpot: Duration
    output_tokens_per_second: Annotated[float, Field(ge=0)]
    """Of all replicas together."""
    requests_per_second: Annotated[float, Field(ge=0)]


class Cost(Contract):
    """US dollars; ``None`` where a price is unknown, never 0."""

    per_hour: Annotated[float, Field(ge=0)] | None
    per_million_output_tokens: Annotated[float, Field(ge=0)] | None
    priced_on: str | None
    """Date and source of the instance price."""


class Alternative(Contract):
    """A feasible plan that was not chosen."""

    summary: str
    """Such as ``2 × L40S, TP1, fp8``."""
    cost: Cost
    why_not: str


class ServingPlan(Contract):
    """A deployment that is known to fit."""

    kind: Literal["plan"] = "plan"
    name: ObjectName
    model: str
    engine: Engine
    engine_version: str
    precision: Precision
    kv_precision: KvPrecision
    checkpoint: str = ""
    """Hugging Face id of the weights to load: ``model`` itself, or its published copy in ``precision``."""
    quantized_on_load: bool = False
    """Whether the engine turns 16-bit weights into ``precision`` while it loads them."""
    gpu: str
    pool: ObjectName
    instance_type: str
    topology: Topology
    max_model_len: Count
    gpu_memory_utilization: Annotated[float, Field(gt=0, le=0.99)]
    """Share of the memory of its GPU, or of its slice, that the engine takes."""
    gpu_share: Annotated[float, Field(gt=0, le=1)] = 1.0
    """Share of the memory that the engine sees which is its own: all of a GPU or a MIG partition, less of a GPU that
    others use beside it."""
    roles: Annotated[tuple[RolePlan, ...], Field(min_length=1)]
    storage: StoragePlan
    performance: Performance
    speculation: SpeculationPlan | None = None
    """None where every token is computed in a step of its own."""
    cost: Cost
    reasons: tuple[Reason, ...]
    alternatives: tuple[Alternative, ...] = ()

    @property
    def gpus(self) -> int:
        """GPUs of all roles and replicas."""
        return sum(role.replicas * role.gpus_per_replica for role in self.roles)


class Change(Contract):
    """A change after which the request would be feasible."""

    change: str
    """Such as ``precision: fp8``."""
    effect: str
    """Such as ``fits on 4 × H100-SXM``."""


class Refusal(Contract):
    """Why a request cannot be served, and the nearest changes that can."""

    kind: Literal["refusal"] = "refusal"
    name: str
    field: str
    """The setting to blame, such as ``max_model_len``."""
    cause: str
    consequence: str
    changes: tuple[Change, ...]

    def problem(self, path: str) -> Problem:
        """The refusal as a problem of the request at ``path``, such as ``models[0]``."""
        changes = "; ".join(f"{change.change} ({change.effect})" for change in self.changes)
        return Problem(
            field=f"{path}.{self.field}" if self.field else path,
            cause=self.cause,
            consequence=self.consequence,
            fix=changes or "change the model, its precision or the node pools",
        )
