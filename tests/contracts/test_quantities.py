from __future__ import annotations

from typing import Annotated

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from components.contracts.quantities import ByteSize, CpuAmount, Duration, size_between


class Sample(BaseModel):
    size: ByteSize = ByteSize(0)
    time: Duration = Duration(0)
    cpu: CpuAmount = CpuAmount(0)


@pytest.mark.parametrize(
    ("text", "expected"), [("80Gi", 80 * 2**30), ("1.5Ti", 1.5 * 2**40), ("100G", 100 * 10**9), ("7", 7)]
)
def test_sizes_are_read_as_kubernetes_writes_them(text: str, expected: int) -> None:
    assert ByteSize.parse(text) == expected


@pytest.mark.parametrize(("text", "expected"), [("500ms", 0.5), ("90s", 90), ("15m", 900), ("1h", 3600)])
def test_durations_carry_their_unit(text: str, expected: float) -> None:
    assert Duration.parse(text) == expected


@pytest.mark.parametrize(
    "field_and_text",
    [("size", "80GiB"), ("size", "-1Gi"), ("size", "9" * 400), ("size", "1e30"), ("size", ""), ("size", True)]
    + [("time", "15"), ("time", "15 m"), ("time", "999999h"), ("cpu", "two"), ("cpu", "-250m"), ("size", None)],
)
def test_what_is_not_a_quantity_is_refused_with_an_example(field_and_text: tuple[str, object]) -> None:
    field, text = field_and_text
    with pytest.raises(ValidationError, match=r"write it like|expected a text such as"):
        Sample.model_validate({field: text})


@given(st.integers(min_value=0, max_value=2**62))
def test_a_size_survives_being_written_and_read(size: int) -> None:
    assert ByteSize.parse(str(ByteSize(size))) == size


@given(st.integers(min_value=0, max_value=366 * 86_400_000))
def test_a_duration_survives_to_the_millisecond(milliseconds: int) -> None:
    seconds = milliseconds / 1000
    assert Duration.parse(str(Duration(seconds))) == pytest.approx(seconds, abs=1e-6)


@given(st.integers(min_value=0, max_value=10**9))
def test_a_cpu_amount_survives_being_written_and_read(millicores: int) -> None:
    assert CpuAmount.parse(str(CpuAmount(millicores))) == millicores


class Disk(BaseModel):
    size: Annotated[ByteSize, size_between("100Gi", "16Ti")]


@pytest.mark.parametrize(
    ("written", "said", "fix"),
    [
        (500, "500 is not between", "write 500Gi, with the unit"),
        ("500", "500 is not between", "write 500Gi, with the unit"),
        (5, "5 is not between", "write 100Gi or more"),
        ("99.5Gi", "99.5Gi is not between", "write 100Gi or more"),
        ("768Pi", "768Pi is not between", "write 16Ti or less"),
        ("768G", "768G is not a multiple of 1Gi", "write 716Gi"),
        ("500GB", "'500GB' is not a size", "write it like 500Gi, or 500G for powers of 1000"),
        ("2 TiB", "'2 TiB' is not a size", "write it like 2Ti"),
        ("500gi", "'500gi' is not a size", "write it like 500Gi"),
    ],
)
def test_a_wrong_size_is_shown_as_it_is_written_with_one_that_is_accepted(written: object, said: str, fix: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Disk.model_validate({"size": written})
    assert said in str(caught.value)
    assert f"; {fix} [" in str(caught.value)
    Disk.model_validate({"size": fix.removeprefix("write ").removeprefix("it like ").partition(" ")[0].rstrip(",")})
