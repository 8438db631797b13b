"""Each environment that the engine provisions has one simulated counterpart, under its provider's name."""

from __future__ import annotations

from collections import Counter

import pytest

from components.clusters.environment import AnyEnvironment, Environment
from components.clusters.environments import ENVIRONMENTS
from simulation.clouds.clouds import PACKAGES, TWINS, Twin, cloud_of


def is_provisioned(environment: AnyEnvironment) -> bool:
    assert isinstance(environment, Environment)
    return environment.presence.is_provisioned


def kind_of(environment: AnyEnvironment) -> str:
    """The package of an environment is named as its ``target.kind``."""
    return environment.settings.__module__.split(".")[-2]


def test_every_environment_that_is_provisioned_has_one_twin() -> None:
    provisioned = [kind_of(environment) for environment in ENVIRONMENTS if is_provisioned(environment)]
    assert Counter(twin.environment for twin in TWINS) == Counter(provisioned)


@pytest.mark.parametrize("twin", TWINS, ids=lambda twin: twin.package)
def test_a_twin_is_found_by_its_package_and_has_that_name(twin: Twin) -> None:
    assert cloud_of(twin.package) is twin.load()
    assert cloud_of(twin.package).package == twin.package


def test_no_two_environments_share_a_package() -> None:
    assert len(set(PACKAGES)) == len(TWINS)


def test_a_package_without_a_twin_is_not_simulated() -> None:
    with pytest.raises(KeyError):
        cloud_of("kubernetes")
