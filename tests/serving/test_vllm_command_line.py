"""The command line of vLLM, read by a parser with the flags, types and choices that vLLM itself declares."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import NoReturn

import pytest
from pydantic import BaseModel

from components.contracts.errors import StrataError
from components.contracts.fabric import PodFabric
from components.contracts.quantities import Duration
from components.contracts.serving import Engine, KvPrecision, Precision, ServingPlan
from components.contracts.versions import VLLM, VLLM_VERSION
from components.serving.engines import EngineServer, engine_adapter
from components.serving.engines.adapter import ServerRequest
from tests.planner.clusters import MIXED, plan_for, planned

from .plans import plan, with_role


class Release(BaseModel):
    """What ``record_vllm`` wrote down."""

    version: str
    flags: dict[str, str | list[str]]
    variables: list[str]
    metrics: list[str]
    metric_labels: list[str]


RELEASE = Release.model_validate_json(Path(__file__).with_name("vllm.json").read_text())


class Rejected(Exception):  # noqa: N818 - what argparse would exit with
    """The engine would not start."""


class Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise Rejected(message)


def parser() -> Parser:
    """A parser as ``vllm serve`` builds it."""
    made = Parser(allow_abbrev=False)
    made.add_argument("model")
    for flag, kind in RELEASE.flags.items():
        if isinstance(kind, list):
            made.add_argument(flag, choices=kind)
        elif kind.startswith("bool"):
            made.add_argument(flag, action=argparse.BooleanOptionalAction)
        elif "list[" in kind:
            made.add_argument(flag, nargs="+")
        else:
            made.add_argument(flag, type={"int": int, "float": float}.get(kind.partition(" | ")[0], str))
    return made


def server(of: ServingPlan, drain: Duration = Duration(60)) -> EngineServer:  # noqa: B008 - immutable
    request = ServerRequest(plan=of, role=of.roles[0], model_path="/models/chat", served_name="chat", drain=drain)
    return engine_adapter(of.engine).server(request)


def parsed(of: ServingPlan, drain: Duration = Duration(60)) -> dict[str, object]:  # noqa: B008 - likewise
    """Every option that is set, by its name in vLLM; Rejected when vLLM would not start."""
    command = server(of, drain).command
    assert command[:2] == ("vllm", "serve")
    options = vars(parser().parse_args(command[2:]))
    return {name: value for name, value in options.items() if value is not None}


def test_the_flags_were_recorded_from_the_version_that_runs() -> None:
    assert RELEASE.version == VLLM_VERSION, "record the flags of the new version: python -m tests.serving.record_vllm"
    assert f"v{VLLM_VERSION}" == VLLM.tag


def test_the_parser_rejects_what_vllm_does_not_know() -> None:
    for wrong in ("--tensor-parallel=2", "--dtype=bf16", "--max-model-len=8k", "--kv-cache-dtype=bf16"):
        with pytest.raises(Rejected):
            parser().parse_args(["/models/chat", wrong])


def test_a_plan_reaches_the_engine_number_by_number() -> None:
    base = plan(max_model_len=16384, gpu_memory_utilization=0.85)
    changed = with_role(base, tensor_parallel=4, pipeline_parallel=2, max_num_seqs=77, max_num_batched_tokens=4096)
    options = parsed(changed, Duration(90))
    assert options.pop("disable_access_log_for_endpoints") == "/health,/metrics,/v1/models"
    assert options == {
        "model": "/models/chat",
        "served_model_name": ["chat", base.model],
        "host": "0.0.0.0",  # noqa: S104 - the network policy decides who connects
        "port": 8000,
        "dtype": "bfloat16",
        "kv_cache_dtype": "auto",
        "tensor_parallel_size": 4,
        "pipeline_parallel_size": 2,
        "max_model_len": 16384,
        "max_num_seqs": 77,
        "max_num_batched_tokens": 4096,
        "gpu_memory_utilization": 0.85,
        "shutdown_timeout": 90,
    }


@pytest.mark.parametrize("precision", list(Precision))
def test_every_precision_is_one_that_vllm_starts_with(precision: Precision) -> None:
    options = parsed(plan().model_copy(update={"precision": precision}))
    unquantized = {Precision.BF16: "bfloat16", Precision.FP16: "float16"}
    assert options["dtype"] == unquantized.get(precision, "auto"), "quantized weights say in their files what they are"


def qwen2(precision: str) -> ServingPlan:
    """A plan of a model of which no FP8 checkpoint is published."""
    return planned(plan_for("Qwen/Qwen2-7B-Instruct", MIXED, gpu="H100-SXM", precision=precision))


def test_weights_are_quantized_on_loading_only_where_their_checkpoint_is_not() -> None:
    assert parsed(qwen2("fp8"))["quantization"] == "fp8"
    assert "quantization" not in parsed(qwen2("bf16"))
    published = plan(precision="fp8")
    assert published.checkpoint == "Qwen/Qwen3-8B-FP8"
    assert "quantization" not in parsed(published)


def test_the_volume_of_weights_that_are_quantized_on_loading_holds_them_as_they_are_published() -> None:
    assert qwen2("fp8").storage.volume == qwen2("bf16").storage.volume


@pytest.mark.parametrize("precision", list(KvPrecision))
def test_every_cache_precision_is_one_that_vllm_starts_with(precision: KvPrecision) -> None:
    options = parsed(plan().model_copy(update={"kv_precision": precision}))
    assert options["kv_cache_dtype"] == {KvPrecision.FP8: "fp8", KvPrecision.BF16: "auto"}[precision]


def test_data_and_expert_parallelism_are_asked_for_only_where_planned() -> None:
    assert not {"data_parallel_size", "enable_expert_parallel"} & set(parsed(plan()))
    options = parsed(with_role(plan(), data_parallel=8, expert_parallel=True))
    assert options["data_parallel_size"] == 8
    assert options["enable_expert_parallel"] is True


def test_a_drain_of_part_of_a_second_is_rounded_up() -> None:
    assert parsed(plan(), Duration(0.4))["shutdown_timeout"] == 1, "0 would abort answers under way"


def test_metrics_have_the_names_and_the_label_that_vllm_exports() -> None:
    metrics = server(plan()).metrics
    assert {metrics.waiting, metrics.running, metrics.kv_usage} <= set(RELEASE.metrics)
    assert metrics.model_label in RELEASE.metric_labels


def test_variables_are_known_and_nothing_is_written_outside_of_tmp() -> None:
    environment = server(plan()).environment
    assert {name for name in environment if name.startswith("VLLM_")} <= set(RELEASE.variables)
    folders = {value for value in environment.values() if value.startswith("/")}
    assert folders
    assert all(folder.startswith("/tmp/") for folder in folders)  # noqa: S108 - the only writable directory


def test_a_server_never_asks_the_internet_for_weights() -> None:
    environment = server(plan()).environment
    assert environment["HF_HUB_OFFLINE"] == "1", "there is no network path to the hub; each start would wait for it"
    assert environment["TRANSFORMERS_OFFLINE"] == "1"
    assert environment["VLLM_NO_USAGE_STATS"] == "1"


def test_variables_of_the_fabric_reach_the_server() -> None:
    of = plan()
    request = ServerRequest(
        plan=of,
        role=of.roles[0],
        model_path="/models/chat",
        served_name="chat",
        drain=Duration(60),
        fabric=PodFabric(environment=(("FI_PROVIDER", "efa"),)),
    )
    assert engine_adapter(Engine.VLLM).server(request).environment["FI_PROVIDER"] == "efa"


@pytest.mark.parametrize("engine", [engine for engine in Engine if engine is not Engine.VLLM])
def test_an_engine_without_an_adapter_is_refused_with_one_that_has(engine: Engine) -> None:
    with pytest.raises(StrataError, match="engine: vllm"):
        engine_adapter(engine)
