"""Stack files of the project, changed for a test: a text in them, or a place in their value."""

from __future__ import annotations

from pathlib import Path

from stacks.yaml_file import Value

Place = tuple["str | int", ...]


def replace_text(source: Path, target: Path, stack: str, old: str, new: str) -> None:
    """Write the stack's file of one folder to another, with one text replaced.

    Args:
        source: Folder with the file.
        target: Folder of the changed one; it may be the same.
        stack: Name of the stack.
        old: What has to be there.
        new: What stands in its place, once.
    """
    name = f"Pulumi.{stack}.yaml"
    text = (source / name).read_text()
    assert old in text, f"{name} no longer holds {old!r}; the test would change nothing"
    (target / name).write_text(text.replace(old, new, 1))


def at(value: Value, place: Place) -> Value:
    """What is at a place.

    Raises:
        LookupError: There is no such place.
    """
    for part in place:
        match value, part:
            case dict(), str():
                value = value[part]
            case list(), int():
                value = value[part]
            case _:
                raise LookupError(place)
    return value


def put(into: Value, place: Place, value: Value) -> None:
    """Set what is at a place, or add it to a mapping."""
    match at(into, place[:-1]), place[-1]:
        case dict() as inside, str(key):
            inside[key] = value
        case list() as inside, int(index):
            inside[index] = value
        case _:
            raise LookupError(place)


def remove(value: Value, place: Place) -> None:
    """Remove a key, which need not be there."""
    inside, key = at(value, place[:-1]), place[-1]
    assert isinstance(inside, dict)
    assert isinstance(key, str)
    inside.pop(key, None)
