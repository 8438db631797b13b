"""What each option of one release of vLLM takes: read from the sources that build its parser, never executed.

The rules are those of ``_compute_kwargs`` in ``vllm/engine/arg_utils.py``: the annotation of a field of a
configuration class decides how argparse reads its option; ``Field(ge=…)`` and enumerations are checked when the
configuration is made, where a wrong value ends the server too.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

Value: TypeAlias = dict[str, str | bool | float | list[str]]
COLUMNS: Sequence[str] = ("option", "key", "form", "choices", "fold", "optional", "least", "above", "most", "below")
_BOUNDS = {"least": "ge", "above": "gt", "most": "le", "below": "lt"}
_SIZES = frozenset(
    {
        *("max_num_batched_tokens", "max_num_scheduled_tokens", "kv_cache_memory_bytes"),
        *("safetensors_prefetch_block_size", "max_num_queued_tokens"),
    }
)
"""``human_readable_int_args`` of ``_compute_kwargs``."""
_JSON_LISTS = frozenset({"allowed_origins", "allowed_methods", "allowed_headers"})
"""``FrontendArgs._customize_cli_kwargs`` reads them with ``json.loads``."""
_FOLDED = {"moe_backend": "lower", "linear_backend": "lower", "sparse_indexer_topk_backend": "lower"}
_PARSERS = {
    "tool_call_parser": "_TOOL_PARSERS_TO_REGISTER",
    "reasoning_parser": "_REASONING_PARSERS_TO_REGISTER",
}
"""Names that ``validate_api_server_args`` looks up; plug-ins could add others, and are not free."""
_LEAST = {"sse_keep_alive_interval": 0.0}
"""``validate_parsed_serve_args``."""
_JSON_TEXTS = frozenset({"watermark_config", "diffusion_config", "speculative_config"})


@dataclass(frozen=True, kw_only=True)
class Sources:
    """Everything that the files define, by name."""

    fields: Mapping[str, Mapping[str, ast.AnnAssign]]
    literals: Mapping[str, Sequence[str]]
    enums: Mapping[str, Sequence[str]]
    parsers: Mapping[str, Sequence[str]]


def sources(trees: Sequence[ast.Module]) -> Sources:
    """Classes, aliases of literals, enumerations and tables of parsers in these files."""
    classes = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    assigned = [node for tree in trees for node in tree.body if isinstance(node, ast.Assign | ast.AnnAssign)]
    return Sources(
        fields={
            node.name: {
                item.target.id: item
                for item in node.body
                if isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name)
            }
            for node in classes
        },
        literals=_literals(assigned),
        enums={
            node.name: [
                choice
                for item in node.body
                if isinstance(item, ast.Assign) and isinstance(item.targets[0], ast.Name)
                for choice in _choices(item.targets[0].id, item.value)
            ]
            for node in classes
            if any("Enum" in ast.unparse(base) for base in node.bases)
        },
        parsers={name: keys for node in assigned for name, keys in _table(node)},
    )


def _choices(name: str, value: ast.expr) -> Iterator[str]:
    """A member of an enumeration, as its name and as the number that it is."""
    if not name.startswith("_"):
        yield name
        if isinstance(value, ast.Constant) and isinstance(value.value, int):
            yield str(value.value)


def _literals(assigned: Sequence[ast.Assign | ast.AnnAssign]) -> dict[str, list[str]]:
    nodes: dict[str, ast.expr] = {}
    for node in assigned:
        target = node.target if isinstance(node, ast.AnnAssign) else node.targets[0]
        if node.value is not None and ast.unparse(node.value).startswith("Literal["):
            nodes[ast.unparse(target)] = node.value
    return {name: list(_members(value, nodes)) for name, value in nodes.items()}


def _members(node: ast.expr, aliases: Mapping[str, ast.expr]) -> Iterator[str]:
    """Values of a literal, those of literals inside it included."""
    if not isinstance(node, ast.Subscript) or ast.unparse(node.value) != "Literal":
        return
    for part in node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]:
        if isinstance(part, ast.Constant):
            yield str(part.value)
        else:
            inner = aliases.get(ast.unparse(part), part)
            yield from _members(inner, aliases)


def _table(node: ast.Assign | ast.AnnAssign) -> Iterator[tuple[str, list[str]]]:
    target = node.target if isinstance(node, ast.AnnAssign) else node.targets[0]
    if ast.unparse(target) in _PARSERS.values() and isinstance(node.value, ast.Dict):
        yield ast.unparse(target), [str(key.value) for key in node.value.keys if isinstance(key, ast.Constant)]


def option_values(engine: ast.Module, frontend: ast.Module, known: Sources) -> dict[str, Value]:
    """What each long option takes.

    Args:
        engine: ``vllm/engine/arg_utils.py``.
        frontend: ``vllm/entrypoints/common/cli_args.py``.
        known: What the other files define.
    """
    values: dict[str, Value] = {}
    for name in ("BaseFrontendArgs", "FrontendArgs"):
        for field, node in known.fields[name].items():
            values[f"--{field.replace('_', '-')}"] = value_of(field, node, known)
    groups = _groups(engine)
    for tree in (engine, frontend):
        for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
            if ast.unparse(call.func).endswith(".add_argument"):
                names = [str(part.value) for part in call.args if isinstance(part, ast.Constant)]
                for flag in (name for name in names if name.startswith("--")):
                    values[flag] = _argument(call, groups, known)
    return dict(sorted(values.items()))


def _groups(engine: ast.Module) -> dict[str, tuple[str, str | None]]:
    """The class, and for a single one the field, of which a variable holds what argparse is given."""
    found: dict[str, tuple[str, str | None]] = {}
    for node in (node for node in ast.walk(engine) if isinstance(node, ast.Assign)):
        target, value = ast.unparse(node.targets[0]), ast.unparse(node.value)
        if target.endswith("_kwargs") and value.startswith("get_kwargs("):
            cls, _, rest = value.removeprefix("get_kwargs(").partition(")")
            found[target] = (cls, rest.strip("[]'") or None)
        elif target.endswith("_kwargs") and value.partition("[")[0] in found:
            found[target] = (found[value.partition("[")[0]][0], value.partition("[")[2].strip("]'"))
    return found


def _argument(call: ast.Call, groups: Mapping[str, tuple[str, str | None]], known: Sources) -> Value:
    given = {keyword.arg: keyword.value for keyword in call.keywords if keyword.arg}
    for spread in (keyword.value for keyword in call.keywords if keyword.arg is None):
        source = spread.values[0] if isinstance(spread, ast.Dict) else spread
        group, _, field = ast.unparse(source).partition("[")
        cls, single = groups[group]
        name = single or field.strip("]'")
        return value_of(name, known.fields[cls][name], known)
    action = ast.unparse(given["action"]) if "action" in given else ""
    if action.endswith("BooleanOptionalAction"):
        return {"kind": "switch"}
    if action == "'store_true'":
        return {"kind": "set"}
    if "choices" in given:
        text = ast.unparse(given["choices"])
        alias = text.removeprefix("get_args(").removesuffix(")")
        listed = [str(part.value) for part in ast.walk(given["choices"]) if isinstance(part, ast.Constant)]
        return {"kind": "choice", "choices": sorted(known.literals.get(alias, listed))}
    return {"kind": "integer" if "type" in given and ast.unparse(given["type"]) == "int" else "text"}


def value_of(field: str, node: ast.AnnAssign, known: Sources) -> Value:
    """What the option of a field takes."""
    parts = list(_union(node.annotation))
    names = [ast.unparse(part) for part in parts]
    value = _kind(field, parts, known)
    # An empty reasoning parser is none: parse_reasoning_parser.
    if ("None" in names and value["kind"] != "switch") or field == "reasoning_parser":
        value["optional"] = True
    if field in _LEAST:
        value["ge"] = _LEAST[field]
    if isinstance(node.value, ast.Call) and ast.unparse(node.value.func) == "Field":
        for keyword in node.value.keywords:
            if keyword.arg in {"ge", "gt", "le", "lt"} and isinstance(keyword.value, ast.UnaryOp | ast.Constant):
                value[keyword.arg] = float(ast.literal_eval(keyword.value))
    return value


def _union(node: ast.expr) -> Iterator[ast.expr]:
    if isinstance(node, ast.BinOp):
        yield from _union(node.left)
        yield from _union(node.right)
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield from _union(ast.parse(node.value, mode="eval").body)
    else:
        yield node


def _kind(field: str, parts: Sequence[ast.expr], known: Sources) -> Value:
    names = [ast.unparse(part) for part in parts]
    if field in _JSON_LISTS:
        return {"kind": "array"}
    if field in _PARSERS:
        none = ["none"] if field == "reasoning_parser" else []
        return {"kind": "choice", "choices": sorted([*known.parsers[_PARSERS[field]], *none])}
    if "bool" in names:
        return {"kind": "switch"} if "str" not in names else {"kind": "text"}
    if (enum := next((name for name in names if name in known.enums), None)) is not None:
        # Its option is read as text and made a number; the others have validators that look names up.
        numbers = enum == "OptimizationLevel"
        choices = [name for name in known.enums[enum] if name.isdigit() or not numbers]
        if enum == "AttentionBackendEnum" and field == "backend":
            choices.append("AUTO")  # AttentionConfig.validate_backend_before
        return {"kind": "choice", "choices": sorted(choices), **({} if numbers else {"fold": "upper"})}
    choices = [choice for part in parts for choice in known.literals.get(ast.unparse(part), _members(part, {}))]
    if "str" not in names and choices:
        fold = {"fold": _FOLDED[field]} if field in _FOLDED else {}
        return {"kind": "choice", "choices": sorted(choices), **fold}
    return {"kind": _plain_kind(field, names, known)}


def _plain_kind(field: str, names: Sequence[str], known: Sources) -> str:
    origins = {name.partition("[")[0] for name in names}
    if field in _JSON_TEXTS or any(name in known.fields and name.endswith("Config") for name in names):
        return "object"
    if {"list", "set", "tuple"} & origins:
        return "text"
    if "int" in names:
        return "size" if field in _SIZES else "integer"
    if "float" in names:
        return "number"
    return "object" if {"dict", "MultiModalDummyOptions"} & origins else "text"


def table(values: Mapping[str, Value], configs: Mapping[str, Mapping[str, Value]]) -> Iterator[dict[str, str]]:
    """Rows as Strata keeps them, for every option and every key of an object."""
    for option, value in values.items():
        yield _row(option, "", value)
        for key, inner in configs.get(option, {}).items():
            yield _row(option, key, inner)


def _row(option: str, key: str, value: Value) -> dict[str, str]:
    choices = value.get("choices", [])
    bounds = {column: value.get(argument) for column, argument in _BOUNDS.items()}
    return {
        "option": option,
        "key": key,
        "form": str(value["kind"]),
        "choices": ";".join(choices) if isinstance(choices, list) else "",
        "fold": str(value.get("fold", "")),
        "optional": "yes" if value.get("optional") else "",
        **{column: f"{bound:g}" if isinstance(bound, float) else "" for column, bound in bounds.items()},
    }
