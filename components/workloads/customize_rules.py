"""What ``customize`` could write but must not: the closed list of what Strata decides.

Labels and annotations that policies, selectors or runtimes read, placement that a plan decided, secrets in plain
text, the sockets of container runtimes. Free of Pulumi, so that checks can call it before anything runs.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from ..contracts.customize import ObjectCustomize, PodCustomize, ServerCustomize
from ..contracts.errors import Problem
from ..contracts.shown_text import looks_secret
from .plain_secrets import command_problems, holds_password, is_plain_secret, plain_secret_problem
from .reserved_keys import ALLOWED_KEYS, reserved_reason
from .reserved_variables import device_reason, variable_reason

RUNTIME_SOCKETS = ("docker.sock", "containerd.sock", "crio.sock", "cri-dockerd.sock", "podman.sock")
_KEEP = "leave it out; Strata decides it"
_OWN_KEY = "use a key under a domain of your own, such as example.com/team"
_PLACES = frozenset({"topology.kubernetes.io/zone", "topology.kubernetes.io/region"})
"""Labels of nodes that narrow the pool of a plan and cannot contradict it."""
_MAX_ANNOTATIONS = 200 * 1024
"""Bytes; the API server takes 256 KiB, of which controllers need a part."""
_LOOKS = "the value looks like a secret"
_NAMED = "the name says that the value is a secret"


def object_problems(customize: ObjectCustomize, path: str) -> Iterator[Problem]:
    """Labels and annotations that only Strata may set.

    Args:
        customize: What the user adds.
        path: Path of that setting, such as ``models[0].customize``.
    """
    yield from label_problems(customize.labels, f"{path}.labels")
    for key, value in customize.annotations.items():
        if key not in ALLOWED_KEYS and (reason := reserved_reason(key)):
            yield _reserved(f"{path}.annotations.{key}", reason)
        else:
            yield from _secret_metadata(f"{path}.annotations.{key}", key, value)
    size = sum(len(key) + len(value.encode()) for key, value in customize.annotations.items())
    if size > _MAX_ANNOTATIONS:
        yield Problem(
            field=f"{path}.annotations",
            cause=f"they have {size // 1024} KiB together",
            consequence="the API server takes no object with more than 256 KiB of annotations",
            fix=f"keep them below {_MAX_ANNOTATIONS // 1024} KiB",
        )


def label_problems(labels: Mapping[str, str], path: str) -> Iterator[Problem]:
    """Labels that only Strata may set, and secrets in their values.

    Args:
        labels: Values by key.
        path: Path of that setting, such as ``models[0].customize.labels``.
    """
    for key, value in labels.items():
        if reason := reserved_reason(key):
            yield _reserved(f"{path}.{key}", reason)
        else:
            yield from _secret_metadata(f"{path}.{key}", key, value)


def _secret_metadata(field: str, key: str, value: str) -> Iterator[Problem]:
    if looks_secret(value) or (value and holds_password(key)):
        yield plain_secret_problem(field, _LOOKS if looks_secret(value) else _NAMED, is_variable=False)


def pod_problems(
    customize: PodCustomize, path: str, *, owned_variables: Collection[str], taken_names: Collection[str] = ()
) -> Iterator[Problem]:
    """Everything in it that only Strata may set.

    Args:
        customize: What the user adds.
        path: Path of that setting, such as ``models[0].customize``.
        owned_variables: Variables that the component or its engine sets, or that must not be set.
        taken_names: Names of the containers that the pod has anyway.
    """
    yield from object_problems(customize, path)
    for name, value in customize.environment.items():
        field = f"{path}.environment.{name}"
        refused = _variable_problem(name, field, owned_variables)
        yield from [refused] if refused else _value_problems(name, value, field)
    for name in customize.secret_environment:
        refused = _variable_problem(name, f"{path}.secret_environment.{name}", owned_variables)
        yield from [refused] if refused else ()
    for name in customize.environment.keys() & customize.secret_environment.keys():
        yield _owned(f"{path}.secret_environment.{name}", "the variable is in environment too")
    yield from _placement_problems(customize, path)
    for index, name in enumerate(customize.pull_secrets):
        if name in customize.pull_secrets[:index]:
            yield Problem(
                field=f"{path}.pull_secrets[{index}]",
                cause=f"{name!r} is named twice",
                consequence="the API server refuses to apply a pod that lists a name twice",
                fix="leave the second one out",
            )
    if isinstance(customize, ServerCustomize):
        yield from _sidecar_problems(customize, path, taken_names)


def _variable_problem(name: str, field: str, owned: Collection[str]) -> Problem | None:
    if reason := variable_reason(name):
        return _variable(field, reason)
    if name in owned:
        return _owned(field, "the component sets this variable, or depends on its absence")
    return None


def _placement_problems(customize: PodCustomize, path: str) -> Iterator[Problem]:
    for key, value in customize.node_selector.items():
        if looks_secret(value):
            yield plain_secret_problem(f"{path}.node_selector.{key}", _LOOKS, is_variable=False)
        if key not in _PLACES and reserved_reason(key):
            yield Problem(
                field=f"{path}.node_selector.{key}",
                cause="the plan chose the pool, and with it the machine and its GPUs",
                consequence="no node of the pool may have that label, and the pods would stay pending",
                fix="choose the pool with the component's own setting, or use a label of your own nodes",
            )
    for index, toleration in enumerate(customize.tolerations):
        if reserved_reason(toleration.key):
            yield Problem(
                field=f"{path}.tolerations[{index}].key",
                cause=f"{toleration.key} is a taint of Kubernetes, a cloud or Strata",
                consequence="pods would start on nodes that are not ready, or not meant for them",
                fix="leave it out; pods tolerate the taints of their pool anyway",
            )


def _sidecar_problems(customize: ServerCustomize, path: str, taken_names: Collection[str]) -> Iterator[Problem]:
    seen = set(taken_names)
    for index, sidecar in enumerate(customize.sidecars):
        field = f"{path}.sidecars[{index}]"
        if sidecar.name in seen:
            yield Problem(
                field=f"{field}.name",
                cause=f"another container of the pod is called {sidecar.name!r}",
                consequence="the API server would refuse the pod",
                fix="choose another name",
            )
        seen.add(sidecar.name)
        for name, value in sidecar.environment.items():
            if reason := device_reason(name):
                yield _variable(f"{field}.environment.{name}", reason)
            yield from _value_problems(name, value, f"{field}.environment.{name}")
        yield from command_problems(sidecar.command, f"{field}.command")
        for position, argument in enumerate(sidecar.command):
            yield from _socket_problems(f"{field}.command[{position}]", argument)


def _value_problems(name: str, value: str, field: str) -> Iterator[Problem]:
    if is_plain_secret(name, value):
        yield plain_secret_problem(field, _LOOKS if looks_secret(value) else _NAMED)
    else:
        yield from _socket_problems(field, value)


def text_problems(field: str, value: str) -> Iterator[Problem]:
    """A text that holds a secret, or the socket of a container runtime."""
    if looks_secret(value):
        yield plain_secret_problem(field, _LOOKS)
    yield from _socket_problems(field, value)


def _socket_problems(field: str, value: str) -> Iterator[Problem]:
    for socket in RUNTIME_SOCKETS:
        if socket in value:
            yield Problem(
                field=field,
                cause=f"names {socket}, the socket of a container runtime",
                consequence="a process that reaches that socket controls the node and every pod on it",
                fix="use what the Kubernetes API offers, with a service account of its own",
            )


def _variable(field: str, reason: str) -> Problem:
    return Problem(
        field=field,
        cause=reason,
        consequence="the container could use devices of other pods, run other code, or fail to start",
        fix=_KEEP,
    )


def _owned(field: str, cause: str) -> Problem:
    return Problem(field=field, cause=cause, consequence="the two settings would overwrite each other", fix=_KEEP)


def _reserved(field: str, reason: str) -> Problem:
    return Problem(
        field=field,
        cause=reason,
        consequence="pods could get traffic, rights, networks or containers that are not meant for them",
        fix=_OWN_KEY,
    )
