"""What stands in for the controller of NVIDIA's DRA driver: it keeps ComputeDomains while its pod works.

For each it makes the template of its channel's claims, and it holds a finalizer: a ComputeDomain that is deleted while
no controller runs stays. IMEX daemons and their DaemonSet are not simulated. Source:
github.com/kubernetes-sigs/dra-driver-nvidia-gpu v0.5.0, cmd/compute-domain-controller/computedomain.go and
templates/compute-domain-workload-claim-template.tmpl.yaml.
"""

from __future__ import annotations

from pydantic import Field

from ..api import Answer, Api, Json
from .slices import DOMAIN_DRIVER

_GROUP = "resource.nvidia.com/v1beta1"
_DOMAINS = f"/apis/{_GROUP}/computedomains"
_KEEPER = "resource.nvidia.com/computeDomain"
"""Finalizer of a domain and of its template, and label of the template."""


class _Metadata(Answer):
    name: str
    namespace: str
    uid: str
    finalizers: list[str] = []
    deleted: str = Field(default="", alias="deletionTimestamp")


class _Template(Answer):
    name: str


class _Channel(Answer):
    template: _Template = Field(alias="resourceClaimTemplate")
    mode: str = Field(default="Single", alias="allocationMode")


class _Spec(Answer):
    channel: _Channel


class _Status(Answer):
    status: str = ""


class _Domain(Answer):
    metadata: _Metadata
    spec: _Spec
    status: _Status = _Status()

    @property
    def path(self) -> str:
        """Path of the domain."""
        return f"/apis/{_GROUP}/namespaces/{self.metadata.namespace}/computedomains/{self.metadata.name}"

    @property
    def template_path(self) -> str:
        """Path of its template."""
        folder = f"/apis/resource.k8s.io/v1/namespaces/{self.metadata.namespace}/resourceclaimtemplates"
        return f"{folder}/{self.spec.channel.template.name}"


class _Domains(Answer):
    items: list[_Domain]


def keep_domains(api: Api) -> None:
    """Bring every ComputeDomain a step further.

    Raises:
        StrataError: when the API server is gone.
        ApiError: when it refuses a request.
    """
    found = api.find(_DOMAINS)
    for domain in _Domains.model_validate_json(found).items if found else ():
        if domain.metadata.deleted:
            _remove(api, domain)
        elif _KEEPER not in domain.metadata.finalizers or domain.status.status != "Ready":
            _make(api, domain)


def _make(api: Api, domain: _Domain) -> None:
    api.merge(domain.path, {"metadata": {"finalizers": [*domain.metadata.finalizers, _KEEPER]}})
    api.apply(domain.template_path, _template(domain))
    # Its number of nodes is 0, which every number of daemons that are ready is enough for.
    api.merge(f"{domain.path}/status", {"status": {"status": "Ready"}})


def _remove(api: Api, domain: _Domain) -> None:
    _let_go(api, domain.template_path)
    api.delete(domain.template_path)
    _let_go(api, domain.path)


def _let_go(api: Api, path: str) -> None:
    api.merge_if_there(path, {"metadata": {"finalizers": None}})


def _template(domain: _Domain) -> Json:
    parameters = {
        "apiVersion": _GROUP,
        "kind": "ComputeDomainChannelConfig",
        "domainID": domain.metadata.uid,
        "allocationMode": domain.spec.channel.mode,
    }
    request = {"name": "channel", "exactly": {"deviceClassName": "compute-domain-default-channel.nvidia.com"}}
    config = {"requests": ["channel"], "opaque": {"driver": DOMAIN_DRIVER, "parameters": parameters}}
    return {
        "apiVersion": "resource.k8s.io/v1",
        "kind": "ResourceClaimTemplate",
        "metadata": {
            "name": domain.spec.channel.template.name,
            "namespace": domain.metadata.namespace,
            "finalizers": [_KEEPER],
            "labels": {_KEEPER: domain.metadata.uid, "resource.nvidia.com/computeDomainTarget": "Workload"},
        },
        "spec": {"spec": {"devices": {"requests": [request], "config": [config]}}},
    }
