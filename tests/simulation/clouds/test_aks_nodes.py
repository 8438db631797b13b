"""Labels of AKS nodes by which pods choose them."""

from __future__ import annotations

import pytest

from simulation.clouds.azure.control_planes import machines_of
from simulation.provider.values import Object

_LABEL = "kubernetes.azure.com/os-sku-effective"


@pytest.mark.parametrize(
    ("asked", "kubernetes", "runs"),
    [
        ("Ubuntu", "1.34.2", "Ubuntu2204"),
        ("Ubuntu", "1.35", "Ubuntu2404"),
        ("Ubuntu2204", "1.35", "Ubuntu2204"),
        ("AzureLinux3", "1.34", "AzureLinux3"),
    ],
)
def test_nodes_name_the_release_that_they_run(asked: str, kubernetes: str, runs: str) -> None:
    pool: Object = {"vmSize": "Standard_D8s_v5", "osSKU": asked, "orchestratorVersion": kubernetes, "count": 1}

    (machine,) = machines_of("eastus2", "cpu", pool)

    assert machine.labels[_LABEL] == runs
