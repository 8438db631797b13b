"""The system's programs of a simulated host: packages, services, kernel, downloads.

Runs as a script of its own with the standard library alone, because a host's script starts dozens of
them. What a program changes lies in ``host.json``, beside the folder that plays the host's root.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Callable
from pathlib import Path

from internet import FILES, NEWEST_PATCH
from memory import Host, fail, remembered, root

_DEBIAN = frozenset({"containerd", "curl", "gpg", "nfs-common"})
_KUBERNETES = frozenset({"kubeadm", "kubelet", "kubectl"})
_NEEDS_BRIDGE = re.compile(r"net\.bridge\.")
_PINNED = re.compile(r"(\d+\.\d+)\.(\d+)-\*")


def _swapoff(_arguments: list[str]) -> None:
    with remembered() as host:
        host.swap = False


def _modprobe(arguments: list[str]) -> None:
    with remembered() as host:
        host.modules = sorted({*host.modules, *arguments})


def _sysctl(_arguments: list[str]) -> None:
    with remembered() as host:
        for file in sorted(root("/etc/sysctl.d").glob("*.conf")):
            for line in file.read_text().splitlines():
                name, _, value = (part.strip() for part in line.partition("="))
                if _NEEDS_BRIDGE.match(name) and "br_netfilter" not in host.modules:
                    fail(f"sysctl: cannot stat /proc/sys/{name.replace('.', '/')}: No such file or directory")
                host.kernel[name] = value


def _systemctl(arguments: list[str]) -> None:
    verb, *units = arguments
    if verb == "daemon-reload":
        return
    if verb == "is-active":
        with remembered() as host:
            if not set(units) - {"--quiet"} <= set(host.running):
                fail("", 3)
        return
    if verb == "mask":
        # Of a unit that is not there systemctl warns, and proceeds (systemd, src/systemctl/systemctl-enable.c).
        for unit in units:
            link = root(f"/etc/systemd/system/{unit}")
            link.parent.mkdir(parents=True, exist_ok=True)
            link.unlink(missing_ok=True)
            link.symlink_to("/dev/null")
        return
    with remembered() as host:
        for unit in units:
            if unit not in host.packages:
                fail(f"Failed to {verb} {unit}.service: Unit {unit}.service not found.", 5)
            if verb in {"start", "restart"}:
                host.running = sorted({*host.running, unit})
    if verb == "restart" and "kubelet" in units:
        sources = os.environ["STRATA_SIMULATED_SOURCES"]
        variables = {**os.environ, "PYTHONPATH": sources, "PATH": os.environ["STRATA_SIMULATED_PATH"]}
        module = "simulation.clouds.command.programs.cluster"
        os.execve(sys.executable, [sys.executable, "-P", "-m", module, "kubelet"], variables)  # noqa: S606 - takes its place


def _apt_get(arguments: list[str]) -> None:
    if arguments == ["update"]:
        _apt_update()
        return
    options = {argument for argument in arguments if argument.startswith("--")}
    packages = [argument for argument in arguments[1:] if not argument.startswith("--")]
    if "--yes" not in options or os.environ.get("DEBIAN_FRONTEND") != "noninteractive":
        fail("E: Unable to answer a question without a terminal: use --yes and DEBIAN_FRONTEND=noninteractive", 100)
    with remembered() as host:
        for wanted in packages:
            _install(host, wanted, options)


def _apt_update() -> None:
    file = root("/etc/apt/sources.list.d/kubernetes.list")
    with remembered() as host:
        if not file.exists():
            return
        found = re.fullmatch(r"deb \[signed-by=(\S+)\] (https://\S+)/v(\d+\.\d+)/deb/ /\n", file.read_text())
        if found is None:
            fail(f"E: Malformed entry 1 in list file {file.name}", 100)
        if not root(found[1]).exists():
            fail(f"E: The repository '{found[2]}  InRelease' is not signed.", 100)
        if found[3] not in NEWEST_PATCH:
            fail(f"E: The repository '{found[2]}/v{found[3]}/deb  Release' does not have a Release file.", 100)
        host.repository = found[3]


def _install(host: Host, wanted: str, options: set[str]) -> None:
    name, _, asked = wanted.partition("=")
    if name in _DEBIAN:
        host.packages.setdefault(name, "1")
        return
    if name not in _KUBERNETES or not host.repository:
        fail(f"E: Unable to locate package {name}", 100)
    pinned = _PINNED.fullmatch(asked)
    if pinned is None:
        fail(f"E: {name} would be installed in whatever version is newest", 100)
    if pinned[1] != host.repository or int(pinned[2]) > NEWEST_PATCH[pinned[1]]:
        fail(f"E: Version '{asked}' for '{name}' was not found", 100)
    version, present = f"{pinned[1]}.{pinned[2]}", host.packages.get(name)
    if present == version:
        return
    if present and name in host.held and "--allow-change-held-packages" not in options:
        fail("E: Held packages were changed and -y was used without --allow-change-held-packages.", 100)
    if present and _numbers(version) < _numbers(present):
        fail("E: Packages were downgraded and -y was used without --allow-downgrades.", 100)
    host.packages[name] = version


def _numbers(version: str) -> list[int]:
    return [int(part) for part in version.split(".")]


def _apt_mark(arguments: list[str]) -> None:
    verb, *packages = arguments
    with remembered() as host:
        held = set(host.held)
        host.held = sorted(held | set(packages) if verb == "hold" else held - set(packages))


def _curl(arguments: list[str]) -> None:
    url = arguments[-1]
    origin = re.sub(r"^https://[^/]+/(?:files/)?(?=raw\.githubusercontent\.com|github\.com)", "https://", url)
    if url.endswith("/deb/Release.key"):
        content = f"-----BEGIN PGP PUBLIC KEY BLOCK-----\n{url}\n-----END PGP PUBLIC KEY BLOCK-----\n"
    elif origin in FILES:
        content = f"{origin}\n"
    else:
        fail("curl: (22) The requested URL returned error: 404", 22)
    if "--output" in arguments:
        Path(arguments[arguments.index("--output") + 1]).write_text(content)
    else:
        sys.stdout.write(content)


def _update_ca_certificates(_arguments: list[str]) -> None:
    added = sorted(root("/usr/local/share/ca-certificates").rglob("*.crt"))
    for file in added:
        if file.read_text().count("BEGIN CERTIFICATE") != 1:
            fail(f"rehash: warning: skipping {file.name}, it does not contain exactly one certificate or CRL")
    store = root("/etc/ssl/certs/ca-certificates.crt")
    store.parent.mkdir(parents=True, exist_ok=True)
    store.write_text("".join(file.read_text() for file in added))


def _gpg(arguments: list[str]) -> None:
    text = sys.stdin.read()
    if "BEGIN PGP PUBLIC KEY" not in text:
        fail("gpg: no valid OpenPGP data found.", 2)
    target = root(arguments[arguments.index("--output") + 1])
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text)


def _sha256sum(arguments: list[str]) -> None:
    name = arguments[-1]
    if name == "-":
        digest, _, file = sys.stdin.read().strip().partition("  ")
        if FILES.get(Path(file).read_text().strip()) != digest:
            fail(f"{file}: FAILED\nsha256sum: WARNING: 1 computed checksum did NOT match")
        return
    checksums, checked = Path(name).read_text().strip(), Path(name.removesuffix(".sha256sum")).read_text().strip()
    if checksums != f"{checked}.sha256sum":
        fail(f"{name.removesuffix('.sha256sum')}: FAILED\nsha256sum: WARNING: 1 computed checksum did NOT match")


def _tar(arguments: list[str]) -> None:
    archive, folder = (arguments[arguments.index(flag) + 1] for flag in ("--file", "--directory"))
    target = root(f"{folder}/{arguments[-1]}")
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(Path(archive).read_text())


def _containerd(_arguments: list[str]) -> None:
    with remembered() as host:
        if "containerd" not in host.packages:
            fail("containerd: command not found", 127)
    sys.stdout.write("version = 3\n  runtime_type = 'io.containerd.runc.v2'\n            SystemdCgroup = false\n")


def _getent(arguments: list[str]) -> None:
    database, name = arguments
    names = json.loads((Path(os.environ["STRATA_SIMULATED_ROOT"]).parent / "names.json").read_text())
    if database != "ahostsv4" or name not in names:
        fail("", 2)
    sys.stdout.write(f"10.40.2.2       STREAM {name}\n")


def _nvidia_smi(_arguments: list[str]) -> None:
    gpus = json.loads((Path(os.environ["STRATA_SIMULATED_ROOT"]).parent / "gpus.json").read_text())
    if not gpus:
        fail("nvidia-smi: command not found", 127)
    sys.stdout.write("".join(f"GPU {number}: {name}\n" for number, name in enumerate(gpus)))


PROGRAMS: dict[str, Callable[[list[str]], None]] = {
    "apt-get": _apt_get,
    "apt-mark": _apt_mark,
    "containerd": _containerd,
    "curl": _curl,
    "getent": _getent,
    "gpg": _gpg,
    "modprobe": _modprobe,
    "nvidia-smi": _nvidia_smi,
    "sha256sum": _sha256sum,
    "swapoff": _swapoff,
    "sysctl": _sysctl,
    "systemctl": _systemctl,
    "tar": _tar,
    "update-ca-certificates": _update_ca_certificates,
}

if __name__ == "__main__":
    PROGRAMS[sys.argv[1]](sys.argv[2:])
