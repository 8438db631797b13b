"""The planner beside NVIDIA's aiconfigurator: both are asked the same questions.

``python -m benchmarks.planner_vs_aiconfigurator --aiconfigurator VENV/bin/aiconfigurator [--write FILE.md]``

aiconfigurator (benchmarks/requirements.txt) lives in a virtual environment of its own; it is no dependency of Strata.
It gets a number of GPUs and latency targets and answers with the best configuration. The planner then gets the same
targets and the request rate that aiconfigurator promises, and is also asked what it thinks of aiconfigurator's
own configuration, so that differences of the search and of the estimate can be told apart.
"""

from __future__ import annotations

import argparse
import os
import re
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from components.contracts.cluster_facts import ClusterFacts, StorageFacts, VolumeClass
from components.contracts.pools import GpuPool
from components.contracts.quantities import Duration
from components.contracts.serving import Engine, KvPrecision, Refusal, ServingPlan, ServingRequest, Targets
from components.contracts.traffic import Traffic
from components.planner.catalogs.gpus import gpu
from components.planner.catalogs.models import model
from components.planner.memory.layout import Layout
from components.planner.planning import plan
from components.planner.shapes import pool_facts
from components.planner.speed import Lengths, time_per_output_token, ttft_band
from components.planner.speed.catalog import workload
from components.planner.speed.terms import Links

_TIMEOUT_SECONDS = 600
_REPEATS = 20
_NODES = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One question."""

    model: str
    aic_model: str
    gpus: int
    gpu: str
    system: str
    instance_type: str
    engine: Engine
    backend: str
    input_tokens: int
    output_tokens: int
    ttft: float
    tpot: float

    @property
    def title(self) -> str:
        """Such as ``gpt-oss-120b, 2 × H100-SXM, vllm``."""
        return f"{self.model.split('/')[1]}, {self.gpus} × {self.gpu}, {self.engine.value}"


CASES = (
    Case(
        model="meta-llama/Llama-3.1-70B-Instruct", aic_model="meta-llama/Meta-Llama-3.1-70B", gpus=8, gpu="H100-SXM",
        system="h100_sxm", instance_type="p5.48xlarge", engine=Engine.VLLM, backend="vllm",
        input_tokens=2000, output_tokens=500, ttft=2.0, tpot=0.05,
    ),
    Case(
        model="Qwen/Qwen3-32B-FP8", aic_model="Qwen/Qwen3-32B-FP8", gpus=8, gpu="H200",
        system="h200_sxm", instance_type="p5en.48xlarge", engine=Engine.TENSORRT_LLM, backend="trtllm",
        input_tokens=4000, output_tokens=500, ttft=1.0, tpot=0.02,
    ),
    Case(
        model="openai/gpt-oss-120b", aic_model="openai/gpt-oss-120b", gpus=2, gpu="H100-SXM",
        system="h100_sxm", instance_type="p5.48xlarge", engine=Engine.VLLM, backend="vllm",
        input_tokens=1024, output_tokens=1024, ttft=1.0, tpot=0.02,
    ),
    Case(
        model="MiniMaxAI/MiniMax-M2.5", aic_model="MiniMaxAI/MiniMax-M2.5", gpus=8, gpu="B200",
        system="b200_sxm", instance_type="p6-b200.48xlarge", engine=Engine.VLLM, backend="vllm",
        input_tokens=8192, output_tokens=1024, ttft=3.0, tpot=0.04,
    ),
    Case(
        model="deepseek-ai/DeepSeek-R1", aic_model="deepseek-ai/DeepSeek-R1", gpus=16, gpu="H200",
        system="h200_sxm", instance_type="p5en.48xlarge", engine=Engine.SGLANG, backend="sglang",
        input_tokens=4000, output_tokens=1000, ttft=3.0, tpot=0.05,
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Theirs:
    """aiconfigurator's best configuration; times in seconds."""

    gpus: int
    layout: Layout
    concurrency: int
    """Of one replica."""
    replicas: int
    requests_per_second: float
    ttft: float
    tpot: float
    answer_seconds: float

    def __str__(self) -> str:
        return f"{self.replicas} × {self.layout}, {self.concurrency} at once"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ours:
    """The planner's answers; times in seconds."""

    answer: ServingPlan | Refusal
    answer_seconds: float
    first_answer_seconds: float
    same_tpot: float
    """Of aiconfigurator's configuration at its concurrency."""
    same_ttft: tuple[float, float]


