"""Debian packages that are unpacked into the cache, not installed.

Owns downloading them with apt, which verifies them, and unpacking them with dpkg; neither needs root or changes the
machine. What runs them has to set LD_LIBRARY_PATH to the folder `usr/lib/<triplet>` of the result.
"""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
from pathlib import Path

from .errors import ToolchainError
from .manifest import DebianBundle
from .processes import Children, tail
from .store import Store

# The program that one binary is by several names.
_NAMES_OF_XTABLES = tuple(f"{kind}tables{verb}" for kind in ("ip", "ip6") for verb in ("", "-save", "-restore"))
# A mirror that does not answer must not hold anybody up.
_APT = ("-q", "-o", "Acquire::Retries=0", "-o", "Acquire::http::Timeout=5", "-o", "Acquire::https::Timeout=5")


def is_on_path(bundle: DebianBundle) -> bool:
    """Whether the machine has all of it, network plugins included."""
    plugins = any((Path(folder) / "bridge").is_file() for folder in ("/opt/cni/bin", "/usr/lib/cni"))
    return plugins and all(shutil.which(program) for program in bundle.programs)


def recipe(bundle: DebianBundle) -> str:
    """Names what the unpacked folder was made from."""
    release = platform.freedesktop_os_release() if Path("/etc/os-release").is_file() else {}
    source = [*bundle.packages, release.get("ID", ""), release.get("VERSION_ID", ""), platform.machine()]
    return f"debian:{hashlib.sha256(repr(source).encode()).hexdigest()[:16]}"


def unpack(store: Store, children: Children, bundle: DebianBundle) -> None:
    """Puts the unpacked packages into the store.

    Raises:
        ToolchainError: when apt or dpkg is missing or fails.
    """
    with store.making(bundle.name) as scratch:
        if store.holds(bundle.name, bundle.version, recipe(bundle)):
            return
        log = store.log(bundle.name)
        apt, dpkg = shutil.which("apt-get"), shutil.which("dpkg")
        if apt is None or dpkg is None:
            raise _failure(bundle, "this system has no apt-get or no dpkg")
        packages, prepared = scratch / "packages", scratch / "prepared"
        packages.mkdir()
        prepared.mkdir()
        download = [apt, *_APT, "download", *bundle.packages]
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        if children.run(download, log=log, cwd=packages, env=environment) != 0:
            raise _failure(bundle, f"the download failed; the end of {log}:\n{tail(log)}")
        for package in sorted(packages.glob("*.deb")):
            if children.run([dpkg, "-x", str(package), str(prepared)], log=log, cwd=packages, env=environment) != 0:
                raise _failure(bundle, f"{package.name} cannot be unpacked; the end of {log}:\n{tail(log)}")
        for name in _NAMES_OF_XTABLES:
            link = prepared / "usr" / "sbin" / name
            link.unlink(missing_ok=True)
            link.symlink_to("xtables-nft-multi")
        store.put(bundle.name, bundle.version, prepared, recipe(bundle))


def _failure(bundle: DebianBundle, cause: str) -> ToolchainError:
    return ToolchainError(
        field=bundle.name,
        cause=cause,
        consequence="live nodes cannot run here",
        fix=f"install these by your system's package manager, or run `apt-get update` and the same command again: "
        f"{', '.join(bundle.programs)}, and the CNI plugins in /opt/cni/bin",
    )
