"""`strata models`: add a model to the catalog from its own files."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.error import URLError
from urllib.parse import quote
from urllib.request import urlopen

from components.contracts.errors import StrataError
from components.contracts.serving import Precision
from components.planner.catalogs.hf_config import from_config
from components.planner.catalogs.json_object import JsonObject
from components.planner.catalogs.model_rows import TABLE, add_rows
from components.planner.catalogs.models import ModelSpec, models
from components.planner.memory.parameters import parameters

from .console import out

if TYPE_CHECKING:
    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]

_HUB = "https://huggingface.co/{model}/resolve/main/{file}"
_CONFIG, _QUANTIZED, _INDEX = "config.json", "hf_quant_config.json", "model.safetensors.index.json"
_SECONDS = 30.0


def add_parser(subparsers: Subparsers) -> None:
    """Add the command."""
    about = "add models to the catalog"
    verbs = subparsers.add_parser("models", help=about, description=about).add_subparsers(
        dest="verb", required=True, metavar="verb"
    )
    about = "add a model from its config.json, downloaded from Hugging Face or in a folder of files"
    add = verbs.add_parser("add", help=about, description=about)
    add.add_argument("model", help="Hugging Face id, such as Qwen/Qwen3-8B")
    add.add_argument(
        "--files",
        type=Path,
        help=f"folder with {_CONFIG} and, where there are any, {_QUANTIZED} and {_INDEX}; nothing is downloaded then",
    )
    add.add_argument("--variant-of", default="", help="id of the model whose weights these are in another precision")
    add.add_argument("--source", default="", help="where the files come from, for the table")
    add.add_argument("--table", type=Path, default=TABLE, help="table to write to")
    add.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Read the files, write the row and say what it holds."""
    name: str = arguments.model
    given: Path | None = arguments.files
    files = {file: _file(name, file, given) for file in (_CONFIG, _QUANTIZED, _INDEX)}
    source = arguments.source or (f"{_CONFIG} of {name}" if given is None else f"{_CONFIG} as given")
    spec = replace(spec_of(name, files), source=source)
    base = _base(arguments.variant_of, spec)
    add_rows((spec, *base), arguments.table)
    out.print(f"{name}: {parameters(spec).total / 1e9:.3f} billion parameters, {spec.native.precision.value} weights")
    return 0


def spec_of(name: str, files: dict[str, str | None]) -> ModelSpec:
    """The model that the texts of its files describe.

    Raises:
        StrataError: There is no config, or it is not understood.
    """
    config = files[_CONFIG]
    if config is None:
        raise _missing(name)
    quantized = files.get(_QUANTIZED)
    try:
        spec = from_config(name, JsonObject.parse(config), JsonObject.parse(quantized) if quantized else None)
    except ValueError as error:
        raise StrataError.of(
            "models",
            cause=f"a file of {name} {error}",
            consequence="the model's size is unknown",
            fix="give its own files",
        ) from error
    index = files.get(_INDEX)
    if index is None:
        return spec
    return replace(spec, checkpoint_bytes=JsonObject.parse(index).section("metadata").whole("total_size") or None)


def _base(name: str, spec: ModelSpec) -> tuple[ModelSpec, ...]:
    """The model that this is a variant of, with the variant among its own."""
    if not name:
        return ()
    found = next((model for model in models() if model.id.casefold() == name.casefold()), None)
    if found is None:
        raise StrataError.of(
            "variant-of",
            cause=f"{name} is not in the model catalog",
            consequence="its variant could not be found from it",
            fix="add it first",
        )
    variants: dict[Precision, str] = dict(found.variants) | {spec.native.precision: spec.id}
    return (replace(found, variants=tuple(sorted(variants.items()))),)


def _file(name: str, file: str, folder: Path | None) -> str | None:
    if folder is not None:
        path = folder / file
        return path.read_text(encoding="utf-8") if path.exists() else None
    address = _HUB.format(model=quote(name), file=file)
    try:
        with urlopen(address, timeout=_SECONDS) as answer:  # noqa: S310 - a fixed https address
            text: bytes = answer.read()
    except URLError:
        return None
    return text.decode("utf-8")


def _missing(name: str) -> StrataError:
    return StrataError.of(
        "models",
        cause=f"{_CONFIG} of {name} cannot be read",
        consequence="the model's size is unknown",
        fix=f"give a folder with its {_CONFIG} by --files, or log in to where it is gated and download it there",
    )
