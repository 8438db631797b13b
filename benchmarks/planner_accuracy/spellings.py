"""What people and engines call the precisions of weights."""

from __future__ import annotations

import re

from components.contracts.serving import Precision

_FOUR, _INT4 = (Precision.NVFP4, Precision.MXFP4), (Precision.INT4, Precision.AWQ_INT4, Precision.GPTQ_INT4)
_MEANINGS = {
    "fp4": _FOUR,
    "w4a4": _FOUR,
    "int4": _INT4,
    "w4a16": _INT4,
    "bfloat16": (Precision.BF16,),
    "float16": (Precision.FP16,),
    "half": (Precision.FP16,),
    "float8": (Precision.FP8,),
    "mxfp8": (Precision.FP8,),
    "w8a8": (Precision.FP8,),
    "w8a16": (Precision.FP8,),
    "modelopt": (Precision.FP8, Precision.NVFP4),
    "modelopt-fp8": (Precision.FP8,),
    "modelopt-fp4": (Precision.NVFP4,),
    "nvfp4a16": (Precision.NVFP4,),
    "gpt-oss-mxfp4": (Precision.MXFP4,),
    "awq": (Precision.AWQ_INT4,),
    "awq-marlin": (Precision.AWQ_INT4,),
    "gptq": (Precision.GPTQ_INT4,),
    "gptq-marlin": (Precision.GPTQ_INT4,),
    "fp8/fp4-mixed": (Precision.MXFP4, Precision.NVFP4, Precision.FP8),
}
"""vLLM's ``--quantization`` and ``--dtype`` among them; several are tried in turn."""
_AS_IT_IS = frozenset({"auto", "native", "none", "default", "compressed-tensors", "mixed", "modelopt-mixed", "quark"})
_KINDS_OF_FP8 = re.compile(r"(?:fbgemm-|ptpc-)?fp8(?:-(?:block|dynamic|static|e4m3|per-tensor|channelwise))*")


def meanings(spelled: str) -> tuple[Precision, ...] | None:
    """Precisions that a name may stand for; none where it says only that the checkpoint is taken as it is.

    None for a name that is not known.
    """
    plain = re.sub(r"\([^)]*\)|torch\.", "", spelled.casefold()).strip()
    name = re.sub(r"[_\s]+", "-", plain)
    if name in _AS_IT_IS or name.endswith("/native"):
        return ()
    if name in _MEANINGS:
        return _MEANINGS[name]
    if _KINDS_OF_FP8.fullmatch(name):
        return (Precision.FP8,)
    try:
        return (Precision(name),)
    except ValueError:
        return None
