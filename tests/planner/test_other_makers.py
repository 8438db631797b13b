"""Accelerators of other makers are refused by name, and no NVIDIA GPU is taken for one."""

from __future__ import annotations

import pytest

from components.contracts.versions import VLLM
from components.planner.catalogs.gpus import gpus
from components.planner.catalogs.other_accelerators import device_called, device_of_image, other_devices
from tests.planner.clusters import MIXED, plan_for, refused

NAMED = {
    "MI300X": "AMD",
    "Instinct MI355X": "AMD",
    "TPU v5e": "TPUs",
    "v6e": "TPUs",
    "Trillium": "TPUs",
    "Gaudi 3": "Gaudi",
    "Trainium2": "Trainium",
    "inf2": "Inferentia",
    "Maia 200": "Maia",
    "Max 1550": "Intel GPUs",
    "Ascend 910B": "Ascend",
}
IMAGES = {
    "rocm/vllm:latest": "AMD",
    "docker.io/vllm/vllm-openai-rocm:v0.33.0": "AMD",
    "vllm/vllm-tpu:nightly": "TPUs",
    "vault.habana.ai/gaudi-docker/1.22.0/vllm": "Gaudi",
    "public.ecr.aws/neuron/pytorch-inference-vllm-neuronx:0.9.1": "Neuron",
    "intel/vllm:xpu": "Intel",
    "quay.io/ascend/vllm-ascend:v0.18.0": "Ascend",
}


@pytest.mark.parametrize(("name", "said"), NAMED.items())
def test_a_model_that_asks_for_another_makers_device_is_told_so(name: str, said: str) -> None:
    answer = refused(plan_for("Qwen/Qwen2-7B-Instruct", MIXED, gpu=name))
    assert answer.field == "gpu"
    assert said in answer.cause


@pytest.mark.parametrize(("image", "said"), IMAGES.items())
def test_an_image_of_another_makers_engine_is_recognised(image: str, said: str) -> None:
    assert said in (device_of_image(image) or "")


@pytest.mark.parametrize(
    "image", [VLLM.reference(), "registry.example.com/output/npu2-team/vllm:1", "nvcr.io/nvidia/vllm"]
)
def test_other_images_are_not_taken_for_one(image: str) -> None:
    assert device_of_image(image) is None


def test_no_gpu_of_nvidia_is_taken_for_another_makers() -> None:
    names = [name for card in gpus() if card.is_nvidia for name in (card.name, *card.aliases)]
    assert len(names) > 40
    assert [name for name in names if device_called(name)] == []


def test_every_row_has_a_source() -> None:
    assert all(device.source and device.what for device in other_devices())
