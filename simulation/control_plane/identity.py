"""The certificates and keys of a control plane.

Owns keeping a copy outside of kwokctl's folder and the TLS settings to talk to the servers. kwokctl
makes them, once; a new authority would cut off everyone who holds the kubeconfig.
"""

from __future__ import annotations

import base64
import shutil
import ssl
from pathlib import Path

from .layout import Layout
from .record import write_whole

_FILES = ("ca.crt", "ca.key", "admin.crt", "admin.key")


def _is_complete(folder: Path) -> bool:
    return all((folder / name).is_file() and (folder / name).stat().st_size for name in _FILES)


def keep(layout: Layout) -> None:
    """Copy what kwokctl made, unless a copy is there."""
    if _is_complete(layout.identity) or not _is_complete(layout.certificates):
        return
    draft = layout.identity.with_name(".pki")
    for unfinished in (draft, layout.identity):
        shutil.rmtree(unfinished, ignore_errors=True)
    shutil.copytree(layout.certificates, draft)
    for name in _FILES:
        (draft / name).chmod(0o600)
    draft.rename(layout.identity)


def put_back(layout: Layout) -> None:
    """Give kwokctl the copy, if there is one, so that it makes no new ones."""
    if _is_complete(layout.identity):
        shutil.copytree(layout.identity, layout.certificates)


def tls(layout: Layout) -> ssl.SSLContext:
    """Trust in the servers, and the administrator's certificate."""
    context = ssl.create_default_context(cafile=str(layout.certificates / "ca.crt"))
    context.load_cert_chain(layout.certificates / "admin.crt", layout.certificates / "admin.key")
    return context


def write_kubeconfig(layout: Layout, server: str) -> None:
    """Write the kubeconfig if it is not there or not right. It holds the key, so only the owner may read it."""
    name = f"strata-{layout.name}"
    ca, certificate, key = (
        base64.b64encode((layout.certificates / file).read_bytes()).decode()
        for file in ("ca.crt", "admin.crt", "admin.key")
    )
    text = f"""apiVersion: v1
kind: Config
current-context: {name}
clusters:
- name: {name}
  cluster:
    certificate-authority-data: {ca}
    server: {server}
contexts:
- name: {name}
  context: {{cluster: {name}, user: {name}}}
users:
- name: {name}
  user:
    client-certificate-data: {certificate}
    client-key-data: {key}
"""
    if not layout.kubeconfig.is_file() or layout.kubeconfig.read_text(encoding="utf-8") != text:
        write_whole(layout.kubeconfig, text)
