"""Public registries and hubs need a way to the internet."""

from __future__ import annotations

import pytest
from pydantic import TypeAdapter, ValidationError

from components.contracts.served_models import ServedModel
from components.contracts.sources import PUBLIC_HUB, ImageMirror
from components.contracts.way_out import WayOut
from components.serving.sources import gated_problems, source_problems
from tests.planner.clusters import MIXED

INSIDE = MIXED.model_copy(update={"internet": False})
MIRROR, HUB = "registry.example.com/mirror", "https://hub.example.com"


@pytest.mark.parametrize(
    ("mirror", "hub", "blamed"),
    [
        (None, PUBLIC_HUB, "options.image_mirror"),
        (None, HUB, "options.image_mirror"),
        (MIRROR, PUBLIC_HUB, "options.hub_url"),
        (MIRROR, "https://huggingface.co:443/", "options.hub_url"),
        (MIRROR, "https://hf.co", "options.hub_url"),
        ("ghcr.io", HUB, "options.image_mirror"),
        ("docker.io/acme", HUB, "options.image_mirror"),
        ("quay.io:443/acme", HUB, "options.image_mirror"),
        ("acme", HUB, "options.image_mirror"),
    ],
)
def test_b7_a_public_source_without_a_way_out_is_one_problem(mirror: str | None, hub: str, blamed: str) -> None:
    assert [problem.field for problem in source_problems(INSIDE, mirror, hub, WayOut())] == [blamed]
    assert list(source_problems(MIXED, mirror, hub, WayOut())) == [], "with NAT all of them can be asked"


@pytest.mark.parametrize("mirror", [MIRROR, "localhost/acme", "registry:5000", "10.1.2.3/acme", "acme.azurecr.io"])
def test_sources_inside_need_none(mirror: str) -> None:
    assert list(source_problems(INSIDE, mirror, HUB, WayOut())) == []


@pytest.mark.parametrize(
    "written",
    [
        "https://registry.example.com/a",
        "http://registry.example.com/a/",
        "Registry.example.com/a",
        "registry.example.com/a/",
        "registry.example.com/a:1.2",
        "registry.example.com/a@sha256:0123",
    ],
)
def test_what_is_copied_with_a_registry_is_left_out_in_the_fix(written: str) -> None:
    with pytest.raises(ValidationError, match=r"; write registry\.example\.com/a(,|$| )"):
        TypeAdapter(ImageMirror).validate_python(written)
    assert TypeAdapter(ImageMirror).validate_python("registry.example.com/a") == "registry.example.com/a"


def test_a_hub_at_an_address_of_pods_or_services_is_refused() -> None:
    facts = MIXED.model_copy(update={"pod_ranges": ("10.44.0.0/16", "10.45.0.0/16")})
    for address, blamed in (("10.44.2.20", True), ("10.45.0.9:8443", True), ("10.46.0.9", False)):
        found = [problem.field for problem in source_problems(facts, MIRROR, f"https://{address}", WayOut())]
        assert found == (["options.hub_url"] if blamed else []), address


@pytest.mark.parametrize(
    ("model", "hub", "has_token", "is_refused"),
    [
        ("meta-llama/Llama-3.3-70B-Instruct", PUBLIC_HUB, False, True),
        ("Google/Gemma-3-27b-it", PUBLIC_HUB, False, True),
        ("google/gemma-3-27b-it", f"{PUBLIC_HUB}/", False, True),
        ("meta-llama/Llama-3.3-70B-Instruct", PUBLIC_HUB, True, False),
        ("meta-llama/Llama-3.3-70B-Instruct", HUB, False, False),
        ("google/gemma-4-26B-A4B", PUBLIC_HUB, False, False),
        ("Qwen/Qwen3-8B", PUBLIC_HUB, False, False),
    ],
)
def test_a_gated_model_needs_a_token_of_the_public_hub(model: str, hub: str, has_token: bool, is_refused: bool) -> None:  # noqa: FBT001 - a column
    served = ServedModel.model_validate({"name": "chat", "model": model, "revision": "a" * 40})
    found = [problem.field for problem in gated_problems([served], hub, has_token=has_token, fix="-")]
    assert found == (["models[0].model"] if is_refused else [])
