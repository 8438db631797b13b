"""Every image name is found in the one registry, as containerd asks for it."""

from __future__ import annotations

import pytest

from simulation.live.registry import repository_of


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("docker.io/vllm/vllm-openai:v0.33.0", "vllm/vllm-openai:v0.33.0"),
        ("docker.io/library/python:3.12", "library/python:3.12"),
        ("docker.io/python:3.12", "library/python:3.12"),
        ("python", "library/python:latest"),
        ("vllm/vllm-openai:v1", "vllm/vllm-openai:v1"),
        ("registry.k8s.io/pause:3.10.1", "pause:3.10.1"),
        ("602401143452.dkr.ecr.us-west-2.amazonaws.com/eks/efa:v1", "eks/efa:v1"),
        ("localhost:5000/own/image:1", "own/image:1"),
    ],
)
def test_the_host_of_a_name_is_left_out(name: str, kept: str) -> None:
    assert repository_of(name) == kept
