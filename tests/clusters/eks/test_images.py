from __future__ import annotations

from email import message_from_string

import pytest

from components.clusters.eks.images import AmiType, ami_type, release_parameter, user_data
from components.contracts.pools import DriverOwner
from components.planner.catalogs.instances import InstanceType, instance, instances


@pytest.mark.parametrize(
    ("machine", "driver", "expected"),
    [
        ("p5.48xlarge", DriverOwner.NODE_IMAGE, "AL2023_x86_64_NVIDIA"),
        ("p5.48xlarge", DriverOwner.GPU_OPERATOR, "AL2023_x86_64_STANDARD"),
        ("p6e-gb200.36xlarge", DriverOwner.NODE_IMAGE, "AL2023_ARM_64_NVIDIA"),
        ("p6e-gb200.36xlarge", DriverOwner.GPU_OPERATOR, "AL2023_ARM_64_STANDARD"),
        ("m7i.2xlarge", DriverOwner.NONE, "AL2023_x86_64_STANDARD"),
        ("m7g.2xlarge", DriverOwner.NONE, "AL2023_ARM_64_STANDARD"),
    ],
)
def test_the_image_follows_architecture_gpu_and_driver(machine: str, driver: DriverOwner, expected: str) -> None:
    assert ami_type(instance(machine), driver) == expected


@pytest.mark.parametrize("image", AmiType)
def test_every_image_has_a_parameter_of_its_own(image: AmiType) -> None:
    path = release_parameter("1.35", image)
    assert path.startswith("/aws/service/eks/optimized-ami/1.35/amazon-linux-2023/")
    assert ("arm64" in path, "nvidia" in path) == ("ARM" in image.value, "NVIDIA" in image.value)
    assert path.endswith("/recommended/release_version")


def test_user_data_is_mime_with_one_node_config() -> None:
    text = user_data(instance("p5.48xlarge"))
    assert text is not None
    message = message_from_string(text)
    assert message.is_multipart()
    assert not message.defects
    (document,) = [part for part in message.walk() if not part.is_multipart()]
    assert document.get_content_type() == "application/node.eks.aws"
    assert "strategy: RAID0" in str(document.get_payload())


@pytest.mark.parametrize("machine", [row for row in instances() if row.cloud == "aws"], ids=lambda row: row.name)
def test_local_disks_are_used_wherever_there_are_some(machine: InstanceType) -> None:
    assert (user_data(machine) is not None) == bool(machine.nvme_gb)
