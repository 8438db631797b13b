"""What clouds and their controllers make in the account for objects of a cluster: load balancers of Services.

Owns who answers for a Service and what happens when it comes and goes. What is made, each cloud says.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from pydantic import Field

from ..control_plane.api import Answer, Api, Json
from .store import Account, Record, Store


class _Metadata(Answer):
    name: str
    namespace: str = ""
    uid: str = ""
    finalizers: list[str] = []
    annotations: dict[str, str] = {}
    deletion: str | None = Field(None, alias="deletionTimestamp")


class _Ingress(Answer):
    hostname: str = ""
    ip: str = ""


class _LoadBalancer(Answer):
    ingress: list[_Ingress] = []


class _Status(Answer):
    load_balancer: _LoadBalancer = Field(default_factory=_LoadBalancer, alias="loadBalancer")


class _Spec(Answer):
    type: str = "ClusterIP"
    load_balancer_class: str = Field("", alias="loadBalancerClass")


class Service(Answer):
    """A Service of a cluster."""

    metadata: _Metadata
    spec: _Spec
    status: _Status | None = None

    @property
    def has_balancer(self) -> bool:
        """Whether it has been told how it is reached."""
        return self.status is not None and bool(self.status.load_balancer.ingress)

    @property
    def address(self) -> str:
        """How it is reached; empty while nobody said."""
        told = self.status.load_balancer.ingress if self.status else []
        return next((found.hostname or found.ip for found in told), "")

    def annotation(self, name: str) -> str:
        """An annotation; empty where it has none of that name."""
        return self.metadata.annotations.get(name, "")

    @property
    def path(self) -> str:
        """Where it is in the API."""
        return f"/api/v1/namespaces/{self.metadata.namespace}/services/{self.metadata.name}"


class _Services(Answer):
    items: list[Service]


class _Container(Answer):
    image: str = ""


class _PodSpec(Answer):
    containers: list[_Container] = []


class _Template(Answer):
    spec: _PodSpec = _PodSpec()


class _DeploymentSpec(Answer):
    template: _Template = _Template()


class _DeploymentStatus(Answer):
    ready: int = Field(0, alias="readyReplicas")


class _Deployment(Answer):
    spec: _DeploymentSpec = _DeploymentSpec()
    status: _DeploymentStatus | None = None


class _Deployments(Answer):
    items: list[_Deployment]


@dataclass(frozen=True, kw_only=True)
class Balanced:
    """What a Service gets.

    Attributes:
        records: What is made in the account; all of it goes with the Service.
        address: How it is reached: a name or an address.
    """

    records: Sequence[Record]
    address: str


@dataclass(frozen=True, kw_only=True)
class ServiceController:
    """Software that answers for Services of type LoadBalancer.

    Attributes:
        source: Documentation of what it does.
        load_balancer_class: The class that Services name; empty for those that name none.
        finalizer: What keeps a Service until its load balancer is gone.
        image: End of the repository of the image of its Deployment; empty where the control plane itself does it.
        make: What a Service gets, from the account, the cluster's name and the Service.
    """

    source: str
    load_balancer_class: str
    finalizer: str
    image: str = ""
    make: Callable[[Account, str, Service], Balanced]


def balance(api: Api, store: Store, cluster: str, controllers: Sequence[ServiceController]) -> None:
    """Bring load balancers in line with the Services that there are, once.

    Args:
        api: The cluster.
        store: Its cloud's account.
        cluster: Its name in the cloud.
        controllers: Who may answer for Services.
    """
    services = _Services.model_validate_json(api.get("/api/v1/services")).items
    by_class = {controller.load_balancer_class: controller for controller in controllers}
    finalizers = {controller.finalizer: controller for controller in controllers}
    for service in services:
        controller = _holder(service, finalizers)
        if controller is not None and (service.metadata.deletion or service.spec.type != "LoadBalancer"):
            if _works(api, controller):
                _take_away(api, store, service, controller)
        elif service.spec.type == "LoadBalancer" and not service.metadata.deletion:
            wanted = by_class.get(service.spec.load_balancer_class)
            if wanted is not None and not service.has_balancer and _works(api, wanted):
                _give(api, store, cluster, service, wanted)


def _holder(service: Service, finalizers: Mapping[str, ServiceController]) -> ServiceController | None:
    return next((finalizers[name] for name in service.metadata.finalizers if name in finalizers), None)


def _works(api: Api, controller: ServiceController) -> bool:
    """Whether somebody is there who does it."""
    if not controller.image:
        return True
    deployments = _Deployments.model_validate_json(api.get("/apis/apps/v1/deployments")).items
    ready = [deployment for deployment in deployments if deployment.status is not None and deployment.status.ready]
    images = [container.image for deployment in ready for container in deployment.spec.template.spec.containers]
    return any(repository(image).endswith(controller.image) for image in images)


def repository(image: str) -> str:
    """An image without tag and digest."""
    path, slash, last = image.partition("@")[0].rpartition("/")
    return f"{path}{slash}{last.partition(':')[0]}"


def _give(api: Api, store: Store, cluster: str, service: Service, controller: ServiceController) -> None:
    finalizers = [*service.metadata.finalizers, controller.finalizer]
    # The mark comes first, as with the real ones: what is made after it is never forgotten.
    if controller.finalizer not in service.metadata.finalizers:
        api.merge(service.path, {"metadata": {"finalizers": finalizers}})
    with store.transaction() as account:
        balanced = controller.make(account, cluster, service)
        for record in balanced.records:
            account.put(record)
    kind = "hostname" if balanced.address[-1].isalpha() else "ip"
    status: Json = {"status": {"loadBalancer": {"ingress": [{kind: balanced.address}]}}}
    api.merge(f"{service.path}/status", status)


def _take_away(api: Api, store: Store, service: Service, controller: ServiceController) -> None:
    with store.transaction() as account:
        for record in account.records():
            if record.get("service") == service.metadata.uid:
                account.remove(record.kind, record.identifier)
    kept = [name for name in service.metadata.finalizers if name != controller.finalizer]
    api.merge_if_there(service.path, {"metadata": {"finalizers": kept}})
