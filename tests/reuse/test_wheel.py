"""The wheel holds the whole library, says what it needs, and loads nothing before it is used."""

from __future__ import annotations

import ast
import subprocess
import zipfile
from email.message import Message
from email.parser import Parser
from pathlib import Path

import pytest

from .conftest import InstalledWith, run_quietly

pytestmark = pytest.mark.slow
SDKS = {"pulumi_aws": "aws", "pulumi_azure_native": "azure", "pulumi_gcp": "gcp", "pulumi_command": "kubeadm"}


def names(wheel: Path) -> list[str]:
    with zipfile.ZipFile(wheel) as archive:
        return archive.namelist()


def metadata(wheel: Path) -> Message:
    with zipfile.ZipFile(wheel) as archive:
        (path,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        return Parser().parsestr(archive.read(path).decode())


def test_every_file_of_the_library_is_in_the_wheel_under_its_published_name(project: Path, wheel: Path) -> None:
    library = project / "components"
    files = {
        path.relative_to(library).as_posix()
        for path in library.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    packed = {name.removeprefix("pulumi_strata/") for name in names(wheel) if name.startswith("pulumi_strata/")}
    assert {"py.typed", "planner/data/gpus.csv", "serving/engines/vllm.py"} <= files
    assert packed == files
    assert {name.partition("/")[0] for name in names(wheel)} == {
        "pulumi_strata",
        f"{wheel.name.split('-py3')[0]}.dist-info",
    }


def test_its_metadata_names_licence_ranges_and_one_extra_for_each_cloud(wheel: Path) -> None:
    known = metadata(wheel)
    assert known["Name"] == "pulumi-strata"
    assert known["License-Expression"] == "Apache-2.0"
    assert any(name.endswith("licenses/LICENSE") for name in names(wheel))
    assert set(known.get_all("Provides-Extra", [])) == set(SDKS.values())
    needs = [str(need) for need in known.get_all("Requires-Dist", [])]
    assert not [need for need in needs if "==" in need.partition(";")[0]], "a pin would fight the user's own"
    assert any(need.startswith("pulumi-kubernetes<5,>=4.25") for need in needs)


def test_the_package_loads_no_sdk_until_something_needs_it(installed_with: InstalledWith) -> None:
    show = "import sys, pulumi_strata as strata; {use}; print(*{{m.partition('.')[0] for m in sys.modules}})"
    loaded = run_quietly(installed_with(""), "-c", show.format(use="strata.GpuPool")).split()
    assert "pydantic" in loaded
    assert not [name for name in loaded if name.startswith("pulumi") and name != "pulumi_strata"]
    assert "pulumi_kubernetes" in run_quietly(installed_with(""), "-c", show.format(use="strata.ServedModels"))


def test_a_missing_sdk_is_answered_with_the_extra_that_brings_it(installed_with: InstalledWith) -> None:
    for name, extra in {"EksCluster": "aws", "GkeCluster": "gcp", "AksCluster": "azure"}.items():
        done = subprocess.run(
            [str(installed_with("")), "-c", f"from pulumi_strata import {name}"],
            capture_output=True,
            text=True,
            check=False,
        )
        assert f"pip install 'pulumi-strata[{extra}]'" in done.stderr


def test_every_export_exists_and_is_what_type_checkers_are_told(project: Path) -> None:
    import components  # noqa: PLC0415

    source = ast.parse((project / "components" / "__init__.py").read_text())
    (block,) = [statement for statement in source.body if isinstance(statement, ast.If)]
    told = [alias.name for node in ast.walk(block) if isinstance(node, ast.ImportFrom) for alias in node.names]
    assert sorted(told) == dir(components), "type checkers see what is loaded lazily, and nothing else"
    for name in dir(components):
        assert getattr(components, name).__name__ == name
