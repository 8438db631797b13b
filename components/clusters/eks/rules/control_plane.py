"""Rules of the control plane: versions, add-ons, and what an adopted cluster does not take."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime

from ....contracts.errors import Problem, nearest
from ....contracts.shown_text import excerpt
from ....networks.aws.settings import CreatedVpc
from ...lifecycles import offered_versions
from ...rules.adopted import ignored_setting_problems
from ...rules.duplicates import duplicate_problems
from ...rules.pool_view import PoolView, known_pools
from ...rules.versions import VERSION_FIELD, is_newer, minor, unoffered_version
from ..addon_table import ADD_ON_NAMES, add_ons
from ..settings import ControlPlaneLog, EksTarget, LoadBalancerController, Support
from ..versions import EKS_VERSIONS

_ADD_ON_VERSION = re.compile(r"v(\d+)\.(\d+)\.(\d+)-eksbuild\.\d+")
# terraform-aws-eks v21.19, modules/eks-managed-node-group/variables.tf: interfaces of type efa-only.
_OLDEST_CNI_WITH_EFA = (1, 18, 4)
# Kubernetes, version skew policy: kube-proxy is never newer than the API server, and three minors older at most.
_PROXY_SKEW = 3


def control_plane_problems(target: EksTarget, pools: Sequence[PoolView], now: datetime) -> Iterator[Problem]:
    """What is wrong with the control plane."""
    yield from _version(target, now.date())
    yield from duplicate_problems(
        "target.control_plane_logs", target.control_plane_logs, "EKS refuses a log that is there already"
    )
    yield from _node_release(target, now.date())
    yield from _add_ons(target)
    yield from _load_balancers(target)
    yield from _storage_drivers(target)
    yield from _add_on_versions(target, pools)
    if target.adopt_cluster:
        yield from _adopted(target)


def _version(target: EksTarget, today: date) -> Iterator[Problem]:
    version, offered = target.kubernetes_version, offered_versions(EKS_VERSIONS, today)
    if is_newer(version, EKS_VERSIONS):
        # The table was read on some day; whether EKS offers the version is asked at preview.
        return
    if version not in offered:
        yield unoffered_version("EKS", version, offered)
        return
    lifecycle = EKS_VERSIONS[version]
    if target.support is Support.STANDARD and not target.adopt_cluster and not lifecycle.in_standard_support(today):
        yield Problem(
            field=VERSION_FIELD,
            cause=f"standard support of Kubernetes {version} ended on {lifecycle.standard_until}",
            consequence="with support: standard, EKS upgrades the control plane by itself at any time; "
            "this program would then ask for a downgrade, which is refused",
            fix=f"raise it by one minor version at a time to {offered[-1]}; "
            "or write support: extended, at six times the cost",
        )


def _node_release(target: EksTarget, today: date) -> Iterator[Problem]:
    if target.node_release is None:
        return
    version, _, day = target.node_release.partition("-")
    if minor(version) != minor(target.kubernetes_version):
        yield Problem(
            field="target.node_release",
            cause=f"{target.node_release} is an image of Kubernetes {version}, the cluster's is "
            f"{target.kubernetes_version}",
            consequence="EKS refuses the release of another minor version",
            fix=f"use a release of {target.kubernetes_version}, or leave it out",
        )
    try:
        published = datetime.strptime(day, "%Y%m%d").date()  # noqa: DTZ007 - a day has no time zone
    except ValueError:
        published = None
    if published is None or published > today:
        yield Problem(
            field="target.node_release",
            cause=f"no image was released on {day}",
            consequence="EKS knows no such release and refuses every node pool",
            fix="copy it from the releases of awslabs/amazon-eks-ami, or leave it out",
        )


def _add_ons(target: EksTarget) -> Iterator[Problem]:
    installed = {add_on.name for add_on in add_ons(target.shared_storage)}
    for name, version in target.addon_versions.items():
        field = f"target.addon_versions.{name}"
        if name not in ADD_ON_NAMES:
            near = nearest(name, ADD_ON_NAMES)
            yield Problem(
                field=field,
                cause=f"{name!r} is not an add-on of this cluster",
                consequence="the version would pin nothing",
                fix=f"did you mean {near!r}?" if near else f"use one of: {', '.join(sorted(ADD_ON_NAMES))}",
            )
        elif name not in installed:
            yield Problem(
                field=field,
                cause=f"{name} is not installed with shared_storage.kind: {target.shared_storage.kind}",
                consequence="the version would pin nothing",
                fix="remove it, or choose the other kind of shared storage",
            )
        if not _ADD_ON_VERSION.fullmatch(version):
            yield Problem(
                field=field,
                cause=f"{excerpt(version)!r} is not a valid add-on version",
                consequence="EKS refuses it after the control plane is made",
                fix="write it like v1.20.4-eksbuild.2, as `aws eks describe-addon-versions` lists them",
            )


def _add_on_versions(target: EksTarget, pools: Sequence[PoolView]) -> Iterator[Problem]:
    cni = _ADD_ON_VERSION.fullmatch(target.addon_versions.get("vpc-cni", ""))
    has_efa = any(machine.rdma_nics for _, machine in known_pools(pools))
    if cni and has_efa and tuple(int(part) for part in cni.groups()) < _OLDEST_CNI_WITH_EFA:
        yield Problem(
            field="target.addon_versions.vpc-cni",
            cause=f"{cni[0]} takes EFA interfaces without an address for broken ones",
            consequence="nodes with EFA never become ready",
            fix=f"use v{'.'.join(map(str, _OLDEST_CNI_WITH_EFA))}-eksbuild.1 or newer",
        )
    proxy = _ADD_ON_VERSION.fullmatch(target.addon_versions.get("kube-proxy", ""))
    behind = minor(target.kubernetes_version) - int(proxy[2]) if proxy else 0
    if proxy and not 0 <= behind <= _PROXY_SKEW:
        yield Problem(
            field="target.addon_versions.kube-proxy",
            cause=f"{proxy[0]} with a control plane of {target.kubernetes_version}",
            consequence=f"kube-proxy may be {_PROXY_SKEW} minor versions older and never newer; services would break",
            fix=f"use a version v{target.kubernetes_version}.…, or leave it out",
        )


def _adopted(target: EksTarget) -> Iterator[Problem]:
    if isinstance(target.network, CreatedVpc):
        yield Problem(
            field="target.network.kind",
            cause="the cluster exists, so its VPC does too",
            consequence="nodes in a new VPC could not reach the control plane",
            fix="write kind: adopt with the VPC of the cluster and its private subnets",
        )
    ignored = {
        "network.services": target.service_cidr is not None,
        "control_plane_logs": set(target.control_plane_logs) != set(ControlPlaneLog),
        "group_access": bool(target.group_access),
        "cluster_role": target.cluster_role is not None,
        "kms_key": target.kms_key is not None,
        "support": target.support is not Support.STANDARD,
        "addon_versions": bool(target.addon_versions),
    }
    yield from ignored_setting_problems(ignored)
    if target.load_balancer_controller is LoadBalancerController.INSTALLED:
        yield Problem(
            field="target.load_balancer_controller",
            cause="the cluster exists, and Strata installs no add-on there that it may have already",
            consequence="two controllers would make and remove each other's load balancers",
            fix="write exists where it has AWS Load Balancer Controller, and none where it has not",
        )


def _storage_drivers(target: EksTarget) -> Iterator[Problem]:
    if target.storage_drivers and not target.adopt_cluster:
        yield Problem(
            field="target.storage_drivers",
            cause="the cluster is made, and gets its drivers as add-ons of EKS",
            consequence="the setting would be ignored",
            fix="remove it",
        )


def _load_balancers(target: EksTarget) -> Iterator[Problem]:
    if target.load_balancer_controller is LoadBalancerController.EXISTS and not target.adopt_cluster:
        yield Problem(
            field="target.load_balancer_controller",
            cause="is exists, and a cluster that is made has none before Strata installs it",
            consequence="Services would wait for a load balancer for ever",
            fix="write installed, or leave it out",
        )
