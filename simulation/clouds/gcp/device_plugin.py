"""The device plugin that GKE runs on its GPU nodes.

Source: github.com/GoogleCloudPlatform/container-engine-accelerators, cmd/nvidia_gpu/device-plugin.yaml; the label that
keeps it away: https://cloud.google.com/kubernetes-engine/docs/how-to/gpu-operator.
"""

from __future__ import annotations

from ...control_plane.api import Json

NO_DEVICE_PLUGIN = "gke-no-default-nvidia-gpu-device-plugin"
"""Label of pools whose GPUs somebody else advertises."""

_NAME = "nvidia-gpu-device-plugin"
_LABELS = {"k8s-app": _NAME}
_TERM = [
    {"key": "cloud.google.com/gke-accelerator", "operator": "Exists"},
    {"key": NO_DEVICE_PLUGIN, "operator": "DoesNotExist"},
]

DEVICE_PLUGIN: Json = {
    "apiVersion": "apps/v1",
    "kind": "DaemonSet",
    "metadata": {"name": _NAME, "namespace": "kube-system", "labels": _LABELS},
    "spec": {
        "selector": {"matchLabels": _LABELS},
        "template": {
            "metadata": {"labels": _LABELS},
            "spec": {
                "priorityClassName": "system-node-critical",
                "affinity": {
                    "nodeAffinity": {
                        "requiredDuringSchedulingIgnoredDuringExecution": {
                            "nodeSelectorTerms": [{"matchExpressions": _TERM}]
                        }
                    }
                },
                "tolerations": [{"operator": "Exists", "effect": effect} for effect in ("NoExecute", "NoSchedule")],
                "containers": [
                    {
                        "name": _NAME,
                        "image": f"gke.gcr.io/{_NAME}:1.1.0",
                        "command": ["/usr/bin/nvidia-gpu-device-plugin", "-logtostderr"],
                    }
                ],
            },
        },
    },
}
"""Of every cluster; it has pods where there are GPUs."""
DEVICE_PLUGIN_PATH = f"/apis/apps/v1/namespaces/kube-system/daemonsets/{_NAME}"
