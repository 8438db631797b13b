"""Writes down what one release of vLLM accepts and exports, read from its wheel without installing it.

Run once for each new version: ``pip download --no-deps vllm==VERSION`` and then
``python -m tests.serving.record_vllm vllm-VERSION-….whl``. The sources are parsed, never executed, as
importing vLLM takes torch and a GPU's libraries.
"""

from __future__ import annotations

import ast
import json
import re
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

RECORDED = Path(__file__).with_name("vllm.json")
_ENGINE = "vllm/engine/arg_utils.py"
_FRONTEND = "vllm/entrypoints/common/cli_args.py"
_VARIABLES = "vllm/envs.py"
_METRICS = "vllm/v1/metrics/loggers.py"


def main(wheel: Path) -> None:
    """Record flags with their types, keys of their objects, environment variables and metric names."""
    with zipfile.ZipFile(wheel) as archive:
        config = [name for name in archive.namelist() if re.fullmatch(r"vllm/config/\w+\.py", name)]
        trees = {
            name: ast.parse(archive.read(name)) for name in (_ENGINE, _FRONTEND, _VARIABLES, _METRICS, *sorted(config))
        }
        source = archive.read(_METRICS).decode()
    choices = {name: values for tree in trees.values() for name, values in _literals(tree)}
    flags = {**_frontend_flags(trees[_FRONTEND]), **_engine_flags(trees[_ENGINE], trees[_FRONTEND])}
    version = wheel.name.split("-")[1]
    recorded = {
        "source": f"PyPI, vllm {version}: {_ENGINE}, {_FRONTEND}, {_VARIABLES}, {_METRICS}",
        "version": version,
        "flags": {flag: choices.get(kind.partition(" | ")[0], kind) for flag, kind in sorted(flags.items())},
        "configs": {
            flag: sorted(keys)
            for flag, kind in sorted(flags.items())
            if (keys := {name for tree in trees.values() for name in _fields(tree, kind.partition(" | ")[0])})
        },
        "variables": sorted(_variables(trees[_VARIABLES])),
        "metrics": sorted(set(re.findall(r'"(vllm:\w+)"', source))),
        "metric_labels": re.findall(r'"(\w+)"', re.findall(r"labelnames = \[(.*?)\]", source)[0]),
    }
    RECORDED.write_text(json.dumps(recorded, indent=1) + "\n")


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


if __name__ == "__main__":
    main(Path(sys.argv[1]))
