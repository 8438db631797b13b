"""Applies ``customize`` to containers; pod templates and metadata take theirs in ``pods`` and ``identity``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from pulumi_kubernetes import core

from ..contracts.customize import Amounts, PodCustomize, ProbeTimes, Sidecar
from ..contracts.quantities import CpuAmount
from .resources import Resources
from .security import container_security

NO_DEVICES: Mapping[str, str] = {"NVIDIA_VISIBLE_DEVICES": "void"}
"""For containers with a user's image: those made from CUDA's ask for every GPU of the node, and "void" asks for none
(NVIDIA Container Toolkit)."""


def environment(own: Mapping[str, str], customize: PodCustomize) -> list[core.v1.EnvVarArgs]:
    """The component's own variables, then the user's, each by name."""
    plain = [
        core.v1.EnvVarArgs(name=name, value=value)
        for name, value in (*own.items(), *sorted(customize.environment.items()))
    ]
    secret = [
        core.v1.EnvVarArgs(
            name=name,
            value_from=core.v1.EnvVarSourceArgs(
                secret_key_ref=core.v1.SecretKeySelectorArgs(name=source.secret, key=source.key)
            ),
        )
        for name, source in sorted(customize.secret_environment.items())
    ]
    return [*plain, *secret]


def resources(computed: Resources, amounts: Amounts) -> Resources:
    """The computed resources, with the user's amounts in their place."""
    return replace(
        computed,
        cpu=computed.cpu if amounts.cpu is None else amounts.cpu,
        memory=computed.memory if amounts.memory is None else amounts.memory,
        ephemeral_storage=computed.ephemeral_storage
        if amounts.ephemeral_storage is None
        else amounts.ephemeral_storage,
    )


def probe(computed: core.v1.ProbeArgs, times: ProbeTimes) -> core.v1.ProbeArgs:
    """The probe with the user's times."""
    if times.period is not None:
        computed.period_seconds = times.period.whole_seconds
    if times.timeout is not None:
        computed.timeout_seconds = times.timeout.whole_seconds
    if times.failures is not None:
        computed.failure_threshold = times.failures
    return computed


def sidecar(container: Sidecar) -> core.v1.ContainerArgs:
    """The container, under the same restrictions as the server."""
    amounts = Resources(
        cpu=CpuAmount(container.cpu), memory=container.memory, ephemeral_storage=container.ephemeral_storage
    )
    return core.v1.ContainerArgs(
        name=container.name,
        image=container.image,
        image_pull_policy="IfNotPresent",
        command=list(container.command) or None,
        env=[
            core.v1.EnvVarArgs(name=name, value=value)
            for name, value in sorted({**container.environment, **NO_DEVICES}.items())
        ],
        resources=amounts.args(),
        security_context=container_security(),
    )
