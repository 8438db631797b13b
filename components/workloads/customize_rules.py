"""What ``customize`` could write but must not: the closed list of what Strata decides.

Labels and annotations that policies, selectors or runtimes read, placement that a plan decided, secrets in plain
text, the sockets of container runtimes. Free of Pulumi, so that checks can call it before anything runs.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping

from ..contracts.customize import ObjectCustomize, PodCustomize, ServerCustomize, Sidecar
from ..contracts.errors import Problem

OWNED_LABELS = ("strata.dev", "kubernetes.io", "k8s.io")
"""Domains of labels, with their subdomains, by which policies, selectors, quotas and schedulers decide."""
OWNED_ANNOTATIONS: Mapping[str, str] = {
    "strata.dev": "Strata writes and reads it",
    "pulumi.com": "it changes how the engine treats the object",
    "apparmor.security.beta.kubernetes.io": "it is part of the security context",
    "seccomp.security.alpha.kubernetes.io": "it is part of the security context",
    "pod-security.kubernetes.io": "it is part of the security context",
    "kubectl.kubernetes.io": "tools write it",
    "k8s.v1.cni.cncf.io": "the pod would get networks on which network policies do not hold",
}
"""Domains of annotations, with their subdomains, and why users must not write them."""
RUNTIME_SOCKETS = ("docker.sock", "containerd.sock", "crio.sock", "cri-dockerd.sock", "podman.sock")
_SECRET_NAME = re.compile(
    r"(^|_)(TOKEN|SECRET|PASSWORD|PASSWD|PASSPHRASE|API_?KEY|ACCESS_?KEY|PRIVATE_?KEY|CREDENTIALS?)(_|$)", re.IGNORECASE
)
# Prefixes that issuers publish so that scanners find leaked keys: Hugging Face, OpenAI, AWS, GitHub, GitLab,
# Slack, NVIDIA; then PEM and JWT headers, and passwords in addresses.
_SECRET_VALUE = re.compile(
    r"\b(hf_[A-Za-z0-9]{16,}|sk-[\w-]{16,}|(AKIA|ASIA)[A-Z0-9]{16}|gh[pousr]_[A-Za-z0-9]{16,}|glpat-[\w-]{16,}"
    r"|xox[abprs]-[\w-]{10,}|nvapi-[\w-]{16,})|-----BEGIN [A-Z ]*PRIVATE KEY|\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\."
    r"|://[^/\s:@]+:[^/\s:@]+@"
)
_KEEP = "leave it out; Strata decides it"


def object_problems(customize: ObjectCustomize, path: str) -> Iterator[Problem]:
    """Labels and annotations that only Strata may set.

    Args:
        customize: What the user adds.
        path: Where it stands, such as ``models[0].customize``.
    """
    for key in customize.labels:
        if _in_domain(key, OWNED_LABELS):
            yield Problem(
                field=f"{path}.labels.{key}",
                cause="selectors, policies or schedulers decide by this label",
                consequence="pods could get traffic or rights that are not meant for them, or lose their own",
                fix="use a label under a domain of your own, such as example.com/team",
            )
    for key, value in customize.annotations.items():
        for domain, reason in OWNED_ANNOTATIONS.items():
            if _in_domain(key, (domain,)):
                yield _owned(f"{path}.annotations.{key}", reason)
        yield from _secret_values(f"{path}.annotations.{key}", value)


def pod_problems(
    customize: PodCustomize, path: str, *, owned_variables: Collection[str], taken_names: Collection[str] = ()
) -> Iterator[Problem]:
    """Everything in it that only Strata may set.

    Args:
        customize: What the user adds.
        path: Where it stands, such as ``models[0].customize``.
        owned_variables: Variables that the component or its engine sets, or that must not be set.
        taken_names: Names of the containers that the pod has anyway.
    """
    yield from object_problems(customize, path)
    for name in (*customize.environment, *customize.secret_environment):
        part = "environment" if name in customize.environment else "secret_environment"
        if name in owned_variables:
            yield _owned(f"{path}.{part}.{name}", "the component sets this variable, or depends on its absence")
    for name in customize.environment.keys() & customize.secret_environment.keys():
        yield _owned(f"{path}.secret_environment.{name}", "the variable is in environment too")
    yield from _environment_problems(customize.environment, f"{path}.environment")
    for key in customize.node_selector:
        if _in_domain(key, ("strata.dev",)):
            yield _owned(f"{path}.node_selector.{key}", "the plan chose the pool for its GPUs and memory")
    if isinstance(customize, ServerCustomize):
        yield from _sidecar_problems(customize, path, taken_names)


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
        yield from _environment_problems(sidecar.environment, f"{field}.environment")
        yield from _command_problems(sidecar, field)


def _command_problems(sidecar: Sidecar, field: str) -> Iterator[Problem]:
    for position, argument in enumerate(sidecar.command):
        yield from text_problems(f"{field}.command[{position}]", argument)


def _environment_problems(environment: Mapping[str, str], path: str) -> Iterator[Problem]:
    for name, value in environment.items():
        if _SECRET_NAME.search(name) and value:
            yield _plain_secret(f"{path}.{name}", "the name says that the value is a secret")
        else:
            yield from text_problems(f"{path}.{name}", value)


def text_problems(field: str, value: str) -> Iterator[Problem]:
    """A text that holds a secret, or the socket of a container runtime."""
    yield from _secret_values(field, value)
    for socket in RUNTIME_SOCKETS:
        if socket in value:
            yield Problem(
                field=field,
                cause=f"names {socket}, the socket of a container runtime",
                consequence="a process that reaches that socket controls the node and every pod on it",
                fix="use what the Kubernetes API offers, with a service account of its own",
            )


def _secret_values(field: str, value: str) -> Iterator[Problem]:
    if _SECRET_VALUE.search(value):
        yield _plain_secret(field, "the value looks like a secret")


def _plain_secret(field: str, cause: str) -> Problem:
    return Problem(
        field=field,
        cause=cause,
        consequence="everybody who can read the file, the state or the pod could read it",
        fix="put it into a Secret of the namespace and name it under secret_environment: {secret: …, key: …}",
    )


def _owned(field: str, cause: str) -> Problem:
    return Problem(field=field, cause=cause, consequence="the two settings would overwrite each other", fix=_KEEP)


def _in_domain(key: str, domains: Collection[str]) -> bool:
    prefix = key.rpartition("/")[0]
    return any(prefix == domain or prefix.endswith(f".{domain}") for domain in domains)
