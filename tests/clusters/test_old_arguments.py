"""Programs may use the names and words of the last release; they are told the present ones."""

from __future__ import annotations

import pytest

from components.clusters.aks.args import AksClusterArgs
from components.clusters.aks.settings import FilesStorage, OsDisk
from components.clusters.aks.settings import LustreStorage as AzureLustre
from components.clusters.aks.settings import Support as AksSupport
from components.clusters.eks.args import EksClusterArgs
from components.clusters.eks.settings import LustreStorage as FsxLustre
from components.clusters.eks.settings import Support as EksSupport
from components.clusters.gke.settings import FilestoreStorage, HyperdiskMlStorage
from components.clusters.gke.settings import LustreStorage as GoogleLustre
from components.clusters.kubeadm.settings import NfsStorage
from components.contracts.errors import StrataError
from components.contracts.model import Contract
from components.contracts.quantities import ByteSize
from components.contracts.rates import DataRate
from tests.clusters.aks import pools as aks
from tests.clusters.eks import pools as eks
from tests.untyped import untyped

LUSTRE = {"zone": "z-1", "throughput": 250}
CASES: list[tuple[type[Contract], dict[str, object], dict[str, object]]] = [
    (FilesStorage, {"capacity_gib": 4096}, {"capacity": ByteSize("4Ti")}),
    (AzureLustre, {**LUSTRE, "capacity_tib": 16}, {**LUSTRE, "capacity": ByteSize("16Ti")}),
    (OsDisk, {"gpu_gib": 600, "cpu_gib": 200}, {"gpu": ByteSize("600Gi"), "cpu": ByteSize("200Gi")}),
    (FsxLustre, {**LUSTRE, "capacity_gib": 4800}, {**LUSTRE, "capacity": ByteSize("4800Gi")}),
    (GoogleLustre, {**LUSTRE, "capacity_gib": 36000}, {**LUSTRE, "capacity": ByteSize("36000Gi")}),
    (FilestoreStorage, {"capacity_gib": 2560}, {"capacity": ByteSize("2560Gi")}),
    (HyperdiskMlStorage, {"zone": "z-1", "capacity_gib": 100}, {"zone": "z-1", "capacity": ByteSize("100Gi")}),
    (
        NfsStorage,
        {"server": "nas", "share": "/models", "read_mb_per_second": 5000.0},
        {"server": "nas", "share": "/models", "read_bandwidth": DataRate("5GB/s")},
    ),
]


@pytest.mark.parametrize(("kind", "old", "new"), CASES, ids=lambda value: getattr(value, "__name__", ""))
def test_an_old_argument_is_taken_with_a_warning(
    kind: type[Contract], old: dict[str, object], new: dict[str, object]
) -> None:
    with pytest.warns(FutureWarning, match=r"is written \w+='[^']+' now"):
        taken = untyped(kind, old)
    assert taken == untyped(kind, new)
    assert {argument.old for argument in kind.old_arguments} == old.keys() - new.keys()


def test_both_names_at_once_are_refused() -> None:
    with pytest.raises(StrataError, match=r"FilesStorage\.capacity_gib"):
        untyped(FilesStorage, {"capacity_gib": 4096, "capacity": ByteSize("4Ti")})


@pytest.mark.parametrize("value", [True, -1, "4096", None])
def test_a_wrong_value_is_refused(value: object) -> None:
    with pytest.raises(StrataError, match="capacity_gib"):
        untyped(FilesStorage, {"capacity_gib": value})


def test_words_of_support_are_taken_as_before() -> None:
    assert AksSupport(AksSupport.LONG_TERM) is AksSupport.EXTENDED
    assert AksSupport("AKSLongTermSupport") is AksSupport.EXTENDED
    assert EksSupport("EXTENDED") is EksSupport.EXTENDED
    azure = untyped(AksClusterArgs, {**vars(AksClusterArgs.of(aks.target(), ())), "support": "AKSLongTermSupport"})
    amazon = untyped(EksClusterArgs, {**vars(EksClusterArgs.of(eks.target(), ())), "support": "EXTENDED"})
    assert azure.settings("lab").support is AksSupport.EXTENDED
    assert amazon.settings("lab").support is EksSupport.EXTENDED
