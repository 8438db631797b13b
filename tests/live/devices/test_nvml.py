"""The stand-in for NVIDIA's management library says of GPUs what the planner's tables say."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from components.contracts.errors import StrataError
from components.planner.catalogs.gpus import gpu
from simulation.live.devices.facts import NodeGpus
from simulation.live.devices.library import nvml_library

_ASK = """
import ctypes, json, sys
nvml = ctypes.CDLL(sys.argv[1])
if nvml.nvmlInit_v2():
    print(json.dumps({"error": nvml.nvmlInit_v2()}))
    sys.exit()
count, device, part = ctypes.c_uint(), ctypes.c_void_p(), ctypes.c_void_p()
nvml.nvmlDeviceGetCount_v2(ctypes.byref(count))
text, uuids, parts = ctypes.create_string_buffer(96), [], []
for index in range(count.value):
    nvml.nvmlDeviceGetHandleByIndex_v2(index, ctypes.byref(device))
    nvml.nvmlDeviceGetUUID(device, text, 96)
    uuids.append(text.value.decode())
    place = 0
    while not nvml.nvmlDeviceGetMigDeviceHandleByIndex(device, place, ctypes.byref(part)):
        nvml.nvmlDeviceGetName(part, text, 96)
        parts.append(text.value.decode())
        place += 1
nvml.nvmlDeviceGetName(device, text, 96)
memory = (ctypes.c_ulonglong * 3)()
nvml.nvmlDeviceGetMemoryInfo(device, memory)
print(json.dumps({"name": text.value.decode(), "uuids": uuids, "parts": parts, "mib": memory[0] >> 20}))
"""

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux") or shutil.which("cc") is None, reason="needs Linux and a C compiler"
)


def ask(folder: Path, facts: NodeGpus | None) -> dict[str, object]:
    """What a program is told."""
    file = folder / "facts"
    if facts is not None:
        file.write_text(facts.text())
    argv = [sys.executable, "-c", _ASK, str(nvml_library(folder))]
    done = subprocess.run(
        argv, capture_output=True, text=True, check=True, env={**os.environ, "STRATA_GPUS": str(file)}
    )
    answer: dict[str, object] = json.loads(done.stdout)
    return answer


def h100s(*partitions: str, node: str = "h100-0") -> NodeGpus:
    """Two GPUs."""
    return NodeGpus(gpu=gpu("H100-SXM"), count=2, node=node, driver="595.91.07", cuda="13.2", partitions=partitions)


def test_gpus_have_the_name_and_memory_of_the_catalog(tmp_path: Path) -> None:
    answer = ask(tmp_path, h100s())

    assert str(answer["name"]).replace(" ", "-") == gpu("H100-SXM").product_label
    assert answer["mib"] == gpu("H100-SXM").driver_mib == 81559
    assert answer["parts"] == []


def test_uuids_outlive_a_restart_and_differ_between_nodes(tmp_path: Path) -> None:
    first, again, other = (ask(tmp_path, h100s(node=node))["uuids"] for node in ("a", "a", "b"))

    assert first == again != other


def test_every_gpu_is_cut_as_asked(tmp_path: Path) -> None:
    answer = ask(tmp_path, h100s("3g.40gb", "1g.20gb"))

    assert answer["parts"] == [f"NVIDIA H100 80GB HBM3 MIG {profile}" for profile in ("3g.40gb", "1g.20gb")] * 2


def test_without_facts_there_is_no_driver(tmp_path: Path) -> None:
    assert ask(tmp_path, None) == {"error": 9}


def test_without_a_compiler_the_problem_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(StrataError, match="C compiler"):
        nvml_library(tmp_path)
