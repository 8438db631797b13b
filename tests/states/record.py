"""Brings the example stacks up in a clone of commit 3d70e42 and writes down what became of them.

Run once: ``git clone . CLONE && git -C CLONE checkout 3d70e42``, there ``git cherry-pick 15508f5``, without which
the azure stack cannot be rendered, and `make toolchain`, then ``python -m tests.states.record CLONE``. Clouds are
simulated. What differs from run to run becomes a placeholder that ``recorded`` fills; a state that still holds such
a value is refused.
"""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field, JsonValue, TypeAdapter

from .recorded import WHOLE_STACKS, placeholder, replaced, write_rendered, write_state

GROUPS = (
    ("dev",),
    ("aws-foundation", "aws-platform", "aws-serving"),
    ("aws", "gcp", "azure", "onprem", "hybrid"),
)
"""Stacks that are up at once, in the order in which they come up."""
_MACHINES = {"sourcePosition", "stackTrace", "created", "modified"}
"""Where and when a resource was declared, which the engine compares with nothing."""
_FORBIDDEN = ("PRIVATE KEY", "/root/", "https://127.0.0.1:")
_JSON: TypeAdapter[JsonValue] = TypeAdapter(JsonValue)


class _Entry(BaseModel):
    model_config = ConfigDict(extra="ignore")
    server: str = ""
    authority: str = Field(default="", alias="certificate-authority-data")
    certificate: str = Field(default="", alias="client-certificate-data")
    key: str = Field(default="", alias="client-key-data")


class _Named(BaseModel):
    model_config = ConfigDict(extra="ignore")
    cluster: _Entry = _Entry()
    user: _Entry = _Entry()


class _Kubeconfig(BaseModel):
    model_config = ConfigDict(extra="ignore")
    clusters: list[_Named]
    users: list[_Named]


def main(clone: Path) -> None:
    """Record every group of stacks, and the objects that whole stacks render."""
    for group in GROUPS:
        for stack in group:
            _strata(clone, f"up {stack}")
        _write(clone, group)
        for stack in reversed(group):
            # The links' circuits are protected; the last group may stay behind in the clone, without processes.
            _strata(clone, f"{'stop' if group is GROUPS[-1] else 'down'} {stack}", check=group is not GROUPS[-1])
    for stack in WHOLE_STACKS:
        with tempfile.TemporaryDirectory() as folder:
            _strata(clone, f"render {stack} {shlex.quote(folder)}")
            write_rendered(stack, {path.name: yaml.safe_load(path.read_text()) for path in Path(folder).glob("*.yaml")})


def _write(clone: Path, stacks: tuple[str, ...]) -> None:
    shown = {stack: _export(clone, stack, "--show-secrets") for stack in stacks}
    values = {str(clone): placeholder("project")}
    for state in shown.values():
        values.update(_addresses(state))
    for stack, state in shown.items():
        portable = _portable(state, _export(clone, stack), values)
        text = json.dumps(portable)
        left = [value for value in (*values, *_FORBIDDEN) if value in text]
        if left:
            sys.exit(f"the state of {stack} would tell {left}")
        write_state(stack, portable)


def _portable(shown: JsonValue, encrypted: JsonValue, values: Mapping[str, str]) -> JsonValue:
    """The state without times and places.

    A secret stays as the stack's passphrase, which the examples publish, encrypts it. One that holds what differs
    from run to run, such as a kubeconfig, is shown with placeholders in all the places where it is secret.
    """
    match shown, encrypted:
        case {"plaintext": _}, dict():
            filled = replaced(shown, values)
            return encrypted if filled == shown else filled
        case dict(), dict():
            return {
                key: _portable(inner, encrypted[key], values) for key, inner in shown.items() if key not in _MACHINES
            }
        case list(), list():
            return [_portable(one, other, values) for one, other in zip(shown, encrypted, strict=True)]
        case _:
            return replaced(shown, values)


def _strata(clone: Path, command: str, *, check: bool = True) -> None:
    print(f"{command} …", flush=True)
    done = _shell(clone, f". .strata/env && .venv/bin/python -m cli {command}")
    if check and done.returncode:
        sys.exit(f"{command} failed:\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}")


def _shell(clone: Path, command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["sh", "-c", command],
        cwd=clone,
        env={**os.environ, "SIMULATED": "1"},
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )


def _export(clone: Path, stack: str, *flags: str) -> JsonValue:
    """The state of a stack, which lies in the backend of its mode."""
    simulated = "" if stack == "dev" else " && . .strata/simulated.env"
    done = _shell(clone, f". .strata/env{simulated} && pulumi stack export --stack {stack} {' '.join(flags)}")
    if done.returncode:
        sys.exit(f"the state of {stack} cannot be read:\n{done.stderr[-3000:]}")
    return _JSON.validate_json(done.stdout)


def _addresses(state: JsonValue) -> dict[str, str]:
    """What a kubeconfig among the outputs tells of a cluster that lives as long as a run."""
    found: dict[str, str] = {}
    for text in _kubeconfigs(state):
        kubeconfig = _Kubeconfig.model_validate(yaml.safe_load(text))
        for entry in (*kubeconfig.clusters, *kubeconfig.users):
            known = {
                entry.cluster.server.removeprefix("https://"): "api server",
                entry.cluster.authority: "authority",
                entry.user.certificate: "client certificate",
                entry.user.key: "client key",
            }
            found.update({value: placeholder(name) for value, name in known.items() if value})
    return found


def _kubeconfigs(value: JsonValue) -> Iterator[str]:
    """Every text that is a kubeconfig, inside of secrets as well."""
    match value:
        case {"plaintext": str(text)}:
            yield from _kubeconfigs(_JSON.validate_json(text))
        case dict():
            for inner in value.values():
                yield from _kubeconfigs(inner)
        case list():
            for inner in value:
                yield from _kubeconfigs(inner)
        case str() if "certificate-authority-data" in value and "users" in value:
            yield value
        case _:
            pass


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
