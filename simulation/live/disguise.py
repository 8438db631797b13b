"""The mount namespace of a live node: a machine as large as its pool says, with system folders of its own.

Owns the files by which a kubelet learns the size of its machine, and the folders outside of the project that kubelet,
containerd and network plugins write to: all of them vanish with the namespace. Containers see the true machine.
"""

from __future__ import annotations

import shlex
from pathlib import Path

from .members import Member
from .places import Places
from .programs import Programs

_REPORTED = ("MemTotal", "MemFree", "MemAvailable")


def write_files(places: Places, member: Member) -> None:
    """Write what the namespace shows in place of the machine's own files."""
    folder = places.node(member.name) / "shown"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "meminfo").write_text(_meminfo(Path("/proc/meminfo").read_text(), member.memory_kib))
    (folder / "cpuinfo").write_text(_cpuinfo(Path("/proc/cpuinfo").read_text(), member.cpus))
    devices = folder / "devices"
    devices.mkdir(exist_ok=True)
    (devices / "network").write_text("".join(f"{name}={count}\n" for name, count in member.network_devices.items()))
    if member.gpus is not None:
        (devices / "gpus").write_text(member.gpus.text())


def script(places: Places, programs: Programs, member: Member) -> str:
    """Shell commands that arrange the namespace from inside; they do nothing where it is arranged already."""
    folder, marker = places.node(member.name), places.marker(member.name)
    state, shown = places.layout.state, folder / "shown"
    kept = [state, programs.unpacked.resolve()] if programs.unpacked.exists() else [state]
    lines = [
        "set -eu",
        f"if grep -q {shlex.quote(f' {marker} ')} /proc/self/mountinfo; then exit 0; fi",
        # Folders are opened before they are hidden, in case the project lies below one of them.
        f"mkdir -p {_q(folder / 'kubelet')} {_q(folder / 'containerd')} {_q(folder / 'pods')} {_q(folder / 'over')}",
        f"mount -t tmpfs strata-over {_q(folder / 'over')}",
        f"cd {_q(folder / 'over')}",
    ]
    # Below /etc pods may have folders made that were not there.
    for place in ("/var/lib", "/var/log", "/etc"):
        lines += _overlaid(Path(place), folder / "over", kept)
    lines += [
        "mkdir -p /var/lib/kubelet /var/lib/containerd /var/log/pods",
        f"mount --bind {_q(folder / 'kubelet')} /var/lib/kubelet",
        "mount --make-shared /var/lib/kubelet",
        f"mount --bind {_q(folder / 'containerd')} /var/lib/containerd",
        f"mount --bind {_q(folder / 'pods')} /var/log/pods",
        f"mount --bind {_q(shown / 'meminfo')} /proc/meminfo",
        f"mount --bind {_q(shown / 'cpuinfo')} /proc/cpuinfo",
        "mount -t tmpfs strata-cpus /sys/devices/system/cpu",
        "cd /sys/devices/system/cpu",
        f"for file in online possible present; do echo 0-{member.cpus - 1} > $file; done",
        f"for n in $(seq 0 {member.cpus - 1}); do",
        "mkdir -p cpu$n/topology; echo 1 > cpu$n/online",
        "echo $n > cpu$n/topology/core_id; echo 0 > cpu$n/topology/physical_package_id",
        "done",
        "[ ! -d /sys/devices/system/node ] || mount -t tmpfs strata-numa /sys/devices/system/node",
        # Last, because it says that all the others are there.
        f"mount -t tmpfs -o mode=755 {shlex.quote(marker)} /run",
    ]
    return "\n".join(lines)


def _overlaid(place: Path, over: Path, kept: list[Path]) -> list[str]:
    """Give a folder a layer of the namespace's own; what lies below it of the project stays as it is."""
    if not place.is_dir():
        return []
    name = place.as_posix().strip("/").replace("/", "-")
    layers = f"lowerdir={place},upperdir={name},workdir={name}.work"
    # By relative names, as a comma or a colon in the project's path would end an option.
    lines = [f"mkdir -p {name} {name}.work", f"mount -t overlay -o {layers} strata-over {_q(place)}"]
    for number, path in enumerate(path for path in kept if path.is_relative_to(place)):
        held = over / f"{name}.{number}"
        lines.insert(0, f"mkdir -p {_q(held)} && mount --rbind {_q(path)} {_q(held)}")
        lines.append(f"mount --rbind {_q(held)} {_q(path)}")
    return lines


def _q(path: Path) -> str:
    return shlex.quote(str(path))


def _meminfo(true: str, kib: int) -> str:
    lines = true.splitlines()
    names = [line.partition(":")[0] for line in lines]
    return "".join(
        f"{name + ':':<16}{kib:>8} kB\n" if name in _REPORTED else f"{line}\n"
        for name, line in zip(names, lines, strict=True)
    )


def _cpuinfo(true: str, cpus: int) -> str:
    """The first processor as often as asked for, each a core of its own."""
    first = true.split("\n\n", 1)[0].splitlines()
    replaced = {"processor", "core id", "physical id", "siblings", "cpu cores", "apicid", "initial apicid"}
    blocks: list[str] = []
    for cpu in range(cpus):
        own = {"processor": cpu, "core id": cpu, "physical id": 0, "siblings": cpus, "cpu cores": cpus}
        own |= {"apicid": cpu, "initial apicid": cpu}
        lines: list[str] = []
        for line in first:
            name = line.partition(":")[0].strip()
            lines.append(f"{line.partition(':')[0]}: {own[name]}" if name in replaced else line)
        blocks.append("\n".join(lines))
    return "\n\n".join(blocks) + "\n\n"
