"""Load balancers that Services of a GKE cluster get, which no program declares and whose network they keep."""

from __future__ import annotations

from ...provider.service_controllers import Balanced, Service, ServiceController
from ...provider.store import Account, Record
from ...provider.values import Object
from . import vocabulary as v


def _make(account: Account, cluster: str, service: Service) -> Balanced:
    """A rule that forwards, and a firewall rule that lets its traffic in."""
    found = account.find(v.CLUSTER, "name", cluster)
    about = service.metadata
    name = f"a{about.uid.replace('-', '')[:31]}"
    common: Object = {"service": about.uid, "network": found.text("network") if found else "", "name": name}
    return Balanced(
        records=(
            Record(kind=v.FORWARDING_RULE, identifier=name, inputs=common),
            Record(kind=v.FIREWALL, identifier=f"k8s-fw-{name}", inputs=common),
        ),
        address="10.128.0.99",
    )


CONTROLLERS = (
    ServiceController(
        source="https://cloud.google.com/kubernetes-engine/docs/concepts/service-load-balancer; "
        "kubernetes/ingress-gce, pkg/utils/common/finalizer.go (LegacyILBFinalizer)",
        load_balancer_class="",
        finalizer="service.kubernetes.io/load-balancer-cleanup",
        make=_make,
    ),
)
"""Who answers for Services."""
