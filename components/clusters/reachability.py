"""Whether a cluster's API server answers, asked before anything is planned.

The engine calls an update of an unreachable cluster "unchanged" when the program did not change;
so the program asks first. Only the address and the certificate authority of the kubeconfig are
used: any HTTP answer, a refusal of credentials too, proves that the right server is there.
"""

from __future__ import annotations

import base64
import binascii
import ssl
import urllib.error
import urllib.request
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ..contracts.errors import StrataError

_TIMEOUT_SECONDS = 5.0
_CONSEQUENCE = "nothing can be compared with or applied to it"


class _Model(BaseModel):
    model_config = ConfigDict(extra="ignore", populate_by_name=True)


class _ClusterEntry(_Model):
    server: str
    authority_data: str | None = Field(None, alias="certificate-authority-data")
    authority_file: str | None = Field(None, alias="certificate-authority")
    insecure: bool = Field(default=False, alias="insecure-skip-tls-verify")


class _NamedCluster(_Model):
    name: str
    cluster: _ClusterEntry


class _ContextEntry(_Model):
    cluster: str


class _NamedContext(_Model):
    name: str
    context: _ContextEntry


class _Kubeconfig(_Model):
    clusters: list[_NamedCluster]
    contexts: list[_NamedContext]
    current_context: str = Field("", alias="current-context")


def require_reachable(field: str, *, kubeconfig: str, context: str | None, start_command: str | None) -> None:
    """Return when the API server answers.

    Args:
        field: Setting to blame.
        kubeconfig: Path of the kubeconfig.
        context: Context in it; None takes the current one.
        start_command: What starts the cluster, where something can.

    Raises:
        StrataError: Names the server, what failed, and what to do.
    """
    path = Path(kubeconfig)
    try:
        text = path.read_text()
    except FileNotFoundError as error:
        missing = f"no {error.filename}"
        cause = f"the cluster is not running: there is {missing}" if start_command else missing
        raise StrataError.of(field, cause=cause, consequence=_CONSEQUENCE, fix=_fix(start_command)) from None
    except (OSError, ValueError) as error:
        cause = f"{kubeconfig} cannot be read: {error}"
        raise StrataError.of(field, cause=cause, consequence=_CONSEQUENCE, fix=_fix(start_command)) from None
    _require(field, text, kubeconfig, path.parent, context, _fix(start_command))


def require_answer(field: str, *, kubeconfig: str, start_command: str | None) -> None:
    """The same for a cluster of another stack, whose output the kubeconfig is.

    Args:
        field: Setting to blame.
        kubeconfig: Content of a kubeconfig, or the path of one.
        start_command: What starts the cluster, where something can.

    Raises:
        StrataError: Names the server, what failed, and what to do.
    """
    if is_content(kubeconfig):
        _require(field, kubeconfig, "its kubeconfig", Path(), None, _fix(start_command))
    else:
        require_reachable(field, kubeconfig=kubeconfig, context=None, start_command=start_command)


def is_content(kubeconfig: str) -> bool:
    """Whether it is a kubeconfig, and not the path of one."""
    return "\n" in kubeconfig or kubeconfig.lstrip().startswith("{")


def _require(field: str, text: str, shown: str, folder: Path, context: str | None, fix: str) -> None:
    try:
        _ask(_chosen(_Kubeconfig.model_validate(yaml.safe_load(text)), context), folder)
    except (yaml.YAMLError, ValidationError, LookupError, binascii.Error) as error:
        cause = f"{shown} is not a usable kubeconfig: {str(error).splitlines()[0]}"
        fix = "write it anew, for example with your cloud's command line"
    except (OSError, ValueError) as error:
        cause = f"the API server does not answer: {error}"
    else:
        return
    raise StrataError.of(field, cause=cause, consequence=_CONSEQUENCE, fix=fix)


def _fix(start_command: str | None) -> str:
    return f"start it with `{start_command}`" if start_command else "check the address, the network and the VPN"


def api_server(kubeconfig: str) -> str:
    """Address of the API server of a kubeconfig's current context.

    Args:
        kubeconfig: Its content.

    Raises:
        LookupError: It names a context or a cluster that it does not hold.
        ValueError: It is no kubeconfig.
    """
    return _chosen(_Kubeconfig.model_validate(yaml.safe_load(kubeconfig)), None).server


def _chosen(config: _Kubeconfig, context: str | None) -> _ClusterEntry:
    chosen = context or config.current_context
    by_context = {entry.name: entry.context.cluster for entry in config.contexts}
    if chosen not in by_context:
        raise LookupError(f"it has no context {chosen!r}, only {', '.join(sorted(by_context)) or 'none'}")
    by_name = {entry.name: entry.cluster for entry in config.clusters}
    if by_context[chosen] not in by_name:
        raise LookupError(f"context {chosen!r} names the cluster {by_context[chosen]!r}, which it does not hold")
    return by_name[by_context[chosen]]


def _ask(entry: _ClusterEntry, folder: Path) -> None:
    if not entry.server.startswith("https://"):
        raise ValueError(f"{entry.server} is not an https address")
    trust = ssl.create_default_context()
    if entry.insecure:
        trust.check_hostname, trust.verify_mode = False, ssl.CERT_NONE
    elif entry.authority_data:
        trust = ssl.create_default_context(cadata=base64.b64decode(entry.authority_data, validate=True).decode())
    elif entry.authority_file:
        trust = ssl.create_default_context(cafile=folder / entry.authority_file)
    request = urllib.request.Request(f"{entry.server}/readyz")  # noqa: S310 - the scheme is checked above
    opener = urllib.request.build_opener(urllib.request.HTTPSHandler(context=trust), urllib.request.ProxyHandler())
    try:
        opener.open(request, timeout=_TIMEOUT_SECONDS).close()
    except urllib.error.HTTPError as answer:
        if answer.code >= 500:  # noqa: PLR2004 - the boundary of HTTP's server errors
            raise ConnectionError(f"{entry.server} answers {answer.code}, it is not ready") from None
    except urllib.error.URLError as error:
        raise ConnectionError(f"{entry.server}: {error.reason}") from None
