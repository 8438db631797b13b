"""Stand-ins for the CUDA libraries that PyPI's torch wants at import.

PyPI carries torch for CUDA alone, whose libraries take 2.7 GB and answer nothing on a CPU. Each stand-in has the
symbols that torch or vLLM look up, under the versions that they ask for, and answers ``cudaErrorNoDevice``. It is made
by gcc from assembly, for x86-64.
"""

from __future__ import annotations

import re
import subprocess
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_LIBRARY = re.compile(r"\.so(\.\d+)*$")
_USERS = ("torch", "torchvision", "vllm")
_NO_DEVICE = 100
_DEFINED = frozenset({"FUNC", "OBJECT", "IFUNC", "NOTYPE"})
_STANDARD = ("_ZSt", "_ZNSt", "_ZNKSt", "_ZTISt", "_ZTVSt", "_ZTSSt")
_TEXTS = re.compile(r"(Error|Status|Result)_?(String|Name)|GetLastErrorString|ncclGetLastError")
_FIELDS = 8


@dataclass(frozen=True)
class _Symbol:
    name: str
    version: str
    kind: str
    binding: str
    section: str
    size: int


def make_stubs(site_packages: Path, out: Path) -> Sequence[Path]:
    """Write a stand-in for each library of ``nvidia`` that another library there needs.

    Args:
        site_packages: Of an environment with torch for CUDA.
        out: Folder for them, under the names that the loader looks for.
    """
    out.mkdir(parents=True, exist_ok=True)
    libraries = [path for path in site_packages.rglob("*.so*") if _LIBRARY.search(path.name) and not path.is_symlink()]
    vendor = {_soname(path): path for path in libraries if "nvidia" in path.relative_to(site_packages).parts}
    wanted: set[str] = set()
    asked: set[str] = set()
    for path in libraries:
        if path.relative_to(site_packages).parts[0] in _USERS:
            wanted |= vendor.keys() & set(_needed(path))
            asked |= {symbol.name for symbol in _symbols(path) if symbol.section == "UND"}
    return [_stub(name, _offered(vendor[name], asked), out) for name in sorted(wanted)]


def _run(*argv: str) -> str:
    return subprocess.run(argv, check=True, capture_output=True, text=True).stdout


def _needed(path: Path) -> list[str]:
    return re.findall(r"\(NEEDED\).*\[(.*)\]", _run("readelf", "-dW", str(path)))


def _soname(path: Path) -> str:
    found = re.search(r"\(SONAME\).*\[(.*)\]", _run("readelf", "-dW", str(path)))
    return found[1] if found else path.name


def _symbols(path: Path) -> Iterator[_Symbol]:
    for line in _run("readelf", "-W", "--dyn-syms", str(path)).splitlines():
        fields = line.split()
        if len(fields) >= _FIELDS and fields[0].rstrip(":").isdigit():
            name, _, version = fields[7].partition("@")
            yield _Symbol(name, version.lstrip("@"), fields[3], fields[4], fields[6], int(fields[2], 0))


def _offered(path: Path, asked: set[str]) -> Mapping[str, _Symbol]:
    """What the library defines and somebody looks up; the C++ library's own templates are found elsewhere."""
    return {
        symbol.name: symbol
        for symbol in _symbols(path)
        if symbol.section not in {"UND", "ABS"}
        and symbol.kind in _DEFINED
        and symbol.name in asked
        and not (symbol.binding == "WEAK" and symbol.name.startswith("_Z"))
        and not symbol.name.startswith(_STANDARD)
    }


def _stub(soname: str, symbols: Mapping[str, _Symbol], out: Path) -> Path:
    lines = [".section .rodata", 'nothing: .string "no CUDA here"', ".text"]
    versions: defaultdict[str, list[str]] = defaultdict(list)
    for name, symbol in symbols.items():
        versions[symbol.version].append(name)
        if symbol.kind == "OBJECT":
            size = symbol.size or 8
            lines += [".data", f".globl {name}", f".type {name},@object", f".size {name},{size}"]
            lines += [f"{name}: .zero {size}", ".text"]
        else:
            text = "leaq nothing(%rip),%rax" if _TEXTS.search(name) else f"movl ${_NO_DEVICE},%eax"
            lines += [f".globl {name}", f".type {name},@function", f"{name}: {text}", "ret"]
    lines.append('.section .note.GNU-stack,"",@progbits')
    source, target = out / f"{soname}.s", out / soname
    source.write_text("\n".join(lines) + "\n")
    argv = [
        "gcc",
        "-shared",
        "-nostdlib",
        f"-Wl,-soname,{soname}",
        "-Wl,--build-id=none",
        "-o",
        str(target),
        str(source),
    ]
    named = {version: names for version, names in versions.items() if version}
    if named:
        script = out / f"{soname}.map"
        script.write_text(
            "".join(f"{version} {{ global: {'; '.join(names)}; }};\n" for version, names in named.items())
        )
        argv.insert(2, f"-Wl,--version-script={script}")
    _run(*argv)
    source.unlink()
    (out / f"{soname}.map").unlink(missing_ok=True)
    return target
