"""Writes down what one release of vLLM accepts and exports, read from its wheel without installing it.

Run once for each new version: ``pip download --no-deps vllm==VERSION`` and then
``python -m tests.serving.record_vllm vllm-VERSION-….whl``. The sources are parsed, never executed, as
importing vLLM takes torch and a GPU's libraries.
"""

from __future__ import annotations

import ast
import csv
import json
import re
import sys
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TypedDict

from components.serving.engines import vllm_options
from components.serving.engines.vllm_options import CONFIG_KEYS, FREE_ARGUMENTS

from .record_vllm_values import COLUMNS, option_values, sources, table, value_of

RECORDED = Path(__file__).with_name("vllm.json")
VALUES = Path(vllm_options.__file__).with_name("vllm_values.csv")
EVERY_OPTION = Path(__file__).parents[2] / "tools" / "go" / "engine" / "vllm_options.csv"
"""What the stand-in of the engine parses its arguments with."""
_AUTOMATIC = {"--max-model-len": {"form": "size", "choices": "auto"}}
"""``human_readable_int_or_auto`` of ``_compute_kwargs``."""
_SEVERAL = re.compile(r"(^|\| )(list|set)\[")
_ENGINE = "vllm/engine/arg_utils.py"
_FRONTEND = "vllm/entrypoints/common/cli_args.py"
_VARIABLES = "vllm/envs.py"
_METRICS = "vllm/v1/metrics/loggers.py"
_DEFINITIONS = (
    *("vllm/v1/attention/backends/registry.py", "vllm/entrypoints/anthropic/protocol.py"),
    *("vllm/renderers/chat_utils/types.py", "vllm/tool_parsers/tool_strict_level.py"),
    *("vllm/tool_parsers/__init__.py", "vllm/reasoning/__init__.py", "vllm/tasks.py"),
    "vllm/v1/attention/backends/mla/prefill/registry.py",
)
"""Where choices that options refer to are defined."""


class Recording(TypedDict):
    """What is written down of one release."""

    source: str
    version: str
    flags: dict[str, str | list[str]]
    configs: dict[str, list[str]]
    variables: list[str]
    metrics: list[str]
    metric_labels: list[str]


def is_free(row: Mapping[str, str]) -> bool:
    """Whether users may write that option, or that key of an option."""
    keys = CONFIG_KEYS.get(row["option"], frozenset())
    return row["key"] in keys if row["key"] else row["option"] in FREE_ARGUMENTS


def recorded(wheel: Path) -> tuple[Recording, list[dict[str, str]]]:
    """Flags, keys of their objects, environment variables and metric names; and what each option and key takes."""
    with zipfile.ZipFile(wheel) as archive:
        config = [name for name in archive.namelist() if re.fullmatch(r"vllm/config/\w+\.py", name)]
        trees = {
            name: ast.parse(archive.read(name)) for name in (_ENGINE, _FRONTEND, _VARIABLES, _METRICS, *sorted(config))
        }
        further = [ast.parse(archive.read(name)) for name in _DEFINITIONS]
        source = archive.read(_METRICS).decode()
    known = sources([*trees.values(), *further])
    choices = {name: values for tree in trees.values() for name, values in _literals(tree)}
    flags = {**_frontend_flags(trees[_FRONTEND]), **_engine_flags(trees[_ENGINE], trees[_FRONTEND])}
    configs = {
        flag: {key: value_of(key, node, known) for key, node in sorted(fields.items())}
        for flag, kind in sorted(flags.items())
        if (fields := known.fields.get(kind.partition(" | ")[0]))
    }
    version = wheel.name.split("-")[1]
    values = list(table(option_values(trees[_ENGINE], trees[_FRONTEND], known), configs))
    recording: Recording = {
        "source": f"PyPI, vllm {version}: {_ENGINE}, {_FRONTEND}, {_VARIABLES}, {_METRICS}",
        "version": version,
        "flags": {flag: choices.get(kind.partition(" | ")[0], kind) for flag, kind in sorted(flags.items())},
        "configs": {flag: list(keys) for flag, keys in configs.items()},
        "variables": sorted(_variables(trees[_VARIABLES])),
        "metrics": sorted(set(re.findall(r'"(vllm:\w+)"', source))),
        "metric_labels": re.findall(r'"(\w+)"', re.findall(r"labelnames = \[(.*?)\]", source)[0]),
    }
    return recording, values


def options(recording: Recording, values: list[dict[str, str]]) -> list[dict[str, str]]:
    """What each option takes, whoever may write it, and whether it takes several values after one another."""
    found: list[dict[str, str]] = []
    for row in values:
        if not row["key"]:
            kind = recording["flags"][row["option"]]
            several = isinstance(kind, str) and bool(_SEVERAL.search(kind)) and row["form"] not in {"array", "object"}
            taken = {name: row[name] for name in COLUMNS if name != "key"} | _AUTOMATIC.get(row["option"], {})
            found.append({**taken, "several": "yes" if several else ""})
    return found


def _literals(tree: ast.Module) -> Iterator[tuple[str, list[str]]]:
    """Aliases such as ``ModelDType = Literal["auto", …]``."""
    for node in tree.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.value).startswith("Literal["):
            values = [part.value for part in ast.walk(node.value) if isinstance(part, ast.Constant)]
            if all(isinstance(value, str) for value in values):
                yield ast.unparse(node.targets[0]), [str(value) for value in values]


def _fields(tree: ast.Module, *classes: str) -> dict[str, str]:
    """Fields of these classes with their annotations."""
    return {
        item.target.id: ast.unparse(item.annotation)
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef) and node.name in classes
        for item in node.body
        if isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name)
    }


def _frontend_flags(tree: ast.Module) -> dict[str, str]:
    """One flag for each field."""
    return {
        f"--{name.replace('_', '-')}": kind for name, kind in _fields(tree, "BaseFrontendArgs", "FrontendArgs").items()
    }


def _engine_flags(*trees: ast.Module) -> dict[str, str]:
    """Flags of ``add_argument`` calls, typed by the field that they fill."""
    fields = {name: kind for tree in trees for name, kind in _fields(tree, "EngineArgs", "AsyncEngineArgs").items()}
    flags: dict[str, str] = {}
    for call in (node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Call)):
        if ast.unparse(call.func).endswith(".add_argument"):
            names = [part.value for part in call.args if isinstance(part, ast.Constant)]
            for flag in (str(name) for name in names if str(name).startswith("--")):
                flags[flag] = fields.get(flag.removeprefix("--").replace("-", "_"), "str")
    return flags


def _variables(tree: ast.Module) -> set[str]:
    return {
        key.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Dict)
        for key in node.keys
        if isinstance(key, ast.Constant) and isinstance(key.value, str) and key.value.isupper()
    }


def main(wheel: Path) -> None:
    """Record the release, of its options those that users may write as the table of the adapter, and all of them."""
    recording, values = recorded(wheel)
    RECORDED.write_text(json.dumps(recording, indent=1) + "\n")
    _write(VALUES, [row for row in values if is_free(row)], COLUMNS)
    _write(EVERY_OPTION, options(recording, values), [name for name in (*COLUMNS, "several") if name != "key"])


def _write(path: Path, rows: Sequence[Mapping[str, str]], columns: Sequence[str]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
