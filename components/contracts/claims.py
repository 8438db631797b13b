"""Names of NVIDIA's drivers and device classes of dynamic resource allocation, by which pods claim devices.

Source: kubernetes-sigs/dra-driver-nvidia-gpu 0.5.0, ``deployments/helm/dra-driver-nvidia-gpu/templates/deviceclass-*``.
"""

from __future__ import annotations

GPU_DRIVER = "gpu.nvidia.com"
"""The driver that allocates GPUs."""
GPU_CLASS = "gpu.nvidia.com"
"""Device class of whole GPUs."""
DOMAIN_DRIVER = "compute-domain.nvidia.com"
"""The driver that opens NVLink domains of several nodes."""
CLIQUE_LABEL = "nvidia.com/gpu.clique"
"""Label of nodes that reach each other over NVLink; its value is that of their domain."""
