"""Engine adapters: one per engine and version range."""

from __future__ import annotations

from ...contracts.errors import StrataError
from ...contracts.serving import Engine
from ...planner.deployable import MODEL_SERVERS
from .adapter import EngineAdapter, EngineServer
from .vllm import VllmAdapter

__all__ = ["EngineAdapter", "EngineServer", "engine_adapter", "has_adapter"]


def has_adapter(engine: Engine) -> bool:
    """Whether servers of that engine can be started."""
    return engine in MODEL_SERVERS.engines


def engine_adapter(engine: Engine) -> EngineAdapter:
    """The adapter of an engine.

    Raises:
        StrataError: There is none yet; plans for servers never name such an engine.
    """
    match engine:
        case Engine.VLLM:
            return VllmAdapter()
        case Engine.SGLANG | Engine.TENSORRT_LLM | Engine.TEI:
            raise StrataError.of(
                "engine",
                cause=f"{engine.value} has no adapter",
                consequence="no server could be started",
                fix=f"use engine: {Engine.VLLM.value}",
            )
