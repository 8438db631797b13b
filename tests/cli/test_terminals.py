"""What the command line prints reaches every terminal."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path


def check(project: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "cli", "check", "dev"]
    return subprocess.run(
        command, cwd=project, env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )


def test_a_terminal_of_ascii_gets_words_in_ascii(project: Path) -> None:
    done = check(project, PYTHONIOENCODING="ascii")
    assert done.returncode == 0, done.stderr
    assert "2 x H100-SXM" in done.stdout


def test_others_get_the_signs_themselves(project: Path) -> None:
    assert "2 × H100-SXM" in check(project, PYTHONIOENCODING="utf-8").stdout
