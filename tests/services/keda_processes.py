"""KEDA's own operator and adapter as processes of this machine, as the pods of a rendered chart would run them.

They get the arguments, the variables and the rights of their Deployments and service accounts; only folders and ports
are this machine's.
"""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from components.services.known import KEDA
from tests.simulation.kube import Kube

_ADAPTER = "keda-operator-metrics-apiserver"
_API_SERVICE = "v1beta1.external.metrics.k8s.io"
_CERTIFICATES = ("ca.crt", "tls.crt", "tls.key")


def free_port() -> int:
    """A port of the loopback address that nobody has."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


@dataclass(frozen=True)
class _Program:
    arguments: Sequence[str]
    variables: Mapping[str, str]
    account: str


@dataclass(frozen=True)
class KedaProcesses:
    """Both programs on one control plane.

    Attributes:
        kube: kubectl on it.
        folder: Where their files go.
    """

    kube: Kube
    folder: Path

    @contextmanager
    def running(self) -> Generator[None, None, None]:
        """Operator and adapter, until the block is left."""
        certificates = self.folder / "certs"
        certificates.mkdir()
        grpc, secure = free_port(), free_port()
        with (self.folder / "operator.log").open("w") as log:
            program = self._operator(certificates, grpc)
            operator = self._start("keda-operator", program, log)
            try:
                self._bring(certificates)
                # Having made them it ends, so that a kubelet starts it again with the Secret mounted.
                operator.wait(timeout=60)
                operator = self._start("keda-operator", program, log)
                self._lead_to_adapter(secure)
                with (self.folder / "adapter.log").open("w") as adapter_log:
                    adapter = self._start("keda-adapter", self._adapter(certificates, grpc, secure), adapter_log)
                    try:
                        yield
                    finally:
                        _end(adapter)
            finally:
                _end(operator)

    def _operator(self, certificates: Path, grpc: int) -> _Program:
        read = self._read("keda-operator")
        own = {
            "cert-dir": str(certificates),
            "metrics-bind-address": f"127.0.0.1:{free_port()}",
            "health-probe-bind-address": f"127.0.0.1:{free_port()}",
            "metrics-service-bind-address": f"127.0.0.1:{grpc}",
        }
        return _Program(_replaced(read.arguments, own), read.variables, read.account)

    def _adapter(self, certificates: Path, grpc: int, secure: int) -> _Program:
        read = self._read(_ADAPTER)
        kubeconfig = str(self._kubeconfig(read.account))
        own = {
            **{f"{name}-kubeconfig": kubeconfig for name in ("lister", "authentication", "authorization")},
            "cert-dir": str(certificates),
            "client-ca-file": str(certificates / "ca.crt"),
            "tls-cert-file": str(certificates / "tls.crt"),
            "tls-private-key-file": str(certificates / "tls.key"),
            "port": str(free_port()),
            "secure-port": str(secure),
            "bind-address": "127.0.0.1",
            "metrics-service-address": f"127.0.0.1:{grpc}",
            "metrics-service-grpc-authority": f"keda-operator.{KEDA.namespace}.svc",
        }
        return _Program(_replaced(read.arguments, own), read.variables, read.account)

    def _read(self, deployment: str) -> _Program:
        text = self.kube.run("get", "deployment", deployment, "-n", KEDA.namespace, "-o", "json")
        spec = json.loads(text)["spec"]["template"]["spec"]
        (container,) = spec["containers"]
        variables = {found["name"]: found.get("value", "") for found in container["env"]}
        named = dict.fromkeys(("POD_NAMESPACE", "KEDA_CLUSTER_OBJECT_NAMESPACE"), KEDA.namespace)
        return _Program(container["args"], {**variables, "POD_NAME": deployment, **named}, spec["serviceAccountName"])

    def _start(self, name: str, program: _Program, log: IO[str]) -> subprocess.Popen[bytes]:
        binary = shutil.which(name)
        assert binary, f"{name} is not there"
        variables = {**os.environ, **program.variables, "KUBECONFIG": str(self._kubeconfig(program.account))}
        return subprocess.Popen([binary, *program.arguments], stdout=log, stderr=log, env=variables)

    def _kubeconfig(self, account: str) -> Path:
        """The cluster by the rights of a service account."""
        made = self.folder / f"{account}.kubeconfig"
        shutil.copy(self.kube.plane.kubeconfig, made)
        token = self.kube.run("create", "token", account, "-n", KEDA.namespace, "--duration=1h").strip()
        kubectl = [str(self.kube.project / ".strata/bin/kubectl"), f"--kubeconfig={made}", "config"]
        for arguments in (
            ("set-credentials", account, f"--token={token}"),
            ("set-context", "--current", "--user", account),
        ):
            subprocess.run([*kubectl, *arguments], check=True, capture_output=True)
        return made

    def _bring(self, certificates: Path) -> None:
        """What a kubelet does with the Secret that the operator makes for both."""
        query = ("get", "secret", "kedaorg-certs", "-n", KEDA.namespace, "--ignore-not-found", "-o", "json")
        deadline = time.monotonic() + 60
        while True:
            text = self.kube.run(*query)
            data: dict[str, str] = json.loads(text).get("data", {}) if text else {}
            if all(name in data for name in _CERTIFICATES):
                break
            assert time.monotonic() < deadline, f"no certificates: {(self.folder / 'operator.log').read_text()[-3000:]}"
            time.sleep(1)
        for name in _CERTIFICATES:
            (certificates / name).write_bytes(base64.b64decode(data[name]))

    def _lead_to_adapter(self, port: int) -> None:
        """The API server finds the adapter on this machine in place of a pod."""
        to_host = {"spec": {"type": "ExternalName", "externalName": "localhost", "clusterIP": None, "clusterIPs": None}}
        self.kube.run("patch", "service", _ADAPTER, "-n", KEDA.namespace, "--type=merge", "-p", json.dumps(to_host))
        to_port = json.dumps({"spec": {"service": {"port": port}}})
        self.kube.run("patch", "apiservice", _API_SERVICE, "--type=merge", "-p", to_port)


def _replaced(arguments: Sequence[str], own: Mapping[str, str]) -> list[str]:
    kept = [argument for argument in arguments if re.sub(r"^--|=.*$", "", argument) not in own]
    return [*kept, *(f"--{name}={value}" for name, value in own.items())]


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(timeout=20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(timeout=20)
