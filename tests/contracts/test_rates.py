"""Rates are read with their unit, and written as they are read."""

from __future__ import annotations

import pytest

from components.clusters.eks.settings import LustreStorage
from components.contracts.errors import StrataError
from components.contracts.quantities import ByteSize
from components.contracts.rates import DataRate


@pytest.mark.parametrize(
    ("text", "bytes_per_second"),
    [("300MB/s", 3e8), ("5GB/s", 5e9), ("1.5GiB/s", 1.5 * 2**30), ("40Gbps", 5e9), ("8Mbps", 1e6)],
)
def test_a_rate_is_read_in_bytes(text: str, bytes_per_second: float) -> None:
    rate = DataRate(text)
    assert rate == pytest.approx(bytes_per_second)
    assert DataRate(str(rate)) == pytest.approx(rate)


@pytest.mark.parametrize("text", ["300", "300MB", "300 MB/s", "-1MB/s", "0MB/s", "1e9MB/s", "9999999GB/s", "300mb/s"])
def test_what_is_no_rate_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(StrataError, match="300MB/s"):
        DataRate(text)


def test_a_file_system_is_sold_by_what_it_reads_for_each_tib() -> None:
    def lustre(throughput: object) -> LustreStorage:
        return LustreStorage.model_validate(
            {"zone": "us-east-2a", "capacity": ByteSize("4800Gi"), "throughput": throughput}
        )

    assert lustre("250MB/s/TiB") == lustre(250), "programs may pass the number"
    assert '"throughput":"250MB/s/TiB"' in lustre(250).model_dump_json()
    for wrong in (300, "300MB/s/TiB", "250", True, 250.5):
        with pytest.raises(ValueError, match="write one of 125MB/s/TiB, 250MB/s/TiB"):
            lustre(wrong)
