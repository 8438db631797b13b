"""Wrong settings of an AKS cluster, one by one: each is refused with its field, before anything exists."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from components.clusters.aks.settings import AksTarget, FilesStorage, OsDisk, Support, SystemPool
from components.contracts.capacity import Spot
from components.contracts.errors import StrataError
from components.contracts.gpu_sharing import Mig
from components.contracts.pools import DriverOwner, NodePool, Taint
from components.contracts.quantities import ByteSize

from .mistakes import (
    A100,
    L40S,
    MISTAKES,
    RESERVATION,
    RULES,
    WITH_LUSTRE,
    Wrong,
    adopted,
    bought,
    cluster,
    gpus,
    lustre,
    network,
    private,
)
from .pools import ZONES, cpu_pool, gpu_pool, target


@pytest.mark.parametrize("mistake", MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_refused_where_it_stands_and_nowhere_else(mistake: Wrong) -> None:
    RULES.assert_refused(mistake, most=1)


CORRECT: dict[str, tuple[AksTarget, tuple[NodePool, ...]]] = {
    "the plain cluster": (target(), (cpu_pool(), gpu_pool())),
    "an adopted cluster": (adopted(), (cpu_pool(), gpu_pool())),
    "a private cluster with a hub": (private("10.250.0.0/16"), (cpu_pool(), gpu_pool())),
    "a wide route that the network's own is narrower than": (private("10.250.0.0/16", routes=("10.0.0.0/8",)), gpus()),
    "a region without zones": (
        network(zones=("0",)).model_copy(update={"system_pool": SystemPool(zones=("0",))}),
        (cpu_pool().model_copy(update={"zones": ("0",)}), gpu_pool().model_copy(update={"zones": ("0",)})),
    ),
    "a reservation": (target(), bought(RESERVATION)),
    "the operator's driver": (target(), gpus(driver=DriverOwner.GPU_OPERATOR)),
    "MIG by the operator": (target(), gpus(A100, driver=DriverOwner.GPU_OPERATOR, sharing=Mig(profile="1g.10gb"))),
    "an OS disk on the machine": (
        cluster(os_disk=OsDisk(ephemeral=True)),
        gpus(),
    ),
    "an OS disk on the local disk that the numbers name": (
        cluster(os_disk=OsDisk(ephemeral=True)),
        gpus("Standard_NC48ads_L40S_v9", machine=L40S.model_copy(update={"local_disks": ByteSize("2Ti")})),
    ),
    "the largest OS disk": (target(), gpus(root_disk=ByteSize("2Ti"))),
    "volumes of local disks": (cluster(local_volumes=True), gpus()),
    "Lustre beside the GPUs": (lustre(), gpus()),
    "Lustre whose driver the owner of the cluster installs": (
        adopted(shared_storage=lustre().shared_storage.model_copy(update={"has_driver": True}), network=WITH_LUSTRE),
        gpus(),
    ),
    "Lustre on machines that somebody else's driver is built for": (
        lustre().model_copy(update={"shared_storage": lustre().shared_storage.model_copy(update={"has_driver": True})}),
        (
            cpu_pool(),
            gpu_pool(instance_type="Standard_ND128isr_NDR_GB200_v6").model_copy(update={"compute_domains": True}),
        ),
    ),
    "an old version with long-term support": (
        cluster(kubernetes_version="1.33", support=Support.EXTENDED),
        (cpu_pool(), gpu_pool()),
    ),
}


@pytest.mark.parametrize("name", CORRECT)
def test_what_works_is_let_through(name: str) -> None:
    RULES.assert_right(*CORRECT[name])


UNWRITABLE: dict[str, tuple[str, dict[str, object]]] = {
    "no system node": ("count", {"count": 0}),
    "one system node": ("count", {"count": 1}),
    "system nodes on spot": ("capacity", {"capacity": {"kind": "spot"}}),
    "system nodes on Windows": ("os", {"os": "Windows"}),
}


@pytest.mark.parametrize("name", UNWRITABLE)
def test_some_mistakes_of_the_system_pool_cannot_be_written(name: str) -> None:
    blamed, wrong = UNWRITABLE[name]
    with pytest.raises(ValidationError, match=blamed):
        SystemPool.model_validate({"zones": ZONES, **wrong})


@pytest.mark.parametrize("size", [99, 102_401])
def test_a_share_is_as_large_as_azure_files_sells(size: int) -> None:
    with pytest.raises(StrataError, match=r"FilesStorage\.capacity"):
        FilesStorage(kind="files", capacity=ByteSize.gib(size))


def test_the_example_stack_has_no_problem(project: Path) -> None:
    RULES.assert_example_is_right(project, "azure")


def test_the_taint_of_spot_nodes_may_be_repeated_on_them() -> None:
    taint = Taint(key="kubernetes.azure.com/scalesetpriority", value="spot")
    found = RULES.found(pools=RULES.bought(Spot(kind="spot"), taints=(taint,)))
    assert [problem.field for problem in found if "taints" in problem.field] == []
