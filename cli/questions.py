"""The requests that `plan` and `explain` send to the planner: models of a stack file, or one from flags."""

from __future__ import annotations

import argparse
from dataclasses import dataclass

from pydantic import ValidationError

from components.contracts.cluster_facts import ClusterFacts, StorageFacts, VolumeClass
from components.contracts.errors import Problem, StrataError
from components.contracts.pools import GpuPool
from components.contracts.quantities import Duration
from components.contracts.serving import Refusal, ServingPlan, ServingRequest, Targets
from components.contracts.shown_text import excerpt
from components.contracts.traffic import Traffic, Users
from components.planner import plan
from components.planner.deployable import MODEL_SERVERS
from components.planner.shapes import pool_facts
from stacks.definitions import Definitions
from stacks.layers.serving import ServingPart
from stacks.reading import read_stack

from .definitions import definitions_of
from .stack import PROJECT_FOLDER, facts_of

_CHOICES = ("engine", "precision", "kv_precision", "gpu", "topology")
_COUNTS = ("tensor_parallel", "pipeline_parallel", "data_parallel", "replicas", "max_model_len", "max_num_seqs")


@dataclass(frozen=True, kw_only=True)
class Answer:
    """One request with its result."""

    request: ServingRequest
    result: ServingPlan | Refusal


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Add flags for a stack, or for a model with pools and optional fixed choices."""
    parser.add_argument("stack", nargs="?", help="stack whose models are planned, such as dev; else give --model")
    parser.add_argument("--model", help="model id, such as Qwen/Qwen2-7B-Instruct; with a stack, only this one of it")
    parser.add_argument("--config-json", help="config.json of a model that the catalog lacks")
    parser.add_argument(
        "--pool",
        action="append",
        default=[],
        metavar="TYPE:COUNT",
        help="machines, such as p5.48xlarge:2; repeatable",
    )
    parser.add_argument("--read-gbps", type=float, default=16.0, help="shared storage, Gbit/s that a node reads [16]")
    for name in _CHOICES:
        parser.add_argument(f"--{name.replace('_', '-')}", help=f"fix the {name.replace('_', ' ')}")
    for name in _COUNTS:
        parser.add_argument(f"--{name.replace('_', '-')}", type=int, help=f"fix {name}")
    parser.add_argument("--speculation", metavar="KIND:TOKENS", help="draft tokens by ngram or mtp, such as mtp:1")
    parser.add_argument("--rate", type=float, help="requests per second")
    parser.add_argument("--users-per-week", type=int, help="people who come in a week, in place of --rate")
    parser.add_argument("--requests-per-user", type=float, help="requests of one of them in a week [26]")
    parser.add_argument("--busiest", type=float, help="requests of the busiest hour over those of the mean one [2]")
    parser.add_argument("--input", type=int, default=1024, help="tokens of a prompt [1024]")
    parser.add_argument("--output", type=int, default=256, help="tokens of an answer [256]")
    parser.add_argument("--ttft", help="target for the first token, such as 500ms")
    parser.add_argument("--tpot", help="target for each further token, such as 30ms")
    parser.add_argument("--budget-per-hour", type=float, help="US dollars per hour")
    parser.add_argument("--json", action="store_true", help="print JSON")


def answers(arguments: argparse.Namespace) -> list[Answer]:
    """Plan the models; StrataError when the command line is wrong."""
    if arguments.stack:
        return _of_stack(arguments.stack, arguments.model, definitions_of(arguments))
    if not arguments.model or not arguments.pool:
        raise StrataError.of(
            "command line",
            cause="neither a stack nor --model with --pool is given",
            consequence="there is nothing to plan",
            fix="strata plan dev, or strata plan --model Qwen/Qwen2-7B-Instruct --pool g6.2xlarge:2",
        )
    request, facts = asked(arguments)
    return [Answer(request=request, result=plan(request, facts))]


def asked(arguments: argparse.Namespace) -> tuple[ServingRequest, ClusterFacts]:
    """The one model that the flags ask for, and the machines that they give."""
    return _request(arguments), _facts(arguments.pool, arguments.read_gbps)


def _of_stack(name: str, only: str | None, definitions: Definitions) -> list[Answer]:
    stack = read_stack(PROJECT_FOLDER, name, definitions).stack
    serving = stack.part(ServingPart)
    if serving is None:
        raise StrataError.of(
            "scope",
            cause=f"stack {name} is of scope {stack.scope}, which serves no models",
            consequence="there is nothing to plan",
            fix="name a stack with models",
        )
    facts = facts_of(stack, definitions)
    used: dict[str, int] = {}
    found: list[Answer] = []
    for model in serving.models:
        request = model.as_request()
        result = plan(request, facts, used_gpus=used, deployable=MODEL_SERVERS)
        if isinstance(result, ServingPlan):
            used[result.pool] = used.get(result.pool, 0) + result.gpus
        if only in {None, model.name, model.model}:
            found.append(Answer(request=request, result=result))
    return found


def _request(arguments: argparse.Namespace) -> ServingRequest:
    fixed: dict[str, object] = {name: getattr(arguments, name) for name in (*_CHOICES, *_COUNTS)}
    try:
        traffic = _traffic(arguments)
        targets = Targets(
            ttft=Duration.parse(arguments.ttft) if arguments.ttft else None,
            tpot=Duration.parse(arguments.tpot) if arguments.tpot else None,
        )
        return ServingRequest.model_validate(
            {
                "name": "model",
                "model": arguments.model,
                "config_json": arguments.config_json,
                "budget_per_hour": arguments.budget_per_hour,
                "traffic": traffic,
                "targets": targets,
                "speculation": _speculation(arguments.speculation),
                **fixed,
            },
            strict=False,
        )
    except ValidationError as error:
        raise StrataError(
            Problem(
                field="--" + ".".join(map(str, problem["loc"])).replace("_", "-"),
                cause=problem["msg"],
                consequence="there is nothing to plan",
                fix="see strata plan --help",
            )
            for problem in error.errors(include_url=False)
        ) from error
    except ValueError as error:
        raise StrataError.of(
            "--ttft, --tpot", cause=str(error), consequence="there is nothing to plan", fix="write it like 500ms"
        ) from error


def _traffic(arguments: argparse.Namespace) -> Traffic | None:
    if arguments.rate is None and arguments.users_per_week is None:
        return None
    habits = {"requests": arguments.requests_per_user, "busiest": arguments.busiest}
    given = {name: value for name, value in habits.items() if value is not None}
    return Traffic(
        requests_per_second=arguments.rate,
        users=None if arguments.users_per_week is None else Users(per_week=arguments.users_per_week, **given),
        input_tokens=arguments.input,
        output_tokens=arguments.output,
    )


def _speculation(text: str | None) -> dict[str, object] | None:
    if text is None:
        return None
    kind, _, tokens = text.partition(":")
    if kind not in {"ngram", "mtp"} or not (tokens or "1").isdigit():
        raise StrataError.of(
            "--speculation",
            cause=f"{excerpt(text)!r} is not KIND:TOKENS with ngram or mtp",
            consequence="there is nothing to plan",
            fix="write it like mtp:1; a head of EAGLE-3 has more settings, for which a stack's file has the place",
        )
    return {"kind": kind, **({"tokens": int(tokens)} if tokens else {})}


def _facts(pools: list[str], gbps: float) -> ClusterFacts:
    found: list[GpuPool] = []
    for index, text in enumerate(pools):
        machine, _, count = text.partition(":")
        if not (count or "1").isdigit() or not 0 < int(count or "1") <= 5000:  # noqa: PLR2004 - largest cluster
            raise StrataError.of(
                "--pool",
                cause=f"{excerpt(text)!r} is not TYPE:COUNT with 1 to 5000 nodes",
                consequence="there is nothing to plan on",
                fix="write it like p5.48xlarge:2",
            )
        found.append(GpuPool(kind="gpu", name=f"pool-{index}", instance_type=machine, count=int(count or "1")))
    if not gbps > 0:
        raise StrataError.of(
            "--read-gbps",
            cause=f"is {gbps}",
            consequence="nothing would ever load",
            fix="give a rate above 0",
        )
    volume = VolumeClass(name="shared", provisioner="flags", read_bytes_per_second=gbps / 8 * 1e9)
    return ClusterFacts(
        name="flags",
        environment="command line",
        kubernetes_version="1.34",
        pools=tuple(pool_facts(pool) for pool in found),
        storage=StorageFacts(read_write_once=volume, read_write_many=volume),
    )
