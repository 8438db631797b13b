"""How many nodes the repair takes at once, and that it obeys whoever takes one back; the API server is a few lines."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from components.services.repair_program import ANNOTATION, DRAINED, Api, Repair

CONDITION = "GpuXidError"


@dataclass
class _Host:
    """A node as the API server keeps it; its pods are gone as soon as they are asked for."""

    reason: str = ""
    boot: str = "first"
    is_cordoned: bool = False
    done: str | None = None

    def shown(self, name: str) -> Mapping[str, object]:
        ill = {"type": CONDITION, "status": str(bool(self.reason)), "reason": self.reason or "NoGpuXidError"}
        return {
            "metadata": {"name": name, "resourceVersion": "1", "annotations": {ANNOTATION: self.done}},
            "spec": {"unschedulable": True} if self.is_cordoned else {},
            "status": {"nodeInfo": {"bootID": self.boot}, "conditions": [ill]},
        }

    @property
    def state(self) -> str:
        return json.loads(self.done)["state"] if self.done else ""


@dataclass(frozen=True)
class _Site(Api):
    """Its nodes by name."""

    hosts: dict[str, _Host] = field(default_factory=dict[str, _Host])

    def call(self, method: str, path: str, body: object = None, kind: str = "application/json") -> dict[str, object]:
        del kind
        if path == "/api/v1/nodes":
            return {"items": [host.shown(name) for name, host in self.hosts.items()]}
        if method == "PATCH":
            asked = json.loads(json.dumps(body))
            host = self.hosts[path.rpartition("/")[2]]
            host.done = asked["metadata"]["annotations"][ANNOTATION]
            host.is_cordoned = bool(asked["spec"]["unschedulable"])
        return {"items": []}

    def looked_at(self, times: int, nodes_at_once: int = 1, nodes_out: int | None = None) -> list[str]:
        """Names of the nodes that are out of service after so many looks."""
        for _ in range(times):
            Repair(self, CONDITION, nodes_at_once, nodes_out).look()
        return [name for name, host in self.hosts.items() if host.is_cordoned]


def a_site(size: int, tmp_path: Path, reason: str = "Xid79") -> _Site:
    return _Site(
        server="", token_file=tmp_path, trust=None, hosts={f"h{place}": _Host(reason=reason) for place in range(size)}
    )


@pytest.mark.parametrize(("size", "out"), [(1, 1), (4, 1), (10, 2), (23, 4)])
def test_an_error_on_every_node_takes_a_fifth_of_them(size: int, out: int, tmp_path: Path) -> None:
    assert len(a_site(size, tmp_path).looked_at(60, nodes_at_once=10)) == out


def test_the_limit_is_a_setting_and_nodes_that_are_empty_count(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    site = a_site(4, tmp_path)
    assert site.looked_at(1, nodes_out=3) == ["h0"]
    assert site.looked_at(20, nodes_out=3) == ["h0", "h1", "h2"]
    assert {host.state for host in site.hosts.values() if host.is_cordoned} == {DRAINED}
    assert "3 nodes are out of service, and 3 may be; these stay in it: h3 (Xid79)" in capsys.readouterr().out


def test_a_node_that_was_booted_again_makes_place_for_the_next(tmp_path: Path) -> None:
    site = a_site(2, tmp_path)
    site.looked_at(3)
    site.hosts["h0"].boot, site.hosts["h0"].reason = "second", ""
    assert site.looked_at(2) == ["h1"]


def test_whoever_takes_a_node_back_is_obeyed_until_it_has_another_error_or_was_booted(tmp_path: Path) -> None:
    site = a_site(1, tmp_path)
    host = site.hosts["h0"]
    assert site.looked_at(1) == ["h0"]
    # A driver tells what it wants done in a second error.
    host.reason = "Xid154"
    assert site.looked_at(2) == ["h0"]
    host.is_cordoned = False
    assert site.looked_at(5) == []
    host.reason = "Xid79"
    assert site.looked_at(5) == [], "it is what the node was taken out for"
    host.reason = "Xid95"
    assert site.looked_at(1) == ["h0"], "another error than those"
    host.is_cordoned, host.boot = False, "second"
    assert site.looked_at(1) == ["h0"], "the same error after a boot"
