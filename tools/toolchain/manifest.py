"""What is to be installed: `tools/versions.toml` as types.

Owns the meaning of every key of that file. It deliberately does nothing with it: where a tool comes from is decided in
`install`, and how in `path_search`, `releases` and `go_builds`.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from .errors import ToolchainError
from .platforms import Platform
from .toml_reader import Table, mistake
from .versioning import VersionRange

_ALL_PLATFORMS = ("linux/amd64", "linux/arm64", "darwin/amd64", "darwin/arm64")


class Group(StrEnum):
    """What a tool is needed for."""

    RUN = "run"
    CHECK = "check"
    LIVE = "live"
    LIVE_ALL = "live-all"


class ChecksumForm(StrEnum):
    """How the publisher writes a checksum."""

    LIST = "list"  # one `<hex>  <file>` per line
    SINGLE = "single"  # the file holds one hex digest
    GITHUB = "github"  # the release's JSON holds a `digest` for each asset


@dataclass(frozen=True, kw_only=True)
class PathRule:
    """When a program on PATH is good enough."""

    ask: tuple[str, ...]
    pattern: str
    accept: VersionRange
    requires: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Release:
    """An official release; every text may hold {version}, {os}, {arch} and {ext}."""

    url: str
    archive: dict[str, str]
    members: dict[str, str]
    platforms: tuple[str, ...]
    arch_names: dict[str, str]
    checksum_url: str
    checksum_form: ChecksumForm
    algorithm: str

    def filled(self, text: str, version: str, platform: Platform) -> str:
        """A text of this release with its placeholders filled in."""
        return text.format(
            version=version,
            os=platform.os,
            arch=self.arch_names.get(platform.arch, platform.arch),
            ext=self.archive_kind(platform),
        )

    def archive_kind(self, platform: Platform) -> str:
        """`tar.gz`, `zip` or `none` for a bare program."""
        return self.archive.get(platform.os, self.archive.get("any", "none"))


@dataclass(frozen=True, kw_only=True)
class GoSource:
    """A package that is built, and files that are copied, from a committed module."""

    module: str
    package: str
    files: dict[str, str]
    files_module: str


@dataclass(frozen=True, kw_only=True)
class Tool:
    """One program, or a few that belong together.

    A `plugin` is laid into Pulumi's home, and a tool `beside` another into that one's folder, because that is where
    Pulumi looks for them without a warning; everything else is linked into `.strata/bin`.
    """

    name: str
    version: str
    group: Group
    binaries: tuple[str, ...]
    plugin: str | None
    beside: str | None
    path: PathRule | None
    release: Release | None
    go: GoSource


@dataclass(frozen=True, kw_only=True)
class GoModule:
    """A folder under `tools/go`, built as one job because its packages share most of their code.

    One that `uses_c` is linked against the machine's C library and needs its C compiler. `tags` choose among files.
    """

    name: str
    memory_mb: int
    ldflags: tuple[str, ...]
    tags: tuple[str, ...]
    uses_c: bool


@dataclass(frozen=True, kw_only=True)
class CrdBundle:
    """CRDs that the embedded cluster installs, or by which tests alone judge objects, as the group says."""

    name: str
    version: str
    group: Group
    go_module: str
    globs: tuple[str, ...]
    release: Release | None


@dataclass(frozen=True, kw_only=True)
class ChartBundle:
    """A Helm chart: a folder of a Go module, or of this project, with definitions from a module.

    Attributes:
        name: Its name, and that of its folder.
        version: Version of the module; of the chart where there is no module.
        group: Who needs it.
        go_module: The module; empty where the chart needs none.
        folder: The chart's folder in the module; empty where it is kept in this project.
        kept: The chart's folder in this project, where it is kept.
        definitions: Files of the module that are laid into the chart's folder ``crds``.
    """

    name: str
    version: str
    group: Group
    go_module: str
    folder: str
    kept: Path | None
    definitions: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class DebianBundle:
    """Debian packages whose programs are run from where they are unpacked.

    Attributes:
        name: Its name.
        version: Version of the list.
        group: Who needs it.
        programs: Nothing is downloaded where all of them are on PATH.
        packages: The packages; their dependencies are not followed.
    """

    name: str
    version: str
    group: Group
    programs: tuple[str, ...]
    packages: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """The whole file."""

    tools: tuple[Tool, ...]
    modules: dict[str, GoModule]
    crds: tuple[CrdBundle, ...]
    charts: tuple[ChartBundle, ...]
    debian: tuple[DebianBundle, ...]
    checkov: str
    no_sum_db: str

    def tool(self, name: str) -> Tool:
        """The tool of this name, or with a program of this name."""
        for tool in self.tools:
            if name == tool.name or name in tool.binaries:
                return tool
        raise ToolchainError(
            field=name,
            cause="no such tool in tools/versions.toml",
            consequence="its path is unknown",
            fix=f"use one of: {', '.join(tool.name for tool in self.tools)}",
        )


def load(path: Path) -> Manifest:
    """Reads and checks `tools/versions.toml`."""
    try:
        root = Table("", tomllib.loads(path.read_text()))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise mistake("(file)", str(error)) from error
    go = root.table("go")
    manifest = Manifest(
        tools=tuple(_tool(name, table) for name, table in root.named_tables("tool").items()),
        modules={name: _module(name, table) for name, table in root.named_tables("module").items()},
        crds=tuple(_crds(name, table) for name, table in root.named_tables("crds").items()),
        charts=tuple(_chart(name, table, path.parent) for name, table in root.named_tables("charts").items()),
        debian=tuple(_debian(name, table) for name, table in root.named_tables("debian").items()),
        checkov=root.text("checkov"),
        no_sum_db=",".join(go.texts("no_sum_db")) if go else "",
    )
    root.finish()
    for tool in manifest.tools:
        if tool.go.module not in manifest.modules:
            raise mistake(f"tool.{tool.name}.go.module", f"there is no [module.{tool.go.module}]")
    return manifest


def _group(table: Table) -> Group:
    text = table.text("group")
    if text not in set(Group):
        raise mistake(table.place("group"), f"{text!r} is none of {', '.join(Group)}")
    return Group(text)


def _tool(name: str, table: Table) -> Tool:
    path, release, go = table.table("path"), table.table("release"), table.table("go")
    if go is None:
        raise mistake(table.place("go"), "every tool needs a Go source, the last resort without a way out")
    tool = Tool(
        name=name,
        version=table.text("version"),
        group=_group(table),
        binaries=table.texts("binaries", (name,)),
        plugin=table.text("plugin", "") or None,
        beside=table.text("beside", "") or None,
        path=_path_rule(path) if path else None,
        release=_release(release) if release else None,
        go=_go_source(go),
    )
    table.finish()
    return tool


def _path_rule(table: Table) -> PathRule:
    try:
        accept = VersionRange.parse(table.text("accept"))
    except ValueError as error:
        raise mistake(table.place("accept"), str(error)) from error
    rule = PathRule(
        ask=table.texts("ask", ()),
        pattern=table.text("pattern", ""),
        accept=accept,
        requires=table.texts("requires", ()),
    )
    table.finish()
    return rule


def _release(table: Table) -> Release:
    form = table.text("checksum_form", ChecksumForm.LIST)
    if form not in set(ChecksumForm):
        raise mistake(table.place("checksum_form"), f"{form!r} is none of {', '.join(ChecksumForm)}")
    release = Release(
        url=table.text("url"),
        archive=table.text_map("archive"),
        members=table.text_map("members"),
        platforms=table.texts("platforms", _ALL_PLATFORMS),
        arch_names=table.text_map("arch_names"),
        checksum_url=table.text("checksum_url"),
        checksum_form=ChecksumForm(form),
        algorithm=table.text("algorithm", "sha256"),
    )
    table.finish()
    return release


def _go_source(table: Table) -> GoSource:
    source = GoSource(
        module=table.text("module"),
        package=table.text("package"),
        files=table.text_map("files"),
        files_module=table.text("files_module", ""),
    )
    table.finish()
    return source


def _module(name: str, table: Table) -> GoModule:
    module = GoModule(
        name=name,
        memory_mb=table.integer("memory_mb"),
        ldflags=table.texts("ldflags", ()),
        tags=table.texts("tags", ()),
        uses_c=table.boolean("uses_c", default=False),
    )
    table.finish()
    return module


def _crds(name: str, table: Table) -> CrdBundle:
    release = table.table("release")
    bundle = CrdBundle(
        name=name,
        version=table.text("version"),
        group=_group(table),
        go_module=table.text("go_module"),
        globs=table.texts("globs"),
        release=_release(release) if release else None,
    )
    table.finish()
    return bundle


def _chart(name: str, table: Table, project: Path) -> ChartBundle:
    kept = table.text("kept", "")
    chart = ChartBundle(
        name=name,
        version=table.text("version"),
        group=_group(table),
        go_module=table.text("go_module", "" if kept else None),
        folder="" if kept else table.text("folder"),
        kept=project / kept if kept else None,
        definitions=table.texts("definitions", ()),
    )
    table.finish()
    return chart


def _debian(name: str, table: Table) -> DebianBundle:
    bundle = DebianBundle(
        name=name,
        version=table.text("version"),
        group=_group(table),
        programs=table.texts("programs"),
        packages=table.texts("packages"),
    )
    table.finish()
    return bundle
