"""A checkpoint says how keys and values are kept, and the plan follows unless told otherwise."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from components.contracts.serving import KvPrecision
from components.planner.catalogs.hf_config import from_config
from components.planner.catalogs.hf_quantization import cache_precision
from components.planner.catalogs.json_object import JsonObject
from components.planner.catalogs.models import model

from .clusters import cluster, plan_for, planned, refused

CONFIGS = Path(__file__).with_name("configs")
_BESIDE = "hf_quant_config.json"
LAGUNA = "poolside/Laguna-XS.2"
HOPPER = cluster(h100=("p5.48xlarge", 1))


def read(name: str) -> KvPrecision:
    """What a published config and the file beside it say."""
    config, beside = ((CONFIGS / name / file).read_text(encoding="utf-8") for file in ("config.json", _BESIDE))
    return from_config(name, JsonObject.parse(config), JsonObject.parse(beside)).cache


@pytest.mark.parametrize("name", ["Gemma-4-31B-IT-NVFP4", "Qwen3.6-35B-A3B-NVFP4"])
def test_modelopt_names_the_precision_beside_the_config(name: str) -> None:
    assert read(name) is KvPrecision.FP8
    assert model(f"nvidia/{name}").cache is KvPrecision.FP8


@pytest.mark.parametrize(
    ("scheme", "kept"),
    [({"type": "float", "num_bits": 8}, KvPrecision.FP8), ({"type": "int", "num_bits": 8}, KvPrecision.BF16)],
)
def test_compressed_tensors_names_it_as_a_scheme(scheme: dict[str, object], kept: KvPrecision) -> None:
    config = {"quantization_config": {"quant_method": "compressed-tensors", "kv_cache_scheme": scheme}}
    assert cache_precision(JsonObject.parse(json.dumps(config)), JsonObject({}), None) is kept


def test_laguna_holds_its_whole_context_on_one_gpu_as_its_recipe_does() -> None:
    plan = planned(plan_for(LAGUNA, HOPPER, max_model_len=262144, precision="bf16"))
    assert (plan.gpus, plan.kv_precision) == (1, KvPrecision.FP8)
    sixteen = planned(plan_for(LAGUNA, HOPPER, max_model_len=262144, precision="bf16", kv_precision="bf16"))
    assert sixteen.gpus == 2


def test_gpus_without_kernels_for_it_are_refused_by_that_name() -> None:
    refusal = refused(plan_for(LAGUNA, cluster(t4=("g4dn.12xlarge", 4)), max_model_len=8192, precision="fp16"))
    assert refusal.field == "kv_precision"
