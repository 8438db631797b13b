"""Makes vLLM for CPUs and has it measure: ``python -m tests.witnesses.planner.ask_engine CONFIGS [KIND…]``.

``make planner-witnesses`` runs it; ``git diff`` shows what the engine does otherwise than before. ``VLLM_ENVIRONMENT``
names an environment that is there already.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from simulation.live.images.build import cache_folder
from simulation.live.images.real_engine import environment

_HERE = Path(__file__).parent


def main(arguments: list[str]) -> int:
    """Measure with the engine's own Python, which has nothing of the project."""
    python = environment(cache_folder()).parents[2] / "bin" / "python"
    configs, *kinds = arguments
    command = [str(python), str(_HERE / "measure_caches.py"), configs, str(_HERE / "caches"), *kinds]
    return subprocess.run(command, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
