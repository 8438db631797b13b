"""The objects of Helm charts in a recorded stack.

A chart is one resource for the program; its objects are made by the Kubernetes provider. Here the same provider is
started without an engine and asked for them, so that rendered files and policies see what a run would make.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import grpc
from google.protobuf import json_format, struct_pb2
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc
from pydantic import BaseModel, ConfigDict, JsonValue, ValidationError
from pydantic.alias_generators import to_camel

from components.contracts.errors import StrataError
from components.contracts.versions import KUBERNETES_EMBEDDED
from components.workloads.definitions_first import after, has_pods, is_definition

from .recording import Registered
from .yaml_file import Value

CHART_TOKEN = "kubernetes:helm.sh/v4:Chart"  # noqa: S105 - a type token
_PLUGIN = "pulumi-resource-kubernetes"
_ASK_SECONDS = 120.0
_HOOK = "helm.sh/hook"
_MOST_BYTES = 1 << 28


class _Model(BaseModel):
    model_config = ConfigDict(extra="ignore", alias_generator=to_camel, validate_by_name=True)


class _Repository(_Model):
    repo: str


class _Chart(_Model):
    """What a chart's resource is given."""

    chart: str
    name: str
    namespace: str
    values: dict[str, JsonValue]
    version: str | None = None
    skip_crds: bool = False
    repository_opts: _Repository | None = None

    def question(self, kubernetes: str) -> str:
        """The same for the provider's function that templates charts (provider/pkg/provider/invoke_helm_template.go).

        Charts ask for the version of Kubernetes; without a cluster the provider would say 1.20.
        """
        is_folder = self.repository_opts is None and "://" not in self.chart
        return json.dumps(
            {
                **({"path": self.chart} if is_folder else {"chart": self.chart, "version": self.version}),
                **({"fetch_opts": {"repo": self.repository_opts.repo}} if self.repository_opts else {}),
                "release_name": self.name,
                "namespace": self.namespace,
                "values": self.values,
                "kube_version": kubernetes,
                "include_test_hook_resources": False,
                "skip_crd_rendering": self.skip_crds,
            }
        )


class _Metadata(_Model):
    name: str
    namespace: str | None = None
    annotations: dict[str, JsonValue] | None = None


class _Object(_Model):
    """What names an object."""

    api_version: str
    kind: str
    metadata: _Metadata


class _Answer(_Model):
    result: list[dict[str, JsonValue]]


def with_chart_objects(resources: Sequence[Registered], kubernetes: str = KUBERNETES_EMBEDDED) -> list[Registered]:
    """The resources, with the objects of each chart in the place of the chart.

    Args:
        resources: What a stack registers.
        kubernetes: Version of its cluster, such as ``1.34``.

    Raises:
        StrataError: The provider is not installed, or a chart cannot be had or refuses its values.
    """
    if all(resource.token != CHART_TOKEN for resource in resources):
        return list(resources)
    with _provider(kubernetes) as provider:
        return [made for resource in resources for made in _expanded(resource, provider)]


@dataclass(frozen=True)
class _Provider:
    kubernetes: str
    invoke: Callable[[provider_pb2.InvokeRequest], provider_pb2.InvokeResponse]

    def objects(self, name: str, chart: _Chart) -> Sequence[dict[str, JsonValue]]:
        arguments = struct_pb2.Struct()
        arguments.update({"jsonOpts": chart.question(self.kubernetes)})
        request = provider_pb2.InvokeRequest(tok="kubernetes:helm:template", args=arguments)
        try:
            answer = self.invoke(request)
            given: Mapping[str, Value] = json_format.MessageToDict(getattr(answer, "return"))
            return _Answer.model_validate(given).result
        except (grpc.RpcError, ValidationError) as error:
            said = error.details() if isinstance(error, grpc.Call) else str(error)
            raise StrataError.of(
                name,
                cause=f"chart {chart.chart} gives no objects: {str(said)[:500]}",
                consequence="what it deploys could not be shown",
                fix="make the chart reachable, or name a mirror under sources.charts",
            ) from None


def _expanded(resource: Registered, provider: _Provider) -> Iterator[Registered]:
    if resource.token != CHART_TOKEN:
        yield resource
        return
    chart = _Chart.model_validate(dict(resource.inputs))
    objects = [(found, _Object.model_validate(found)) for found in provider.objects(resource.name, chart)]
    definitions = [made.metadata.name for _, made in objects if is_definition(made.kind)]
    for found, made in objects:
        # A run makes none of its hooks (pulumi-kubernetes, provider/pkg/provider/helm/v4/chart.go: DisableHooks).
        if _HOOK in (made.metadata.annotations or {}):
            continue
        place = "/".join(part for part in (made.metadata.namespace, made.metadata.name) if part)
        group = made.api_version if "/" in made.api_version else f"core/{made.api_version}"
        token = f"kubernetes:{group}:{made.kind}"
        body = _as_rendered(found, definitions) if definitions and has_pods(made.kind) else found
        yield Registered(token, f"{resource.name}:{place}", _whole(body), resource.provider, chart=chart.name)


def _as_rendered(body: dict[str, JsonValue], definitions: Sequence[str]) -> dict[str, JsonValue]:
    """The object as the chart's post-renderer leaves it, which the provider's function does not run."""
    metadata = body["metadata"]
    return {**body, "metadata": after(metadata if isinstance(metadata, dict) else {}, definitions)}


def _whole(value: dict[str, JsonValue]) -> dict[str, Value]:
    """The object with whole numbers as such: the provider's answer has floats only."""
    plain: dict[str, Value] = json.loads(
        json.dumps(value), parse_float=lambda text: int(float(text)) if float(text).is_integer() else float(text)
    )
    return plain


@contextmanager
def _provider(kubernetes: str) -> Generator[_Provider]:
    """The Kubernetes provider, started for as long as it is asked."""
    release = version("pulumi-kubernetes")
    home = Path(os.environ.get("PULUMI_HOME") or Path.home() / ".pulumi")
    program = home / "plugins" / f"resource-kubernetes-v{release}" / _PLUGIN
    if not program.exists():
        raise StrataError.of(
            str(program),
            cause=f"the Kubernetes provider {release} is not installed there",
            consequence="the objects of Helm charts could not be shown",
            fix=". .strata/env, or: pulumi plugin install resource kubernetes " + release,
        )
    # The address is that of an engine, which this use never calls.
    process = subprocess.Popen([program, "127.0.0.1:1"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        port = int(process.stdout.readline()) if process.stdout else 0
        options = [("grpc.max_receive_message_length", _MOST_BYTES)]
        with grpc.insecure_channel(f"127.0.0.1:{port}", options=options) as channel:
            stub = provider_pb2_grpc.ResourceProviderStub(channel)
            unreached: dict[str, str] = {"kubernetes:config:renderYamlToDirectory": os.devnull}
            asked = provider_pb2.ConfigureRequest(variables=unreached, acceptSecrets=True)
            stub.Configure(asked, timeout=_ASK_SECONDS)  # pyright: ignore[reportUnknownMemberType] - generated

            def invoke(request: provider_pb2.InvokeRequest) -> provider_pb2.InvokeResponse:
                return stub.Invoke(request, timeout=_ASK_SECONDS)  # pyright: ignore - likewise

            yield _Provider(kubernetes, invoke)
    finally:
        process.terminate()
        process.wait()
