"""Settings that move to another mapping take their comments along, in every way that YAML is written."""

from __future__ import annotations

import pytest
import yaml

from stacks.yaml_edit import Pair, applied, node_at

MOVES = {
    "a list in one line": (
        """\
target:
  # Three, for etcd.
  zones: [a, b]  # as sold
  network:
    kind: create  # ours
  name: x
""",
        """\
target:
  network:
    kind: create  # ours
    # Three, for etcd.
    places: [a, b]  # as sold
  name: x
""",
    ),
    "a list over lines, behind the mapping": (
        """\
target:
  network:
      kind: create

  # These.
  zones:
    - a  # first
    - b
  # Of the name.
  name: x
""",
        """\
target:
  network:
      kind: create
      # These.
      places:
        - a  # first
        - b

  # Of the name.
  name: x
""",
    ),
    "into a mapping in braces": (
        "target:\n  zones: [a, b]\n  network: {kind: create}  # ours\n",
        "target:\n  network: {kind: create, places: [a, b]}  # ours\n",
    ),
    "out of braces": (
        "target: {zones: [a, b], network: {kind: create}}\n",
        "target: {network: {kind: create, places: [a, b]}}\n",
    ),
    "last of braces": (
        "target: {network: {kind: create}, zones: [a, b]}\n",
        "target: {network: {kind: create, places: [a, b]}}\n",
    ),
    "at the end of a file without a last line end": (
        "target:\n  zones: [a]\n  network:\n    kind: create",
        "target:\n  network:\n    kind: create\n    places: [a]\n",
    ),
    "with line ends of Windows": (
        "target:\r\n  # Why.\r\n  zones: [a]\r\n  network:\r\n    kind: create\r\n",
        "target:\r\n  network:\r\n    kind: create\r\n    # Why.\r\n    places: [a]\r\n",
    ),
}


def moved(text: str) -> str:
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    pair = Pair.at(root, ("target", "zones"))
    return applied(text, pair.moved(text, node_at(root, ("target", "network")), "places", None))


@pytest.mark.parametrize("name", MOVES)
def test_a_setting_moves_with_its_comments(name: str) -> None:
    before, after = MOVES[name]
    assert moved(before) == after


@pytest.mark.parametrize(
    "text",
    [
        "target:\n  zones:\n    - a\n  network: {kind: create}\n",
        "target:\n  zones: [a]  # kept?\n  network: {kind: create}\n",
        "target: {zones: [a]}\n",
    ],
)
def test_what_would_lose_a_comment_or_its_form_is_left_alone(text: str) -> None:
    with pytest.raises(LookupError):
        moved(text)


def test_two_that_move_to_one_place_keep_their_order() -> None:
    text = "target:\n  network:\n    kind: create\n  pods: 1\n  services: 2\n"
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    network = node_at(root, ("target", "network"))
    edits = [
        edit
        for name in ("pods", "services")
        for edit in Pair.at(root, ("target", name)).moved(text, network, name, None)
    ]
    assert applied(text, edits) == "target:\n  network:\n    kind: create\n    pods: 1\n    services: 2\n"
