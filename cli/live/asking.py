"""The first question to a model on live nodes: an answer that streams, through the model's Service."""

from __future__ import annotations

import http.client
import json
import subprocess
import time
from dataclasses import dataclass

from cli.stack import PROJECT_FOLDER, LoadedStack
from components.contracts.errors import StrataError

_WAIT_SECONDS = 60.0
_QUESTION = "What is the capital of France?"


@dataclass(frozen=True)
class Asked:
    """What came of it.

    Attributes:
        command: The same question for a shell.
        answer: What the model said.
        seconds: How long the answer took.
    """

    command: str
    answer: str
    seconds: float


def ask(stack: LoadedStack, namespace: str, service: str) -> Asked:
    """Ask the model behind a Service, again until it answers.

    Raises:
        StrataError: it does not answer in time.
    """
    address, port = _address(stack, namespace, service)
    # The likeliest words: a small real model would otherwise say anything.
    question = {"messages": [{"role": "user", "content": _QUESTION}], "temperature": 0}
    body = json.dumps({"model": service, "stream": True, "max_tokens": 32, **question})
    deadline = time.monotonic() + _WAIT_SECONDS
    while True:
        begin = time.monotonic()
        try:
            answer = _answer(address, port, body)
        except (OSError, http.client.HTTPException, ValueError) as error:
            if time.monotonic() > deadline:
                raise StrataError.of(
                    f"model {service}",
                    cause=f"does not answer at {address}:{port}: {error}",
                    consequence="its pods run, and nobody is served",
                    fix=f"kubectl --kubeconfig={stack.kubeconfig} -n {namespace} get pods,endpointslices",
                ) from error
            time.sleep(0.2)
        else:
            command = (
                f"curl -N http://{address}:{port}/v1/chat/completions -H 'Content-Type: application/json' -d '{body}'"
            )
            return Asked(command, answer, time.monotonic() - begin)


def _answer(address: str, port: int, body: str) -> str:
    """The streamed text.

    Raises:
        ValueError: the stream is no whole answer.
    """
    connection = http.client.HTTPConnection(address, port, timeout=10)
    try:
        connection.request("POST", "/v1/chat/completions", body, {"Content-Type": "application/json"})
        response = connection.getresponse()
        text = response.read().decode()
    finally:
        connection.close()
    if response.status != http.client.OK:
        raise ValueError(f"{response.status}: {text[:200]}")
    frames = [line.removeprefix("data: ") for line in text.splitlines() if line.startswith("data: ")]
    if not frames or frames[-1] != "[DONE]":
        raise ValueError("the stream ended early")
    parts = [json.loads(frame)["choices"] for frame in frames[:-1]]
    return "".join(choices[0]["delta"].get("content") or "" for choices in parts if choices)


def _address(stack: LoadedStack, namespace: str, service: str) -> tuple[str, int]:
    path = "jsonpath={.spec.clusterIP} {.spec.ports[0].port}"
    argv = ["kubectl", f"--kubeconfig={stack.kubeconfig}", "-n", namespace, "get", "service", service, "-o", path]
    done = subprocess.run(argv, cwd=PROJECT_FOLDER, capture_output=True, text=True, check=False)
    if done.returncode:
        raise StrataError.of(
            f"service {service}",
            cause=done.stderr.strip(),
            consequence="the model cannot be reached",
            fix=f"make up STACK={stack.name}",
        )
    address, port = done.stdout.split()
    return address, int(port)
