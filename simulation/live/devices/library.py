"""A stand-in for ``libnvidia-ml.so.1``, through which NVIDIA's programs see GPUs that are not there.

Owns building it from ``nvml/`` by the machine's C compiler, and keeping it by its content.
"""

from __future__ import annotations

import hashlib
import platform
import shutil
import subprocess
from pathlib import Path

from components.contracts.errors import StrataError

SONAME = "libnvidia-ml.so.1"
_SOURCE = Path(__file__).with_name("nvml")
_FLAGS = ("-std=gnu11", "-O2", "-fPIC", "-fvisibility=hidden", "-shared", f"-Wl,-soname,{SONAME}")


def nvml_library(cache: Path) -> Path:
    """The library, built where it is not kept yet.

    Args:
        cache: Folder of the project's cache.

    Raises:
        StrataError: when there is no C compiler, or it fails.
    """
    sources = sorted(_SOURCE.glob("*.c"))
    digest = hashlib.sha256(repr((_FLAGS, platform.machine())).encode())
    for file in (*sources, _SOURCE / "nvml.h"):
        digest.update(file.name.encode() + b"\0" + file.read_bytes())
    library = cache / "nvml" / digest.hexdigest()[:16] / SONAME
    if library.is_file():
        return library
    compiler = shutil.which("cc")
    if compiler is None:
        raise _problem("there is no C compiler (cc) on PATH", "install gcc or clang by the system's package manager")
    library.parent.mkdir(parents=True, exist_ok=True)
    draft = library.with_suffix(".part")
    argv = [compiler, *_FLAGS, "-o", str(draft), *map(str, sources), "-lpthread"]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    if done.returncode:
        raise _problem(f"cc fails: {done.stderr.strip()[-300:]}", "see to the compiler and the C library's headers")
    draft.replace(library)
    return library


def _problem(cause: str, fix: str) -> StrataError:
    return StrataError.of(
        "this machine", cause=cause, consequence="NVIDIA's programs cannot be shown GPUs that are not there", fix=fix
    )
