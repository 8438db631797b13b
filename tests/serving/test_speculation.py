"""Speculative decoding reaches the engine, and a head with a checkpoint of its own reaches the volume."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from components.clusters import Cluster, ClusterArgs
from components.contracts.api_groups import MONITORING
from components.contracts.errors import StrataError
from components.contracts.quantities import Duration
from components.contracts.served_models import ServedModel
from components.contracts.serving import ServingPlan
from components.serving import ServedModels
from components.serving.engines import engine_adapter
from components.serving.engines.adapter import ServerRequest
from tests.planner.clusters import cluster
from tests.registration import Registrations, registered

from .plans import plan, service

REVISION, HEAD = "f2826a00ceef68f0f2b946d945ecc0477ce4450c", "a" * 40
_CONFIG = {
    "hidden_size": 4096,
    "intermediate_size": 12288,
    "num_attention_heads": 32,
    "num_key_value_heads": 8,
    "vocab_size": 151936,
    "draft_vocab_size": 32000,
}


@pytest.fixture
def eagle3(tmp_path: Path) -> dict[str, object]:
    config = tmp_path / "config.json"
    config.write_text(json.dumps(_CONFIG))
    return {"kind": "eagle3", "model": "lab/qwen3-8b-eagle3", "revision": HEAD, "config_json": str(config)}


def asked_of_the_engine(of: ServingPlan, draft_path: str = "") -> object:
    request = ServerRequest(
        plan=of,
        role=of.roles[0],
        model_path="/models/chat",
        draft_path=draft_path,
        served_name="chat",
        drain=Duration(60),
    )
    command = engine_adapter(of.engine).server(request).command
    values = [argument.partition("=")[2] for argument in command if argument.startswith("--speculative-config=")]
    return json.loads(values[0]) if values else None


def test_an_engine_drafts_only_where_it_is_asked_to() -> None:
    assert asked_of_the_engine(plan()) is None


def test_matches_in_the_prompt_are_asked_for_with_their_lengths() -> None:
    made = plan(speculation={"kind": "ngram", "tokens": 3, "longest_match": 5})
    assert asked_of_the_engine(made) == {
        "method": "ngram",
        "num_speculative_tokens": 3,
        "prompt_lookup_max": 5,
        "prompt_lookup_min": 2,
    }


def test_a_head_is_loaded_from_its_folder(eagle3: dict[str, object]) -> None:
    assert asked_of_the_engine(plan(speculation=eagle3), "/models/head") == {
        "method": "eagle3",
        "num_speculative_tokens": 3,
        "model": "/models/head",
    }


def test_a_service_without_the_folder_of_its_head_is_refused(eagle3: dict[str, object]) -> None:
    with pytest.raises(
        StrataError, match="draft_path: is left out, and the plan drafts tokens with lab/qwen3-8b-eagle3"
    ):
        service(plan(speculation=eagle3))


def test_the_volume_holds_the_head_beside_the_model(eagle3: dict[str, object]) -> None:
    drafting = ServedModel.model_validate(
        {"name": "chat", "model": "Qwen/Qwen3-8B", "revision": REVISION, "speculation": eagle3}
    )
    plain = drafting.model_copy(update={"speculation": None})

    def declared(model: ServedModel) -> Registrations:
        facts = cluster(h100=("p5.48xlarge", 1)).with_apis([MONITORING])

        def declare() -> None:
            lab = Cluster("lab", ClusterArgs(kubeconfig="/kubeconfig", facts=facts))
            ServedModels("llms", cluster=lab, models=[model])

        return registered(declare)

    made = declared(drafting)
    listed = json.dumps([found.inputs for found in made.of("ConfigMap")])
    assert "lab/qwen3-8b-eagle3" in listed
    command = made.only("Deployment").at("spec", "template", "spec", "containers", 0, "command")
    assert isinstance(command, list)
    (argument,) = [str(text) for text in command if str(text).startswith("--speculative-config=")]
    assert f"lab--qwen3-8b-eagle3/{HEAD}" in argument

    def claimed(of: Registrations) -> str:
        return str(of.only("PersistentVolumeClaim").at("spec", "resources", "requests", "storage"))

    assert claimed(made) != claimed(declared(plain)), "room for the head"
