"""Certificates and kubeconfigs of what runs on live nodes, signed by the control plane's own authority.

Owns making them. They lie beside the node's other files and go with them.
"""

from __future__ import annotations

import base64
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from components.contracts.errors import StrataError

from ..control_plane.kwokctl import ADVERTISED, ADVERTISED_PORT
from ..control_plane.record import write_whole
from .addresses import HUB_NAME
from .members import Member
from .places import Places

_DAYS = "365"
_ONE_AT_A_TIME = Lock()


@dataclass(frozen=True)
class Identity:
    """A certificate and its key."""

    certificate: Path
    key: Path


@dataclass(frozen=True)
class Identities:
    """Makes certificates; one that is there is kept."""

    places: Places

    @property
    def authority(self) -> Path:
        """Certificate of the authority."""
        return self.places.layout.identity / "ca.crt"

    def kubelet(self, member: Member) -> Identity:
        """For the kubelet as a client of the API server."""
        return self._signed(f"{member.name}.kubelet", f"/O=system:nodes/CN=system:node:{member.name}")

    def kubelet_server(self, member: Member) -> Identity:
        """For the kubelet as a server of logs and metrics."""
        names = (f"IP:{member.address}", f"DNS:{member.name}")
        return self._signed(f"{member.name}.server", f"/O=system:nodes/CN=system:node:{member.name}", names)

    def client(self, name: str, subject: str) -> Identity:
        """For any other client of the API server."""
        return self._signed(name, subject)

    def hub(self) -> Identity:
        """For the model hub; it vouches for itself, as it is there before the control plane's authority is."""
        folder = self.places.certificates
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        identity = Identity(certificate=folder / "hub.crt", key=folder / "hub.key")
        if not identity.certificate.exists():
            draft = folder / ".hub.crt"
            key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", str(identity.key)]
            names = ["-subj", f"/CN={HUB_NAME}", "-addext", f"subjectAltName=DNS:{HUB_NAME}"]
            _openssl(["req", "-x509", *key, *names, "-days", _DAYS, "-out", str(draft)])
            draft.rename(identity.certificate)
        return identity

    def kubeconfig(self, name: str, identity: Identity) -> Path:
        """The kubeconfig of a client on a live node."""
        ca, certificate, key = (
            base64.b64encode(file.read_bytes()).decode()
            for file in (self.authority, identity.certificate, identity.key)
        )
        text = f"""apiVersion: v1
kind: Config
current-context: live
clusters:
- name: live
  cluster: {{server: 'https://{ADVERTISED}:{ADVERTISED_PORT}', certificate-authority-data: {ca}}}
contexts:
- name: live
  context: {{cluster: live, user: live}}
users:
- name: live
  user: {{client-certificate-data: {certificate}, client-key-data: {key}}}
"""
        file = self.places.certificates / f"{name}.kubeconfig"
        with _ONE_AT_A_TIME:
            write_whole(file, text)
        return file

    def knows_live_nodes(self) -> bool:
        """Whether the API server's certificate is good for the address at which live nodes reach it."""
        done = _openssl(
            ["x509", "-in", str(self.places.layout.identity / "admin.crt"), "-noout", "-checkip", ADVERTISED]
        )
        return "does match" in done

    def _signed(self, name: str, subject: str, names: Sequence[str] = ()) -> Identity:
        folder = self.places.certificates
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        identity = Identity(certificate=folder / f"{name}.crt", key=folder / f"{name}.key")
        with _ONE_AT_A_TIME:
            if not identity.certificate.exists():
                self._sign(name, subject, names, identity)
        return identity

    def _sign(self, name: str, subject: str, names: Sequence[str], identity: Identity) -> None:
        folder = self.places.certificates
        request, extensions = folder / f"{name}.csr", folder / f"{name}.ext"
        key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", str(identity.key)]
        _openssl(["req", "-new", *key, "-subj", subject, "-out", str(request)])
        extensions.write_text(f"subjectAltName={','.join(names)}\n" if names else "")
        authority = self.places.layout.identity
        signer = ["-CA", str(authority / "ca.crt"), "-CAkey", str(authority / "ca.key"), "-CAcreateserial"]
        serial = ["-CAserial", str(folder / "ca.srl"), "-days", _DAYS, "-extfile", str(extensions)]
        draft = folder / f".{name}.crt"
        _openssl(["x509", "-req", "-in", str(request), *signer, *serial, "-out", str(draft)])
        draft.rename(identity.certificate)
        request.unlink()
        extensions.unlink()


def _openssl(arguments: Sequence[str]) -> str:
    done = subprocess.run(["openssl", *arguments], capture_output=True, text=True, check=False)
    if done.returncode and arguments[0] != "x509":
        raise _failed(done.stderr)
    if done.returncode and "-req" in arguments:
        raise _failed(done.stderr)
    return done.stdout + done.stderr


def _failed(said: str) -> StrataError:
    return StrataError.of(
        "certificates of the live nodes",
        cause=f"openssl failed: {said.strip()}",
        consequence="kubelets cannot log in to the control plane",
        fix="install openssl 1.1.1 or later, then run the same command again",
    )
