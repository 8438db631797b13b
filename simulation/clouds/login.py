"""What the vendors' log-in programs answer while clouds are simulated; the scripts in ``commands`` call it.

Owns the credentials that Kubernetes clients ask such a program for (ExecCredential, see
https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins).
It is started by clients with whatever Python is there, so it imports the standard library only.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

_STATE = "STRATA_SIMULATED_CLOUD"
_QUESTION = "KUBERNETES_EXEC_INFO"
_VERSION = "client.authentication.k8s.io/v1beta1"


class _RefusalError(Exception):
    """There is no credential to give; the text is what the user reads."""


@dataclass(frozen=True)
class _Cluster:
    """A managed cluster of the simulated clouds."""

    name: str
    cloud: str
    location: str
    server: str
    pki: Path

    def credential(self, version: str) -> str:
        """The administrator's certificate and key, as the client wants them."""
        status = {
            "clientCertificateData": (self.pki / "admin.crt").read_text(),
            "clientKeyData": (self.pki / "admin.key").read_text(),
        }
        return json.dumps({"apiVersion": version, "kind": "ExecCredential", "spec": {}, "status": status})


def main(program: str, arguments: Sequence[str]) -> str:
    """The credential that the program would print."""
    return _PROGRAMS[program](arguments).credential(_text(_question(), "apiVersion") or _VERSION)


def _of_eks(arguments: Sequence[str]) -> _Cluster:
    if list(arguments[:2]) != ["eks", "get-token"]:
        raise _RefusalError(f"only 'eks get-token' is simulated, not {' '.join(arguments[:2])!r}")
    parser = argparse.ArgumentParser(allow_abbrev=False, add_help=False)
    parser.add_argument("--cluster-name", default="")
    parser.add_argument("--region", default=os.environ.get("AWS_REGION", ""))
    # Who calls and how the answer is spelled make no difference here.
    options = parser.parse_known_args(arguments[2:])[0]
    name, region = str(options.cluster_name), str(options.region)
    clusters = [cluster for cluster in _clusters() if cluster.cloud in {"", _AWS}]
    for cluster in clusters:
        if cluster.name == name and cluster.location in {"", region}:
            return cluster
    known = [f"{entry.name} {entry.location}".strip() for entry in clusters]
    raise _RefusalError(f"no cluster {name!r} exists in {region or 'no region'}; there {_listed(known)}")


def _of_kubelogin(arguments: Sequence[str]) -> _Cluster:
    if list(arguments[:1]) != ["get-token"]:
        raise _RefusalError(f"only 'get-token' is simulated, not {' '.join(arguments[:1])!r}")
    return _by_server(arguments)


def _by_server(_arguments: Sequence[str]) -> _Cluster:
    clusters = list(_clusters())
    server = _text(_inner(_inner(_question(), "spec"), "cluster"), "server")
    if not server:
        raise _RefusalError(f"{_QUESTION} names no cluster; set provideClusterInfo: true in the kubeconfig")
    for cluster in clusters:
        if cluster.server == server.rstrip("/"):
            return cluster
    raise _RefusalError(f"no cluster answers at {server}; there {_listed([entry.server for entry in clusters])}")


_AWS = "aws"
_PROGRAMS: Mapping[str, Callable[[Sequence[str]], _Cluster]] = {
    _AWS: _of_eks,
    "kubelogin": _of_kubelogin,
    "gke-gcloud-auth-plugin": _by_server,
}
"""How each program finds the cluster that it is asked about."""


def _clusters() -> Iterator[_Cluster]:
    state = os.environ.get(_STATE)
    if not state:
        raise _RefusalError(f"{_STATE} is not set, so it is not known where clouds are simulated; use SIMULATED=1")
    for file in sorted(Path(state, "control-planes").glob("*/managed.json")):
        marker = _read(file)
        port = _inner(_read(file.with_name("record.json")), "ports").get("apiserver")
        yield _Cluster(
            name=_text(marker, "cluster"),
            cloud=_text(marker, "cloud"),
            location=_text(marker, "location"),
            server=f"https://127.0.0.1:{port}",
            pki=file.with_name("pki"),
        )


def _question() -> dict[str, object]:
    return _object(os.environ.get(_QUESTION, ""))


def _read(file: Path) -> dict[str, object]:
    try:
        return _object(file.read_text(encoding="utf-8"))
    except OSError:
        return {}


def _object(text: str) -> dict[str, object]:
    try:
        content: object = json.loads(text)
    except ValueError:
        return {}
    return cast("dict[str, object]", content) if isinstance(content, dict) else {}


def _inner(content: dict[str, object], key: str) -> dict[str, object]:
    value = content.get(key)
    return cast("dict[str, object]", value) if isinstance(value, dict) else {}


def _text(content: dict[str, object], key: str) -> str:
    value = content.get(key)
    return value if isinstance(value, str) else ""


def _listed(names: Sequence[str]) -> str:
    return f"are {', '.join(names)}" if names else "are none"


def _run() -> int:
    program, *arguments = sys.argv[1:]
    try:
        answer = main(program, arguments)
    except _RefusalError as refusal:
        sys.stderr.write(f"{program} (simulated): {refusal}\n")
        return 1
    except OSError as error:
        sys.stderr.write(f"{program} (simulated): the cluster is not ready yet: {error}\n")
        return 1
    sys.stdout.write(f"{answer}\n")
    return 0


if __name__ == "__main__":
    sys.exit(_run())
