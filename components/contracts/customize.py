"""What a user may add to the objects of a component where Strata has no setting for it.

Owns the types. They have no field for a security context, a token mount, a host path or network, a selector
or a volume, so none of these can be written. What can be written and is refused nevertheless, such as a
label that policies read, is listed in ``workloads.customize_rules``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Annotated

from pydantic import AfterValidator, Field

from .forms import Form
from .model import Contract
from .names import ExistingName, LabelKey, LabelValue, ObjectName
from .pools import TaintEffect
from .quantities import ByteSize, CpuAmount, Duration, whole_seconds_between
from .sequences import Items
from .shown_text import excerpt

_REFERENCE = re.compile(r"[a-z0-9][a-z0-9._:-]*(/[a-z0-9][a-z0-9._-]*)+(:[\w][\w.-]{0,127})?(@sha256:[0-9a-f]{64})?")

# What YAML calls printable, and nothing else.
_NOT_IN_YAML = re.compile(
    "[^\\t\\n\\r\\x20-\\x7e\\x85\\xa0-\\ud7ff\\ue000-\\ufefe\\uff00-\\ufffd\\U00010000-\\U0010ffff]"
)


def _pinned_image(value: str) -> str:
    first, _, rest = value.partition("/")
    names_registry = bool(rest) and ("." in first or ":" in first or first == "localhost")
    full = f"docker.io/{value}" if rest else f"docker.io/library/{value}"
    if not names_registry and ":" in value and _REFERENCE.fullmatch(full):
        raise ValueError(f"{value!r} names no registry, and not every container runtime adds one; write {full}")
    if len(value) > _MAX_IMAGE or not _REFERENCE.fullmatch(value):
        raise ValueError(f"{excerpt(value)!r} is not an image; write it like registry.example.com/team/server:1.4.2")
    tag = value.partition("@")[0].rpartition("/")[2].partition(":")[2]
    if "@" not in value and tag in {"", "latest"}:
        raise ValueError(f"{excerpt(value)!r} can change without notice; name a version or a digest")
    return value


def _readable(value: str) -> str:
    """The API server reads what is applied as YAML and refuses the object (go.yaml.in/yaml, readerc.go)."""
    found = _NOT_IN_YAML.search(value)
    if found:
        raise ValueError(f"{excerpt(value)!r} holds the control character U+{ord(found[0]):04X}; leave it out")
    return value


def _named_program(command: Sequence[str]) -> Sequence[str]:
    if command and not command[0]:
        raise ValueError("the program has no name; write it as the first text")
    return command


def _some_cpu(value: CpuAmount) -> CpuAmount:
    if value <= 0:
        raise ValueError(f"{value} is not enough: as a limit, 0 means no limit; write at least 1m")
    return value


def _some_bytes(value: ByteSize) -> ByteSize:
    if value < _LEAST_BYTES:
        raise ValueError(f"{value} is too little for any process; write at least {_LEAST_BYTES}")
    return value


_LEAST_BYTES = ByteSize(2**20)
_MAX_IMAGE = 500
ImageReference = Annotated[str, AfterValidator(_pinned_image)]
"""An image with its registry, at a version or a digest."""
SomeCpu = Annotated[CpuAmount, AfterValidator(_some_cpu)]
"""CPU above zero, as a limit of zero means no limit."""
SomeBytes = Annotated[ByteSize, AfterValidator(_some_bytes)]
"""At least 1Mi, as a limit of zero means no limit."""
ProbeTime = Annotated[Duration, whole_seconds_between("1s", "1h")]
"""1s to 1h; Kubernetes takes whole seconds."""
VariableName = Annotated[str, Form(r"[A-Za-z_][A-Za-z0-9_]{0,127}", "LOG_LEVEL")]
Text = Annotated[str, Field(max_length=4096), AfterValidator(_readable)]
Argument = Annotated[str, Field(min_length=1, max_length=4096), AfterValidator(_readable)]
SecretObject = Annotated[str, Form(r"[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?", "registry")]
"""Name of a Secret in the namespace."""


class SecretKey(Contract):
    """One value of a Secret that exists in the namespace."""

    secret: SecretObject
    """Name of the Secret."""
    key: Annotated[str, Form(r"[-._a-zA-Z0-9]{1,253}", "token")]
    """Key in it."""


class Toleration(Contract):
    """A taint that pods tolerate beside those of their pool."""

    key: LabelKey
    """Key of the taint."""
    value: LabelValue | None = None
    """Value of the taint; any where left out."""
    effect: TaintEffect | None = None
    """Effect of the taint; any where left out."""


class Amounts(Contract):
    """Requests and limits of a container, in place of the computed ones."""

    cpu: SomeCpu | None = None
    """CPU, as request and limit."""
    memory: SomeBytes | None = None
    """Memory, as request and limit."""
    ephemeral_storage: SomeBytes | None = None
    """Disk of the node, as request and limit."""


class ProbeTimes(Contract):
    """Times of a probe in place of the computed ones; its address stays."""

    period: ProbeTime | None = None
    """Time between two probes, 1s to 1h in whole seconds."""
    timeout: ProbeTime | None = None
    """Timeout of one probe, 1s to 1h in whole seconds."""
    failures: Annotated[int, Field(ge=1, le=10_000)] | None = None
    """Failures in a row after which the container counts as failed."""


class Probes(Contract):
    """Times of the three probes."""

    startup: ProbeTimes = ProbeTimes()
    readiness: ProbeTimes = ProbeTimes()
    liveness: ProbeTimes = ProbeTimes()


class Sidecar(Contract):
    """A container beside the server, under the same restricted security context and without volumes."""

    name: ObjectName
    """Name of the container."""
    image: ImageReference
    """Image at a version or a digest."""
    command: Annotated[Items[Text], AfterValidator(_named_program)] = ()
    """Program and arguments; those of the image where left out."""
    environment: dict[VariableName, Text] = {}
    """Variables in plain text."""
    cpu: SomeCpu
    """CPU, as request and limit."""
    memory: SomeBytes
    """Memory, as request and limit."""
    ephemeral_storage: SomeBytes = ByteSize.gib(1)
    """Disk of the node, as request and limit."""


class ObjectCustomize(Contract):
    """Additions to every object of a component."""

    labels: dict[LabelKey, LabelValue] = {}
    """Further labels, of pods too; selectors stay as they are."""
    annotations: dict[LabelKey, Text] = {}
    """Further annotations, of pods too."""


class PodCustomize(ObjectCustomize):
    """Additions to a component with pods."""

    image: ImageReference | None = None
    """Image in place of Strata's; it has to understand the same command line."""
    pull_secrets: Annotated[Items[SecretObject], Field(max_length=10)] = ()
    """Secrets of the namespace with which images are pulled."""
    environment: dict[VariableName, Text] = {}
    """Further variables, in plain text."""
    secret_environment: dict[VariableName, SecretKey] = {}
    """Further variables whose values are in Secrets of the namespace."""
    resources: Amounts = Amounts()
    """CPU, memory and disk; the plan decides the devices."""
    node_selector: dict[LabelKey, LabelValue] = {}
    """Further labels that nodes need to have, within the pool of the plan."""
    tolerations: Annotated[Items[Toleration], Field(max_length=50)] = ()
    """Further taints that pods tolerate."""
    runtime_class: ExistingName | None = None
    """RuntimeClass of the pods; it has to exist."""


class ServerCustomize(PodCustomize):
    """Additions to model servers."""

    engine_arguments: Annotated[Items[Argument], Field(max_length=100)] = ()
    """Further arguments of the engine, each one text such as ``--enable-prefix-caching`` or ``--seed=1``."""
    probes: Probes = Probes()
    """Times of the probes."""
    sidecars: Annotated[Items[Sidecar], Field(max_length=10)] = ()
    """Further containers of each pod."""
