"""A project with one fake tool and a fake Go, for running the whole installer in seconds without a network.

Owns the folder that it makes; the real tools, caches and the real Go are never touched.
"""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tools.toolchain.python_env import requirements_key

ROOT = Path(__file__).resolve().parents[2]

# Builds by writing a script, notes that it did, and takes as long as it is told to.
_FAKE_GO = """#!/bin/sh
case "$1" in
env) echo go1.99.0; exit ;;
build) ;;
mod) # download -json PATH@VERSION
  echo "go: downloading $4" >&2
  sleep 0.2
  printf '{\n"Path": "%s",\n"Dir": "%s"\n}\n' "$4" "$FAKE_SOURCE/$4"
  exit ;;
*) exit 2 ;;
esac
echo "$$" >> "$FAKE_LOG"
echo "$*" > "$FAKE_LOG.arguments"
while [ $# -gt 0 ]; do
  [ "$1" = "-o" ] && out="$2"
  shift
done
sleep "${FAKE_SECONDS:-0}"
[ -n "$FAKE_FAILURE" ] && { echo "$FAKE_FAILURE"; exit 1; }
printf '#!/bin/sh\\necho fake %s\\n' "${FAKE_VERSION:-1.2.3}" > "${out}fake"
chmod +x "${out}fake"
"""

_VERSIONS = """
checkov = "1.0.0"

[module.fake]
memory_mb = 100

[tool.fake]
version = "1.2.3"
group = "run"
[tool.fake.path]
ask = ["--version"]
pattern = 'fake (\\d+\\.\\d+\\.\\d+)'
accept = ">=1.2,<1.3"
[tool.fake.go]
module = "fake"
package = "example.org/fake"
"""


@dataclass(frozen=True)
class FakeProject:
    """The folders of one fake project."""

    root: Path
    cache: Path
    path: Path

    @classmethod
    def make(cls, folder: Path, release: str = "") -> FakeProject:
        """Everything that the installer reads, with `.venv` done already."""
        project = cls(folder / "project", folder / "cache", folder / "path")
        for place in (project.root / "tools" / "go" / "fake", project.root / ".venv" / "bin", project.path):
            place.mkdir(parents=True)
        (project.root / "tools" / "versions.toml").write_text(_VERSIONS + release)
        (project.root / "tools" / "go" / "fake" / "go.mod").write_text("module example.org/tools/fake\n")
        project.program("go", _FAKE_GO)
        requirements = project.root / "requirements.txt"
        requirements.write_text("")
        (project.root / "requirements-dev.txt").write_text("# dev\n")
        (project.root / ".venv" / "bin" / "python").symlink_to(sys.executable)
        (project.root / ".venv" / "pyvenv.cfg").write_text("version = 3.11.7\n")
        (project.root / ".venv" / "strata-requirements").write_text(requirements_key(requirements))
        return project

    def program(self, name: str, text: str) -> Path:
        """Puts a program on PATH."""
        file = self.path / name
        file.write_text(text)
        file.chmod(0o755)
        return file

    def start(self, **variables: str) -> subprocess.Popen[str]:
        """Starts the installer."""
        environment = {
            "PATH": f"{self.path}:/usr/bin:/bin",
            "HOME": str(self.root.parent),
            "STRATA_CACHE": str(self.cache),
            "FAKE_LOG": str(self.log),
            "PYTHONDONTWRITEBYTECODE": "1",
            **variables,
        }
        argv = [sys.executable, "-m", "tools.toolchain", "--project", str(self.root), "install"]
        return subprocess.Popen(
            argv, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )

    def install(self, **variables: str) -> tuple[int, str]:
        """Runs the installer to its end; its exit status and what it said."""
        with self.start(**variables) as process:
            output, _ = process.communicate(timeout=60)
        return process.returncode, output

    @property
    def log(self) -> Path:
        """One line for each build, with the process that did it."""
        return self.root.parent / "builds.log"

    @property
    def builds(self) -> list[int]:
        """The processes that built so far."""
        return [int(line) for line in self.log.read_text().split()] if self.log.exists() else []

    @property
    def installed(self) -> Path:
        """Where the fake tool lies once it is whole."""
        return self.cache / "fake" / "1.2.3" / "bin" / "fake"

    @property
    def link(self) -> Path:
        """The name under which the project runs it."""
        return self.root / ".strata" / "bin" / "fake"


def is_running(process: int) -> bool:
    """Whether a process is there; one that ended and was not collected counts as gone."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    status = Path(f"/proc/{process}/stat")
    return not status.exists() or status.read_text().rsplit(")", 1)[1].split()[0] != "Z"
