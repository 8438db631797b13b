"""The program that the engine runs."""

import gc

# Modules are loaded and never freed; looking for garbage meanwhile costs a tenth of a preview.
gc.disable()

from pathlib import Path  # noqa: E402

from stacks.program import run  # noqa: E402

run(Path(__file__).resolve().parent)
gc.freeze()
gc.enable()
