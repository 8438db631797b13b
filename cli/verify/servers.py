"""Asking model servers over HTTP, through a port of this machine that kubectl forwards to their Service.

Forwarding goes by way of kubelet, so that no policy of the network and no load balancer stands between.
"""

from __future__ import annotations

import re
import subprocess
import threading
import urllib.error
import urllib.request
from collections.abc import Generator
from contextlib import contextmanager

from cli.stack import PROJECT_FOLDER, LoadedStack
from stacks.layers.promises import AnsweringServer

from .answers import ServerAnswer

_SECONDS = 20.0
_FORWARDED = re.compile(r"Forwarding from 127\.0\.0\.1:(\d+)")


def ask_servers(stack: LoadedStack) -> list[ServerAnswer]:
    """What every promised server of a stack says."""
    return [_ask(stack, promise) for promise in stack.checked.promises if isinstance(promise, AnsweringServer)]


def _ask(stack: LoadedStack, promise: AnsweringServer) -> ServerAnswer:
    answer = ServerAnswer(namespace=promise.namespace, service=promise.service)
    with _forwarded(stack, promise) as (port, said):
        if port is None:
            return answer.model_copy(update={"text": f"no port could be forwarded: {said}"})
        code, text = _get(f"http://127.0.0.1:{port}{promise.path}")
    return answer.model_copy(update={"code": code, "text": text})


def _get(address: str) -> tuple[int | None, str]:
    try:
        with urllib.request.urlopen(address, timeout=_SECONDS) as answer:  # noqa: S310 - an address of this machine
            return answer.status, f"status {answer.status}"
    except urllib.error.HTTPError as error:
        return error.code, f"status {error.code}"
    except (OSError, TimeoutError) as error:
        return None, f"no answer: {error}"


@contextmanager
def _forwarded(stack: LoadedStack, promise: AnsweringServer) -> Generator[tuple[int | None, str]]:
    """A port of this machine, or None and what kubectl said; ends kubectl on the way out."""
    command = [
        *("kubectl", f"--kubeconfig={stack.kubeconfig}", "port-forward", "--address=127.0.0.1"),
        *(f"--namespace={promise.namespace}", f"service/{promise.service}", f":{promise.port}"),
    ]
    with subprocess.Popen(
        command, cwd=PROJECT_FOLDER, env=stack.variables, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as kubectl:
        late = threading.Timer(_SECONDS, kubectl.kill)
        late.start()
        try:
            line = kubectl.stdout.readline() if kubectl.stdout else ""
            late.cancel()
            found = _FORWARDED.search(line)
            yield (int(found[1]) if found else None), line.strip() or "kubectl said nothing"
        finally:
            late.cancel()
            kubectl.terminate()
