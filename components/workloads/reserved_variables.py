"""Environment variables that no user may set: they choose devices, load code, or move caches to a read-only disk.

The names come from the documentation of the runtimes and libraries named beside them. What an engine or a component
reads itself is listed by that component.
"""

from __future__ import annotations

_DEVICES = "container runtimes and drivers choose a container's accelerators by it"
_CODE = "a program would load other code or libraries by it"
_DISK = "a library would write where the pod has no writable disk"

_DEVICE_PREFIXES = ("NVIDIA_", "CUDA_MPS_")
# NVIDIA, AMD (Container Toolkit, ROCm, OpenCL), Intel Gaudi, Ascend, Level Zero and oneAPI.
_DEVICE_ENDINGS = ("_VISIBLE_DEVICES", "_VISIBLE_MODULES", "_DEVICE_ORDINAL")
_ARITHMETIC = frozenset({"NVIDIA_TF32_OVERRIDE"})
"""Variables of that prefix that choose no device."""
_DEVICE_NAMES = frozenset({"ZE_AFFINITY_MASK", "ZE_FLAT_DEVICE_HIERARCHY", "ONEAPI_DEVICE_SELECTOR"})
_CODE_PREFIXES = ("LD_", "GLIBC_", "DYLD_")
_CODE_NAMES = frozenset(
    {
        # Shells, the dynamic loader, glibc and OpenSSL.
        *("PATH", "BASH_ENV", "ENV", "IFS", "GCONV_PATH", "LOCPATH", "NLSPATH", "OPENSSL_CONF", "OPENSSL_MODULES"),
        *("OPENSSL_ENGINES", "GIO_EXTRA_MODULES", "MALLOC_CONF"),
        # Python.
        *("PYTHONPATH", "PYTHONHOME", "PYTHONSTARTUP", "PYTHONUSERBASE", "PYTHONINSPECT", "PYTHONBREAKPOINT"),
        *("PYTHONPLATLIBDIR", "PYTHONEXECUTABLE", "PYTHONWARNINGS", "PYTHONPYCACHEPREFIX"),
        # Compilers that torch and Triton start, and libraries that CUDA, NCCL and Triton open.
        *("CC", "CXX", "NVCC_PREPEND_FLAGS", "NVCC_APPEND_FLAGS", "CUDA_HOME", "CUDA_PATH"),
        *("CUDA_INJECTION64_PATH", "NVTX_INJECTION64_PATH", "NCCL_CONF_FILE", "NCCL_NET_PLUGIN"),
        *("NCCL_TUNER_PLUGIN", "NCCL_PROFILER_PLUGIN", "NCCL_ENV_PLUGIN", "TRITON_PTXAS_PATH", "TRITON_LIBCUDA_PATH"),
        *("TRITON_CUOBJDUMP_PATH", "TRITON_NVDISASM_PATH", "TRITON_LIBDEVICE_PATH", "TORCHINDUCTOR_CPP_WRAPPER"),
        # Where a pod finds the API server.
        *("KUBERNETES_SERVICE_HOST", "KUBERNETES_SERVICE_PORT"),
    }
)
_DISK_NAMES = frozenset(
    {
        *("HOME", "TMPDIR", "TMP", "TEMP", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME"),
        *("XDG_RUNTIME_DIR", "HF_HOME", "HF_HUB_CACHE", "HF_XET_CACHE", "HF_ASSETS_CACHE", "HF_DATASETS_CACHE"),
        *("HF_MODULES_CACHE", "HF_TOKEN_PATH", "HUGGINGFACE_HUB_CACHE", "HUGGINGFACE_ASSETS_CACHE"),
        *("TRANSFORMERS_CACHE", "TORCH_HOME", "TORCH_EXTENSIONS_DIR", "TORCHINDUCTOR_CACHE_DIR"),
        *("PYTORCH_KERNEL_CACHE_PATH", "TRITON_CACHE_DIR", "TRITON_HOME", "TRITON_DUMP_DIR", "TRITON_OVERRIDE_DIR"),
        *("CUDA_CACHE_PATH", "FLASHINFER_WORKSPACE_BASE", "FLASHINFER_CACHE_DIR", "FLASHINFER_CUBIN_DIR"),
        *("DG_JIT_CACHE_DIR", "DG_CACHE_DIR", "NUMBA_CACHE_DIR", "MPLCONFIGDIR", "OUTLINES_CACHE_DIR"),
        *("TIKTOKEN_CACHE_DIR", "TIKTOKEN_RS_CACHE_DIR", "CUTE_DSL_CACHE_DIR"),
    }
)


def variable_reason(name: str) -> str | None:
    """Why no container of a component may be given this variable; None where it may.

    Args:
        name: Name of the variable.
    """
    if name in _ARITHMETIC:
        return None
    if name.startswith(_DEVICE_PREFIXES) or name.endswith(_DEVICE_ENDINGS) or name in _DEVICE_NAMES:
        return _DEVICES
    if name.startswith(_CODE_PREFIXES) or name in _CODE_NAMES:
        return _CODE
    if name in _DISK_NAMES:
        return _DISK
    return None


def device_reason(name: str) -> str | None:
    """The same for a container with an image of the user's own, whose code and disk are the user's affair."""
    reason = variable_reason(name)
    return reason if reason == _DEVICES else None