def main() -> int:
    """Ask both about every case."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.planner_vs_aiconfigurator", description=__doc__)
    parser.add_argument("--aiconfigurator", type=Path, required=True, help="its program, in a virtual environment")
    parser.add_argument("--write", type=Path, help="write the table to this Markdown file")
    arguments = parser.parse_args()
    if not arguments.aiconfigurator.exists():
        print(
            f"{arguments.aiconfigurator} does not exist; install benchmarks/requirements.txt into a virtual environment"
        )
        return 1
    rows: list[str] = []
    for case in CASES:
        theirs = ask_aiconfigurator(arguments.aiconfigurator, case)
        rows.append(_row(case, theirs, ask_planner(case, theirs) if theirs else None))
        print(rows[-1])
    if arguments.write:
        arguments.write.write_text(_page(rows), encoding="utf-8")
    return 0


def ask_aiconfigurator(program: Path, case: Case) -> Theirs | None:
    """Run its command line; None when it has no answer."""
    question = {
        "--model-path": case.aic_model, "--total-gpus": case.gpus, "--system": case.system, "--backend": case.backend,
        "--serving-mode": "agg", "--isl": case.input_tokens, "--osl": case.output_tokens,
        "--ttft": case.ttft * 1e3, "--tpot": case.tpot * 1e3,
    }  # fmt: skip
    flags = [str(part) for pair in question.items() for part in pair]
    started = time.perf_counter()
    done = subprocess.run(
        [str(program), "cli", "default", "--strict-sla", "--no-color", *flags],
        capture_output=True, text=True, timeout=_TIMEOUT_SECONDS, check=False,
    )  # fmt: skip
    return read_answer(done.stdout + done.stderr, time.perf_counter() - started)


def read_answer(text: str, seconds: float) -> Theirs | None:
    """The first row of its table of configurations."""
    line = re.search(r"^\|\s+1\s+\|.*$", text, re.MULTILINE)
    tpot = re.search(r"TPOT: ([\d.]+)ms", text)
    if line is None or tpot is None:
        return None
    cells = [cell.strip() for cell in line[0].strip("|").split("|")]
    sizes = {name: int(size) for name, size in re.findall(r"(etp|tp|pp|dp|ep)(\d+)", cells[12])}
    layout = Layout(
        tensor_parallel=sizes["tp"],
        pipeline_parallel=sizes.get("pp", 1),
        data_parallel=sizes.get("dp", 1),
        expert_parallel=sizes.get("ep", 1) > 1,
    )
    replicas = int(cells[9])
    return Theirs(
        gpus=replicas * layout.gpus,
        layout=layout,
        concurrency=int(cells[13]) * layout.data_parallel,
        replicas=replicas,
        requests_per_second=float(cells[4]),
        ttft=float(cells[5]) / 1e3,
        tpot=float(tpot[1]) / 1e3,
        answer_seconds=seconds,
    )


def ask_planner(case: Case, theirs: Theirs) -> Ours:
    """Plan for the same rate and targets, and estimate aiconfigurator's own configuration."""
    facts, request = _facts(case), _request(case, theirs.requests_per_second)
    times: list[float] = []
    answer = plan(request, facts)
    for _ in range(_REPEATS):
        started = time.perf_counter()
        answer = plan(request, facts)
        times.append(time.perf_counter() - started)
    card = gpu(case.gpu)
    work = workload(
        model(case.model), KvPrecision.BF16, card, theirs.layout, Links(nvlink_domain=card.nvlink_domain), case.engine
    )
    lengths = Lengths(case.input_tokens, case.output_tokens)
    band = ttft_band(work, theirs.concurrency, lengths)
    return Ours(
        answer=answer,
        answer_seconds=statistics.median(times),
        first_answer_seconds=max(times),
        same_tpot=time_per_output_token(work, theirs.concurrency, lengths),
        same_ttft=(band.low, band.high),
    )


