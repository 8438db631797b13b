"""Which add-ons EKS has, in which versions, and what each needs."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from .versions import KUBERNETES, minor


@dataclass(frozen=True, kw_only=True)
class CatalogEntry:
    """One add-on.

    Attributes:
        versions: Those on offer, newest first, without the build.
        service_accounts: Whose pods may take on a role; empty where Pod Identity is not supported.
        controller: Whether it has pods that need a node of their own choice, beside those on every node.
        driver: The CSI driver that it installs.
        self_managed: Whether EKS installs it by itself where it is not told otherwise.
    """

    versions: tuple[str, ...]
    service_accounts: tuple[str, ...] = ()
    controller: bool = False
    driver: str = ""
    self_managed: bool = False


@dataclass(frozen=True, kw_only=True)
class _KubeProxy(CatalogEntry):
    versions: tuple[str, ...] = field(default=tuple(f"v{KUBERNETES[release]}" for release in reversed(KUBERNETES)))


CATALOG = {
    "vpc-cni": CatalogEntry(
        versions=("v1.21.1", "v1.21.0", "v1.20.5", "v1.20.4", "v1.20.3", "v1.20.2", "v1.20.1", "v1.20.0", "v1.19.6"),
        service_accounts=("aws-node",),
        self_managed=True,
    ),
    "coredns": CatalogEntry(
        versions=("v1.13.2", "v1.13.1", "v1.12.4", "v1.12.3", "v1.12.2", "v1.12.1", "v1.11.4"),
        controller=True,
        self_managed=True,
    ),
    "kube-proxy": _KubeProxy(self_managed=True),
    "eks-pod-identity-agent": CatalogEntry(versions=("v1.3.10", "v1.3.9", "v1.3.8", "v1.3.7")),
    "eks-node-monitoring-agent": CatalogEntry(versions=("v1.5.1", "v1.4.2", "v1.4.1", "v1.4.0", "v1.3.0")),
    "metrics-server": CatalogEntry(versions=("v0.8.1", "v0.8.0", "v0.7.2"), controller=True),
    "aws-ebs-csi-driver": CatalogEntry(
        versions=("v1.55.0", "v1.54.0", "v1.53.0", "v1.52.1", "v1.51.0", "v1.50.1", "v1.49.0", "v1.48.0", "v1.41.0"),
        service_accounts=("ebs-csi-controller-sa",),
        controller=True,
        driver="ebs.csi.aws.com",
    ),
    "aws-efs-csi-driver": CatalogEntry(
        versions=("v2.2.0", "v2.1.15", "v2.1.13", "v2.1.12", "v2.1.11", "v2.1.10"),
        service_accounts=("efs-csi-controller-sa", "efs-csi-node-sa"),
        controller=True,
        driver="efs.csi.aws.com",
    ),
    "aws-fsx-csi-driver": CatalogEntry(
        versions=("v1.8.0", "v1.7.0", "v1.6.0", "v1.5.1"),
        service_accounts=("fsx-csi-controller-sa", "fsx-csi-node-sa"),
        controller=True,
        driver="fsx.csi.aws.com",
    ),
    "aws-mountpoint-s3-csi-driver": CatalogEntry(
        versions=("v2.2.2", "v2.1.0", "v2.0.0", "v1.15.0"),
        service_accounts=("s3-csi-driver-sa",),
        driver="s3.csi.aws.com",
    ),
    # https://docs.aws.amazon.com/eks/latest/userguide/community-addons.html; versions from cert-manager's releases.
    "cert-manager": CatalogEntry(versions=("v1.19.1", "v1.18.2", "v1.17.2"), controller=True),
    "snapshot-controller": CatalogEntry(versions=("v8.3.0", "v8.2.0"), controller=True),
    "amazon-cloudwatch-observability": CatalogEntry(
        versions=("v4.8.0", "v4.7.0", "v4.4.0"), service_accounts=("cloudwatch-agent",), controller=True
    ),
}
"""Sources: names, service accounts and policies from
https://docs.aws.amazon.com/eks/latest/userguide/workloads-add-ons-available-eks.html; versions from the releases of
aws/amazon-vpc-cni-k8s, aws/eks-distro and the drivers' own repositories, as far as known; builds are not told apart.
"""


def is_on_offer(name: str, version: str, kubernetes: str) -> bool:
    """Whether EKS has that version of an add-on for a Kubernetes version."""
    number, build = version.partition("-eksbuild.")[::2]
    if not re.fullmatch(r"[1-9]\d*", build):
        return False
    if name == "kube-proxy":
        # Any patch of the cluster's minor version, and of the three before: kubernetes.io/releases/version-skew-policy
        return 0 <= minor(kubernetes) - minor(number.removeprefix("v")) <= 3  # noqa: PLR2004 - named above
    return number in CATALOG[name].versions


def default_version(name: str, kubernetes: str) -> str:
    """The version that EKS takes when none is named."""
    number = f"v{KUBERNETES.get(kubernetes, kubernetes)}" if name == "kube-proxy" else CATALOG[name].versions[0]
    return f"{number}-eksbuild.1"
