"""Count the parameters of models by their own code in transformers, without weights, and write the table.

``python count_parameters.py CONFIGS TABLE`` in an environment with requirements.txt (``make planner-witnesses``).
CONFIGS is a folder of files ``<owner>--<name>_config.json``, such as aic-core/src/aiconfigurator_core/model_configs in
a checkout of github.com/ai-dynamo/aiconfigurator. Models of the catalog whose source is a default of transformers are
counted too. Imports nothing of the project, which is not installed there.
"""
# pyright: basic
# ruff: noqa: BLE001

from __future__ import annotations

import csv
import json
import re
import sys
from collections import Counter
from pathlib import Path

import torch  # pyright: ignore[reportMissingImports]
from transformers import (  # pyright: ignore[reportMissingImports]
    AutoConfig,
    AutoModel,
    AutoModelForCausalLM,
    AutoModelForImageTextToText,
)

CATALOG = Path(__file__).parents[3] / "components" / "planner" / "data" / "models.csv"
PARTS = ("embedding", "head", "towers", "experts", "shared", "linear", "attention", "feed_forward", "small")
# The first that matches a parameter's name tells its part.
_NAMES = (
    ("towers", r"vision|visual|audio|multi_modal|mm_projector|patch_merge|per_layer"),
    ("embedding", r"embed_tokens|embeddings?\.weight|wte"),
    ("head", r"lm_head"),
    ("small", r"norm|bias|\.gate\.weight|router|shared_expert_gate|scale|sinks|_hc\.|hc_head|dt_|A_log|\.D$|conv1d"),
    ("small", r"position_bias|\.base$|\.conv\.conv"),
    ("shared", r"shared_expert|shared_mlp|latent_proj"),
    ("experts", r"experts"),
    ("linear", r"linear_attn|\.in_proj|\.out_proj|\.conv\.|forget_gate|\.[bfg]_(a_|b_)?proj"),
    ("attention", r"self_attn|mixer\.[qkvo]_proj|attention"),
    ("feed_forward", r"mlp|feed_forward|up_proj|down_proj"),
)
_DEFAULT = re.compile(r"transformers [\d.]+, defaults of (\w+)")


def _configs(folder: Path) -> dict[str, dict[str, object]]:
    found = {}
    for path in sorted(folder.glob("*_config.json")):
        if not path.name.endswith("hf_quant_config.json"):
            found[path.name.removesuffix("_config.json").replace("--", "/")] = json.loads(path.read_text())
    return found


def _cleaned(config: dict[str, object]) -> dict[str, object]:
    """Without remote code and quantization, which change no shape here."""
    kept = {name: value for name, value in config.items() if name not in {"auto_map", "quantization_config"}}
    return {name: _cleaned(value) if isinstance(value, dict) else value for name, value in kept.items()}


def count(config: dict[str, object]) -> tuple[str, Counter[str]]:
    """The model's class and its parameters by part."""
    config = _cleaned(config)
    kind = str(config.pop("model_type"))
    loaded = AutoConfig.for_model(kind, **config)
    text = [AutoModelForCausalLM, AutoModelForImageTextToText, AutoModel]
    # A config of text only is that of a text model, whatever tower its class would have by default.
    sees = "vision_config" in config if config else getattr(loaded, "vision_config", None)
    order = [text[1], text[0], text[2]] if sees else text
    failure: Exception | None = None
    for builder in order:
        try:
            with torch.device("meta"):
                model = builder.from_config(loaded)
        except Exception as error:
            failure = failure or error
            continue
        counts: Counter[str] = Counter()
        for name, parameter in model.named_parameters():
            part = next((part for part, pattern in _NAMES if re.search(pattern, name)), "small")
            counts[part] += parameter.numel()
        return type(model).__name__, counts
    raise failure or ValueError(kind)


def main() -> None:
    """Write one row for each model that transformers knows."""
    configs, table = _configs(Path(sys.argv[1])), Path(sys.argv[2])
    with CATALOG.open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            default = _DEFAULT.match(row["source"])
            if default:
                configs[row["id"]] = {"model_type": default[1]}
    with table.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("model", "class", "total", *PARTS))
        for name in sorted(configs, key=str.casefold):
            try:
                kind, counts = count(configs[name])
            except Exception as error:
                print(f"{name}: {type(error).__name__}: {str(error).splitlines()[0][:100]}", file=sys.stderr)
                continue
            writer.writerow((name, kind, sum(counts.values()), *(counts[part] for part in PARTS)))
    print(f"{table}: {len(configs)} configurations asked")


if __name__ == "__main__":
    main()
