"""How many pods the kubelet of an EKS node takes: as many as its network interfaces have addresses for.

Source: awslabs/amazon-eks-ami, templates/shared/runtime/eni-max-pods.txt: interfaces x (addresses of each - 1) + 2,
counted on the first network card.
"""

from __future__ import annotations

_BY_SIZE = {
    "large": 29,
    "xlarge": 58,
    "2xlarge": 58,
    "4xlarge": 234,
    "8xlarge": 234,
    "12xlarge": 234,
    "16xlarge": 737,
    "24xlarge": 737,
    "48xlarge": 737,
    "metal": 737,
}
"""Most families: c7g, c7i, g5g, g6, gr6, m7a, m7g, m7i, r7i."""
_BY_TYPE = {
    "g4dn.xlarge": 29,
    "g4dn.2xlarge": 29,
    "g4dn.4xlarge": 29,
    "g4dn.8xlarge": 58,
    "g4dn.12xlarge": 234,
    "g4dn.16xlarge": 58,
    "g5.12xlarge": 737,
    "g5.16xlarge": 234,
    "g5.48xlarge": 345,
    "g6e.12xlarge": 292,
    "g6e.24xlarge": 492,
    "g6e.48xlarge": 492,
    "g6f.large": 20,
    "p5.4xlarge": 118,
    "p5.48xlarge": 100,
    "p5e.48xlarge": 100,
    "p5en.48xlarge": 198,
    "p6-b200.48xlarge": 198,
    "p6-b300.48xlarge": 198,
}
# What EKS recommends where nothing is known, by vCPUs:
# https://docs.aws.amazon.com/eks/latest/userguide/choosing-instance-type.html#determine-max-pods
_SMALL_VCPUS, _SMALL, _LARGE = 30, 110, 250


def max_pods(instance_type: str, vcpus: int) -> int:
    """Most pods of a node of that machine type."""
    known = _BY_TYPE.get(instance_type) or _BY_SIZE.get(instance_type.partition(".")[2])
    return known or (_SMALL if vcpus < _SMALL_VCPUS else _LARGE)
