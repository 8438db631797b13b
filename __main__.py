"""The program that the engine runs."""

from pathlib import Path

from stacks.program import run

run(Path(__file__).resolve().parent)
