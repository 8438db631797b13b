"""What the roles of a team allow in its namespaces.

Not the ClusterRoles ``view`` and ``edit`` of Kubernetes: other software adds rules to them by aggregation, and ``edit``
writes NetworkPolicies, by which a namespace is closed, and impersonates service accounts (Kubernetes 1.34,
``plugin/pkg/auth/authorizer/rbac/bootstrappolicy/policy.go``). ``edit`` here leaves out, with what it would undo:

- NetworkPolicies, ResourceQuotas, LimitRanges and labels of the namespace: the default-deny, the quota, Pod Security.
- Roles and RoleBindings: who has access is in the settings.
- impersonation of service accounts and ``serviceaccounts/token``: nobody could tell such calls from a workload's. A pod
  of the team, or a Secret of that type, still gets the token of any service account of the namespace. So bind nothing
  to service accounts there that the team itself must not have.
- Ingresses, routes and ``Endpoints``: they take host names and addresses that others use (CVE-2021-25740).
- ``pods/proxy`` and ``services/proxy``: the API server connects past network policies.
- ``resourceclaims``: devices that the quota of ``requests.nvidia.com/gpu`` does not count.
- custom resources: what an operator does with its own rights is not limited to the namespace.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .team_settings import TeamRole


@dataclass(frozen=True)
class Rule:
    """Verbs on resources of one API group.

    Attributes:
        group: API group; empty for the core group.
        resources: Resources in plural, with a subresource behind a slash.
        verbs: Verbs of RBAC.
    """

    group: str
    resources: Sequence[str]
    verbs: Sequence[str]


_READ = ("get", "list", "watch")
_WRITE = ("create", "update", "patch", "delete", "deletecollection")
_VIEW = (
    Rule("", ("namespaces",), ("get",)),
    Rule(
        "",
        (
            *("pods", "pods/log", "services", "endpoints", "configmaps", "persistentvolumeclaims", "serviceaccounts"),
            *("events", "resourcequotas", "limitranges"),
        ),
        _READ,
    ),
    Rule("apps", ("deployments", "statefulsets", "daemonsets", "replicasets", "controllerrevisions"), _READ),
    Rule("apps", ("deployments/scale", "statefulsets/scale", "replicasets/scale"), ("get",)),
    Rule("batch", ("jobs", "cronjobs"), _READ),
    Rule("autoscaling", ("horizontalpodautoscalers",), _READ),
    Rule("policy", ("poddisruptionbudgets",), _READ),
    Rule("networking.k8s.io", ("networkpolicies", "ingresses"), _READ),
    Rule("discovery.k8s.io", ("endpointslices",), _READ),
    Rule("events.k8s.io", ("events",), _READ),
    Rule("metrics.k8s.io", ("pods",), _READ),
)
_EDIT = (
    *_VIEW,
    Rule("", ("secrets",), _READ),
    Rule(
        "",
        ("pods", "services", "configmaps", "secrets", "persistentvolumeclaims", "serviceaccounts"),
        _WRITE,
    ),
    Rule("", ("pods/exec", "pods/attach", "pods/portforward"), ("get", "create")),
    Rule("", ("pods/eviction",), ("create",)),
    Rule("", ("pods/ephemeralcontainers",), ("patch", "update")),
    Rule("apps", ("deployments", "statefulsets", "daemonsets", "replicasets"), _WRITE),
    Rule("apps", ("deployments/scale", "statefulsets/scale", "replicasets/scale"), ("update", "patch")),
    Rule("batch", ("jobs", "cronjobs"), _WRITE),
    Rule("autoscaling", ("horizontalpodautoscalers",), _WRITE),
    Rule("policy", ("poddisruptionbudgets",), _WRITE),
)
RULES: Mapping[TeamRole, Sequence[Rule]] = {TeamRole.VIEW: _VIEW, TeamRole.EDIT: _EDIT}
"""What each role allows in the namespace of its Role."""
