"""cert-manager, as the stack installs it, signs a certificate, refuses a wrong one and hands out an authority."""

from __future__ import annotations

import base64
import json
import ssl
from pathlib import Path

import pytest
from pydantic import JsonValue

from components.services.known import CERT_MANAGER
from tests.live.controllers.stack import Stack

pytestmark = [pytest.mark.engine, pytest.mark.live, pytest.mark.slow, pytest.mark.installs("cert_manager")]
_API = "cert-manager.io/v1"
_SPACE = CERT_MANAGER.namespace


def _object(kind: str, name: str, spec: JsonValue, api: str = _API) -> dict[str, JsonValue]:
    return {"apiVersion": api, "kind": kind, "metadata": {"name": name, "namespace": "default"}, "spec": spec}


def _certificate(name: str, issuer: str, **more: JsonValue) -> dict[str, JsonValue]:
    return _object("Certificate", name, {"secretName": name, "issuerRef": {"name": issuer}, **more})


def _secret(stack: Stack, name: str) -> dict[str, bytes]:
    data: dict[str, str] = json.loads(stack.box.kubectl("get", "secret", name, "-o", "json"))["data"]
    return {key: base64.b64decode(value) for key, value in data.items()}


def test_every_part_is_ready(stack: Stack) -> None:
    stack.rolled_out(_SPACE, *(f"deployment/{name}" for name in CERT_MANAGER.deployments))


def test_a_server_gets_a_certificate_that_its_authority_vouches_for(stack: Stack, tmp_path: Path) -> None:
    stack.applied(
        _object("Issuer", "itself", {"selfSigned": {}}),
        _certificate("authority", "itself", isCA=True, commonName="authority"),
        _object("Issuer", "by-authority", {"ca": {"secretName": "authority"}}),
        _certificate("server", "by-authority", dnsNames=["chat.example.com"]),
    )
    stack.within(
        lambda: stack.condition("default", "certificate", "server", "Ready") == "True",
        lambda: stack.asked("describe", "certificates,certificaterequests") + stack.about(_SPACE),
    )
    for name, text in _secret(stack, "server").items():
        (tmp_path / name).write_bytes(text)
    # Loading them fails where the key is another's.
    ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(tmp_path / "tls.crt", tmp_path / "tls.key")
    verified = stack.box.run(["openssl", "verify", "-CAfile", str(tmp_path / "ca.crt"), str(tmp_path / "tls.crt")])
    assert verified.returncode == 0, verified.stderr
    named = stack.box.run(["openssl", "x509", "-noout", "-ext", "subjectAltName", "-in", str(tmp_path / "tls.crt")])
    assert "DNS:chat.example.com" in named.stdout


def test_its_webhook_refuses_a_certificate_for_nobody(stack: Stack) -> None:
    assert "at least one of commonName" in stack.refused(_certificate("nobody", "itself"))


def test_its_injector_tells_an_api_server_whom_to_trust(stack: Stack) -> None:
    hook: dict[str, JsonValue] = {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingWebhookConfiguration",
        "metadata": {"name": "injected", "annotations": {"cert-manager.io/inject-ca-from": "default/server"}},
        "webhooks": [
            {
                "name": "injected.example.com",
                "admissionReviewVersions": ["v1"],
                "sideEffects": "None",
                "failurePolicy": "Ignore",
                "clientConfig": {"service": {"name": "nobody", "namespace": "default"}},
            }
        ],
    }
    stack.applied(hook)
    path = "jsonpath={.webhooks[0].clientConfig.caBundle}"
    wanted = base64.b64encode(_secret(stack, "server")["ca.crt"]).decode()
    stack.within(
        lambda: stack.asked("get", "validatingwebhookconfiguration", "injected", "-o", path) == wanted,
        lambda: stack.about(_SPACE),
    )
    stack.box.kubectl("delete", "validatingwebhookconfiguration", "injected")
