"""Load balancers that Services of an AKS cluster get: in the cluster's own resource group, which goes with it."""

from __future__ import annotations

from ...provider.service_controllers import Balanced, Service, ServiceController
from ...provider.store import Account, Record
from . import vocabulary as v


def _make(_account: Account, cluster: str, service: Service) -> Balanced:
    about = service.metadata
    record = Record(
        kind=v.LOAD_BALANCER,
        identifier=f"{cluster}/kubernetes-internal/a{about.uid.replace('-', '')[:31]}",
        inputs={"service": about.uid, "cluster": cluster},
    )
    return Balanced(records=(record,), address="10.224.0.99")


CONTROLLERS = (
    ServiceController(
        source="https://cloud-provider-azure.sigs.k8s.io/topics/loadbalancer; https://learn.microsoft.com/azure/aks/faq",
        load_balancer_class="",
        finalizer="service.kubernetes.io/load-balancer-cleanup",
        make=_make,
    ),
)
"""Who answers for Services."""
