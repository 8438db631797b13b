"""``strata permissions`` prints what the cloud takes, and says where there is nothing to allow."""

from __future__ import annotations

import argparse
import json

import pytest

from cli import permissions
from cli.__main__ import main
from stacks.definitions import OURS


def _run(stack: str, *, as_json: bool = False) -> int:
    return permissions.run(argparse.Namespace(stack=stack, json=as_json, definitions=OURS))


def test_the_document_can_be_given_to_the_cloud_as_it_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert _run("aws-foundation") == 0
    printed = capsys.readouterr()
    document = json.loads(printed.out)
    assert document["Version"] == "2012-10-17"
    assert any("eks:CreateCluster" in statement["Action"] for statement in document["Statement"])
    assert "iam create-policy" in printed.err, "what to do with it goes to the other stream"


def test_json_has_each_cloud_with_its_commands(capsys: pytest.CaptureFixture[str]) -> None:
    assert _run("gcp", as_json=True) == 0
    (found,) = json.loads(capsys.readouterr().out)
    assert found.keys() == {"package", "document", "advice"}
    assert "container.clusters.create" in found["document"]["includedPermissions"]


def test_a_cluster_on_this_machine_needs_nobody_s_permission(capsys: pytest.CaptureFixture[str]) -> None:
    assert _run("dev") == 0
    assert "makes nothing at a cloud" in capsys.readouterr().out


def test_links_are_told_to_be_unknown(capsys: pytest.CaptureFixture[str]) -> None:
    assert _run("hybrid") == 0
    assert "their rights are not listed" in capsys.readouterr().out


def test_it_is_a_command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("sys.argv", ["strata", "permissions", "dev", "--json"])
    assert main() == 0
    assert json.loads(capsys.readouterr().out) == []
