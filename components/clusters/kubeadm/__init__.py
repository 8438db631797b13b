"""Kubernetes on hosts of one's own, made with kubeadm over SSH."""

from .environment import ENVIRONMENT

__all__ = ["ENVIRONMENT"]