def _facts(case: Case) -> ClusterFacts:
    disk = VolumeClass(name="shared", provisioner="example.com/nfs", read_bytes_per_second=2e9)
    pool = GpuPool(kind="gpu", name="gpus", instance_type=case.instance_type, count=_NODES)
    return ClusterFacts(
        name="benchmark",
        environment="existing",
        kubernetes_version="1.34",
        pools=(pool_facts(pool),),
        storage=StorageFacts(read_write_once=disk, read_write_many=disk),
    )


def _request(case: Case, rate: float) -> ServingRequest:
    return ServingRequest(
        name="benchmark",
        model=case.model,
        engine=case.engine,
        traffic=Traffic(requests_per_second=rate, input_tokens=case.input_tokens, output_tokens=case.output_tokens),
        targets=Targets(ttft=Duration(case.ttft), tpot=Duration(case.tpot)),
    )


def _row(case: Case, theirs: Theirs | None, ours: Ours | None) -> str:
    if theirs is None or ours is None:
        return f"| {case.title} | no answer | | | | | |"
    low, high = ours.same_ttft
    cells = (
        case.title,
        f"{theirs}: {theirs.requests_per_second:.2f} req/s, {theirs.tpot * 1e3:.1f} ms, TTFT {theirs.ttft:.2f} s",
        f"{ours.same_tpot * 1e3:.1f} ms, TTFT {low:.2f} to {high:.2f} s",
        _answer(ours.answer),
        f"{theirs.answer_seconds:.1f} s",
        f"{ours.answer_seconds * 1e3:.2f} ms",
    )
    return "| " + " | ".join(cells) + " |"


def _answer(answer: ServingPlan | Refusal) -> str:
    if isinstance(answer, Refusal):
        return f"refused: {answer.cause}"
    role, speed = answer.roles[0], answer.performance
    layout = Layout(
        tensor_parallel=role.tensor_parallel,
        pipeline_parallel=role.pipeline_parallel,
        data_parallel=role.data_parallel,
        expert_parallel=role.expert_parallel,
    )
    return (
        f"{role.replicas} × {layout} = {answer.gpus} GPUs, {speed.tpot * 1e3:.1f} ms,"
        f" TTFT {speed.ttft_low:.2f} to {speed.ttft_high:.2f} s"
    )


def _page(rows: list[str]) -> str:
    return _PAGE.format(cores=os.cpu_count(), rows="\n".join(rows))


_PAGE = """# The planner beside aiconfigurator

Written by `python -m benchmarks.planner_vs_aiconfigurator` (see there for the questions) on a shared machine with
{cores} cores; aiconfigurator 0.12.0, aggregated serving. The first three columns are about the same
configuration: what aiconfigurator chose and promises, and what the planner expects of it (TPOT, TTFT). The fourth is
the planner's own plan for the request rate that aiconfigurator promises.

| Question | aiconfigurator | Planner on the same | Planner's own | Time, aiconfigurator | Time, planner, warm |
|---|---|---|---|---|---|
{rows}

Why the answers differ:

- **Load.** aiconfigurator states the throughput of replicas that are always full. The planner keeps every replica at or
  below 75 % of its capacity, as requests arrive at random, and so needs at least a third more for the same rate.
- **TTFT.** aiconfigurator's is a number, ours a band of factor 4 whose upper end has to meet the target.
- **TPOT.** aiconfigurator interpolates kernel measurements of one engine version. The planner's coefficients come from
  whole engines under load (`benchmarks/planner_fit`); its error on measured runs of model families that were left
  out of the fit is in `docs/accuracy.md`.
- **Memory.** aiconfigurator's own estimate of the KV cache was above what vLLM's start-up logs report on 30 of 38 runs;
  the planner counts sampler warm-up, CUDA graphs and a margin, so that fewer requests fit each replica.
- **Search.** aiconfigurator fills exactly the GPUs it is given. The planner takes the cheapest fleet.
"""


if __name__ == "__main__":
    sys.exit(main())
