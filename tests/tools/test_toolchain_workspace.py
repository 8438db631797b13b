"""What a shell gets from `.strata/env`, and what lies in Pulumi's home."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tools.toolchain.path_search import search_folders
from tools.toolchain.platforms import cores, memory_budget_mb
from tools.toolchain.workspace import Workspace, link_or_copy


def _sourced(workspace: Workspace, times: int, expression: str, **variables: str) -> str:
    script = f". '{workspace.env_file}'; " * times + f"printf '%s' \"{expression}\""
    environment = {"PATH": "/usr/bin:/bin", **variables}
    return subprocess.run(["sh", "-c", script], env=environment, capture_output=True, text=True, check=True).stdout


def test_the_env_file_can_be_sourced_twice(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path / "a project")
    workspace.write_env(tmp_path / "home")
    expected = f"{workspace.bin}:{workspace.venv / 'bin'}:/usr/bin:/bin"
    assert _sourced(workspace, 2, "$PATH") == expected


def test_the_env_file_gives_pulumi_a_home_and_a_backend_of_its_own(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path / "project")
    workspace.write_env(tmp_path / "home")
    assert _sourced(workspace, 1, "$PULUMI_HOME") == str(tmp_path / "home")
    assert _sourced(workspace, 1, "$PULUMI_BACKEND_URL") == f"file://{workspace.backend}"
    assert workspace.backend.is_dir()


def test_a_backend_of_the_user_is_kept_but_not_that_of_another_checkout(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path / "project")
    workspace.write_env(tmp_path / "home")
    name = "PULUMI_BACKEND_URL"
    assert _sourced(workspace, 1, f"${name}", **{name: "s3://states"}) == "s3://states"
    assert _sourced(workspace, 1, f"${name}", **{name: "file:///srv/states"}) == "file:///srv/states"
    other = "file:///home/me/other/.strata/backend"
    assert _sourced(workspace, 2, f"${name}", **{name: other}) == f"file://{workspace.backend}"


def test_a_passphrase_of_the_user_is_kept(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path / "project")
    workspace.write_env(tmp_path / "home")
    name = "PULUMI_CONFIG_PASSPHRASE"
    assert _sourced(workspace, 1, f"${name}") == "strata-development"
    assert _sourced(workspace, 1, f"${name}", **{name: "own"}) == "own"
    assert _sourced(workspace, 1, f"${name}", **{f"{name}_FILE": "/own"}) == ""


def test_the_strata_command_runs_the_command_line_of_the_checkout_from_any_folder(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path / "a project")
    python = workspace.venv / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.symlink_to(sys.executable)
    (workspace.root / "cli").mkdir()
    (workspace.root / "cli" / "__main__.py").write_text("import os, sys; print(sys.argv[1:], os.getcwd())")
    workspace.write_command()
    workspace.write_env(tmp_path / "home")
    script = f". '{workspace.env_file}'; cd '{tmp_path}'; strata check 'my stack'"
    done = subprocess.run(
        ["sh", "-c", script], env={"PATH": "/usr/bin:/bin"}, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == f"['check', 'my stack'] {tmp_path}"


def test_links_that_are_no_longer_wanted_go(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    workspace.link_tools({"a": Path("/bin/sh"), "b": Path("/bin/sh")})
    workspace.link_tools({"b": Path("/bin/ls")})
    assert [(link.name, link.readlink()) for link in workspace.bin.iterdir()] == [("b", Path("/bin/ls"))]


def test_crds_are_real_folders_without_the_receipt(tmp_path: Path) -> None:
    bundle = tmp_path / "cache" / "keda"
    bundle.mkdir(parents=True)
    for name in ("a.yaml", ".strata-receipt"):
        (bundle / name).write_text("kind: CustomResourceDefinition")
    workspace = Workspace(tmp_path)
    workspace.link_crds({"old": bundle})
    workspace.link_crds({"keda": bundle})
    assert [folder.name for folder in workspace.crds.iterdir()] == ["keda"]
    assert not (workspace.crds / "keda").is_symlink(), "kubectl reads no folder that is itself a link"
    assert [file.name for file in (workspace.crds / "keda").iterdir()] == ["a.yaml"]


def test_a_plugin_is_a_real_file_and_follows_its_source(tmp_path: Path) -> None:
    source, target = tmp_path / "plugin", tmp_path / "plugins" / "plugin"
    source.write_text("one")
    link_or_copy(source, target)
    source.unlink()
    source.write_text("two")
    link_or_copy(source, target)
    assert not target.is_symlink()
    assert target.read_text() == "two"


def test_folders_that_the_installer_fills_are_not_searched(tmp_path: Path) -> None:
    own = tmp_path / ".strata"
    (own / "bin").mkdir(parents=True)
    path = os.pathsep.join([str(own / "bin"), "", "/usr/bin"])
    assert search_folders(path, [own]) == [Path("/usr/bin")]


def test_this_machine_has_memory_and_cores() -> None:
    assert memory_budget_mb() > 0
    assert cores() > 0
