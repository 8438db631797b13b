"""Building tools from Go source.

Owns the `go build` of a committed module under `tools/go` and turning its output into installed tools. The packages of
one module are built by one command, because they share most of their code and Go compiles what is shared only once
within a command.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from .errors import ToolchainError
from .manifest import GoModule, Manifest, Tool
from .processes import Children, tail
from .releases import ReleaseError, check_program
from .store import Store

# A compiler of one large package takes about this much.
_COMPILER_MB = 700
_ASK_SECONDS = 60


@dataclass(frozen=True, kw_only=True)
class GoToolchain:
    """The user's Go and how it is run."""

    program: Path
    version: str
    environment: dict[str, str]
    parallelism: int
    memory_mb: int


def environment(no_sum_db: str) -> dict[str, str]:
    """The user's environment, less what would change a build.

    The proxies and caches that are set in it stay. The modules that the checksum database does not know are verified by
    the committed `go.sum`.
    """
    variables = dict(os.environ)
    variables.update(GOFLAGS="-mod=readonly", GOWORK="off", CGO_ENABLED="0")
    variables["GONOSUMDB"] = ",".join(filter(None, (os.environ.get("GONOSUMDB"), no_sum_db)))
    return variables


def find_go(manifest: Manifest, missing: Sequence[str], cores: int, memory_mb: int) -> GoToolchain:
    """The Go on PATH, or an error that says what it is wanted for."""
    program = shutil.which("go")
    if program is None:
        names = ", ".join(missing)
        raise ToolchainError(
            field="go",
            cause=f"these are neither on PATH nor available as official releases, and Go is missing: {names}",
            consequence="the stack cannot be brought up here",
            fix="install Go (https://go.dev/doc/install) or the tools named above, and run the same command again",
        )
    variables = environment(manifest.no_sum_db)
    answer = subprocess.run(
        [program, "env", "GOVERSION"], capture_output=True, text=True, env=variables, timeout=_ASK_SECONDS, check=False
    )
    parallelism = max(1, min(cores, memory_mb // _COMPILER_MB))
    version = answer.stdout.strip().removeprefix("go") or "of an unknown version"
    return GoToolchain(
        program=Path(program), version=version, environment=variables, parallelism=parallelism, memory_mb=memory_mb
    )


class GoBuilds:
    """Builds into the store."""

    def __init__(self, modules: Path, store: Store, children: Children) -> None:
        self._modules = modules
        self._store = store
        self._children = children

    def recipe(self, tool: Tool, module: GoModule) -> str:
        """Names what a built tool was made from, so that a changed pin builds it again."""
        digest = hashlib.sha256(repr(_made_from(tool, module)).encode())
        for file in sorted((self._modules / module.name).iterdir()):
            digest.update(file.name.encode() + b"\0" + file.read_bytes())
        return f"go:{digest.hexdigest()[:16]}"

    def build(self, go: GoToolchain, module: GoModule, tools: Sequence[Tool]) -> None:
        """Builds what is still missing of a module when its lock is had."""
        with self._store.making(f"go-{module.name}") as scratch:
            wanted = [tool for tool in tools if not self._holds(tool, module)]
            if not wanted:
                return
            self._compile(go, module, wanted, scratch)
            for tool in wanted:
                prepared = self._assemble(go, module, tool, scratch)
                self._store.put(tool.name, tool.version, prepared, self.recipe(tool, module))

    def _holds(self, tool: Tool, module: GoModule) -> bool:
        return self._store.holds(tool.name, tool.version, self.recipe(tool, module))

    def _compile(self, go: GoToolchain, module: GoModule, tools: Sequence[Tool], scratch: Path) -> None:
        (scratch / "out").mkdir()
        ldflags = " ".join(("-s", "-w", *module.ldflags))
        argv = [str(go.program), "build", "-buildvcs=false", "-trimpath", f"-p={go.parallelism}"]
        argv += [
            *([f"-tags={','.join(module.tags)}"] if module.tags else []),
            f"-ldflags={ldflags}",
            "-o",
            f"{scratch / 'out'}{os.sep}",
            *sorted({tool.go.package for tool in tools}),
        ]
        log = self._store.log(f"go-{module.name}")
        # A soft limit: near it Go collects garbage more often, which makes a small machine slower instead of dead.
        limited = {**go.environment, "GOMEMLIMIT": f"{min(module.memory_mb, go.memory_mb)}MiB"}
        if module.uses_c:
            limited |= _c_compiler(module, limited)
        if self._children.run(argv, log=log, cwd=self._modules / module.name, env=limited) != 0:
            raise ToolchainError(
                field=f"tools/go/{module.name}",
                cause=f"go build failed; the end of {log}:\n{tail(log)}",
                consequence=f"not installed: {', '.join(tool.name for tool in tools)}",
                fix="see above (module proxy out of reach? disk full? out of memory?), then run the same command",
            )

    def _assemble(self, go: GoToolchain, module: GoModule, tool: Tool, scratch: Path) -> Path:
        prepared = scratch / tool.name
        (prepared / "bin").mkdir(parents=True)
        built = scratch / "out" / output_name(tool.go.package, module.name)
        built.rename(prepared / "bin" / tool.binaries[0])
        if tool.go.files:
            folder = self.source(go, module.name, f"{tool.go.files_module}@v{tool.version}")
            for name, source in tool.go.files.items():
                shutil.copyfile(folder / source, prepared / "bin" / name)
                (prepared / "bin" / name).chmod(0o755)
        try:
            check_program(tool, prepared / "bin")
        except ReleaseError as error:
            raise ToolchainError(
                field=f"tools/go/{module.name}",
                cause=str(error),
                consequence=f"{tool.name} is not installed",
                fix="make version, module and ldflags in tools/versions.toml agree",
            ) from error
        return prepared

    def source(self, go: GoToolchain, module: str, pinned: str) -> Path:
        """The unpacked source of `path@version`, checked against the `go.sum` of a folder under `tools/go`."""
        log = self._store.log(f"source-{pinned.replace('/', '-')}")
        argv = [str(go.program), "mod", "download", "-json", pinned]
        status = self._children.run(argv, log=log, cwd=self._modules / module, env=go.environment)
        folder = _json(log).get("Dir")
        if status != 0 or folder is None:
            raise ToolchainError(
                field=f"tools/go/{module}",
                cause=f"the source of {pinned} cannot be had:\n{tail(log)}",
                consequence="files that are taken from it are not installed",
                fix="make a Go module proxy reachable (GOPROXY), then run the same command again",
            )
        return Path(folder)


def _made_from(tool: Tool, module: GoModule) -> tuple[object, ...]:
    """What names a build beside the files of its module; machines whose C library differs do not share programs."""
    recipe = (tool.version, tool.go, module.ldflags)
    recipe = (*recipe, module.tags) if module.tags else recipe
    return (*recipe, platform.libc_ver()) if module.uses_c else recipe


def _c_compiler(module: GoModule, variables: Mapping[str, str]) -> dict[str, str]:
    """What makes Go use the machine's C compiler."""
    program = variables.get("CC") or "cc"
    if shutil.which(program) is None:
        raise ToolchainError(
            field="cc",
            cause=f"tools/go/{module.name} is partly C, and there is no C compiler ({program}) on PATH",
            consequence="live nodes cannot be shown GPUs that are not there",
            fix="install gcc or clang by the system's package manager, and run the same command again",
        )
    return {"CGO_ENABLED": "1", "CC": program}


def _json(log: Path) -> dict[str, str]:
    try:
        # Go may say more around the object, about what it downloads.
        text = log.read_text()
        fields: object = json.loads(text[text.index("{") : text.rindex("}") + 1])
    except (OSError, ValueError):
        return {}
    items = cast("dict[str, object]", fields).items() if isinstance(fields, dict) else ()
    return {key: value for key, value in items if isinstance(value, str)}


def output_name(package: str, module: str) -> str:
    """What `go build` calls the program of a package: its last element that is not a major version."""
    if package == ".":
        return module
    parts = package.split("/")
    is_major = parts[-1].startswith("v") and parts[-1][1:].isdigit()
    return parts[-2] if is_major else parts[-1]
