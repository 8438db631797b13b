"""Every environment of Strata; a program of one's own may add to them."""

from __future__ import annotations

from .aks import ENVIRONMENT as AKS
from .eks import ENVIRONMENT as EKS
from .environment import AnyEnvironment
from .existing import ENVIRONMENT as EXISTING
from .gke import ENVIRONMENT as GKE
from .kubeadm import ENVIRONMENT as KUBEADM
from .local import ENVIRONMENT as LOCAL

ENVIRONMENTS: tuple[AnyEnvironment, ...] = (LOCAL, EXISTING, EKS, GKE, AKS, KUBEADM)
