"""Kubernetes on hosts of one's own, made with kubeadm over SSH."""
