"""CloudNativePG, from its release's manifest, runs a database of two and promotes the other when the first is gone."""

from __future__ import annotations

import pytest
from pydantic import JsonValue

from simulation.live.images.controllers import CLOUD_NATIVE_PG, POSTGRESQL
from tests.live.controllers.stack import Stack

pytestmark = [pytest.mark.engine, pytest.mark.live, pytest.mark.slow]
_SPACE = "cnpg-system"
_CLUSTER: dict[str, JsonValue] = {
    "apiVersion": "postgresql.cnpg.io/v1",
    "kind": "Cluster",
    "metadata": {"name": "state", "namespace": "default"},
    "spec": {
        "instances": 2,
        "imageName": POSTGRESQL.reference(),
        "storage": {"size": "1Gi", "storageClass": "strata-block"},
        "resources": {"requests": {"cpu": "100m", "memory": "256Mi"}, "limits": {"memory": "512Mi"}},
    },
}


def _primary(stack: Stack) -> str:
    return stack.asked("get", "cluster", "state", "-o", "jsonpath={.status.currentPrimary}")


def _said(stack: Stack, statement: str) -> str:
    """What the primary answers; nothing while there is none."""
    program = ("psql", "-U", "postgres", "-d", "app", "-Atc", statement)
    return stack.asked("exec", _primary(stack), "-c", "postgres", "--", *program)


def test_its_operator_is_ready(stack: Stack) -> None:
    stack.pushed(CLOUD_NATIVE_PG.reference(), POSTGRESQL.reference())
    stack.applied_from("github.com/cloudnative-pg/cloudnative-pg@v1.30.0", "releases/cnpg-1.30.0.yaml")
    stack.rolled_out(_SPACE, "deployment/cnpg-controller-manager")


def test_a_row_survives_the_primary_that_wrote_it(stack: Stack) -> None:
    def told() -> str:
        return stack.asked("describe", "clusters.postgresql.cnpg.io") + stack.about("default") + stack.about(_SPACE)

    def whole() -> bool:
        return stack.asked("get", "cluster", "state", "-o", "jsonpath={.status.readyInstances}") == "2"

    stack.within(lambda: stack.made(_CLUSTER), told)
    print(f"\ntwo instances ready after {stack.within(whole, told, 240):.0f} s")
    stack.within(lambda: _said(stack, "CREATE TABLE kept (what text)") == "CREATE TABLE", told)
    assert _said(stack, "INSERT INTO kept VALUES ('one') RETURNING what").startswith("one")
    first = _primary(stack)
    stack.box.kubectl("delete", "pod", first, "--force", "--grace-period=0")
    took = stack.within(lambda: _primary(stack) != first and _said(stack, "SELECT what FROM kept") == "one", told)
    print(f"\nthe other answers with the row after {took:.0f} s")
    stack.within(whole, told)
    stack.box.kubectl("delete", "cluster", "state")
