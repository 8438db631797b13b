"""Makes the real engine and a real model, and records again: ``python -m tests.live.engine.record_again``.

``make live-contract`` runs it and then holds the stand-in against the new recording; ``git diff`` shows what the engine
does otherwise than before. ``VLLM_ENVIRONMENT`` and ``VLLM_CHECKPOINT`` name what is there already.
"""

from __future__ import annotations

from simulation.live.images.build import cache_folder
from simulation.live.images.real_engine import environment
from simulation.live.images.real_model import real_checkpoint

from .record_engine import PARTS, main

if __name__ == "__main__":
    main(environment(cache_folder()).parents[2] / "bin" / "vllm", real_checkpoint(), set(PARTS))
