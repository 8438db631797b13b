"""Which top-level keys of a file hold secrets, and what is wrong with the names under ``secrets``.

A value under ``secrets`` is the name of a key; people paste the secret itself there, so it is quoted nowhere
unless it is a name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pydantic import BaseModel

from components.contracts.config_keys import KEY_PATTERN
from components.contracts.errors import Problem, nearest
from components.contracts.shown_text import masked
from components.contracts.validation import Location, render
from components.networks.interconnect.settings import LinkSecrets

from .project import PROJECT
from .settings import SECRET_NAMES
from .yaml_file import Value

_OF_LINKS = frozenset(LinkSecrets.model_fields)
"""Settings with a key for each link."""
_WORDS = frozenset({"token", "key", "secret", "psk", "vpn", "bgp", "ssh", "hf", "hub", "auth", "credential"})
"""Words that names of keys have."""
_FIELDS = frozenset(field for names in SECRET_NAMES for field in names.model_fields)


@dataclass(frozen=True, kw_only=True)
class SecretReferences:
    """Names under ``secrets``, and the keys that hold secrets.

    Attributes:
        names: The names, by the place where they are written.
        unusable: Places whose value cannot be a name.
        encrypted: Top-level keys whose value is encrypted.
        nested: Places inside settings that are encrypted.
        settings: Names of settings, which hold no secrets.
    """

    names: Mapping[Location, str]
    unusable: frozenset[Location]
    encrypted: frozenset[str]
    nested: frozenset[Location]
    settings: frozenset[str]

    @classmethod
    def of(cls, values: Mapping[str, Value], encrypted: frozenset[str], settings: frozenset[str]) -> SecretReferences:
        """The names that the values below ``strata:`` have under ``secrets``."""
        written = dict(_written(values.get("secrets")))
        names = {place: text for place, text in written.items() if _is_name(text) and text not in settings}
        unusable = frozenset(written.keys() - names.keys())
        nested = frozenset(
            place for key, value in values.items() if key not in encrypted for place in _encrypted_in(value, (key,))
        )
        return cls(names=names, unusable=unusable, encrypted=encrypted, nested=nested, settings=settings)

    @property
    def named(self) -> frozenset[str]:
        """Top-level keys that are named."""
        return frozenset(self.names.values())

    def covers(self, path: str) -> bool:
        """Whether a problem with this path, such as ``target.name``, follows from one that is found here."""
        places = [*self.unusable, *self.nested, *((key,) for key in self.encrypted & self.settings)]
        return any(f"{path}.".startswith((f"{render(place)}.", f"{render(place)}[")) for place in places)

    def open_values(self, values: Mapping[str, Value]) -> dict[str, Value]:
        """The values that are settings."""
        hidden = self.named | self.encrypted
        return {key: value for key, value in values.items() if key not in hidden}

    def problems(self, values: Mapping[str, Value], kinds: type[BaseModel] | None) -> list[Problem]:
        """What is wrong with the names, and with the keys that they name.

        Args:
            values: Everything below ``strata:``.
            kinds: What may be below ``secrets`` in such a stack; None where it may have none.
        """
        found = [_not_a_name(place) for place in sorted(self.unusable, key=str)]
        settings = [*((key,) for key in sorted(self.encrypted & self.settings)), *sorted(self.nested, key=str)]
        found += [_encrypted_setting(place) for place in settings]
        for place, name in sorted(self.names.items(), key=str):
            if name not in self.encrypted:
                found.append(_missing(place, name, plain=name in values, encrypted=self.encrypted - self.named))
        # A key that nothing names is what a value in place of its name, or of all names, leaves behind.
        if not found and _has_form(values.get("secrets")):
            unnamed = sorted(self.encrypted - self.named)
            found += (
                [_unnamed(unnamed, kinds)]
                if unnamed and not self.names
                else [_unnamed([key], kinds) for key in unnamed]
            )
        return found


def _has_form(secrets: Value) -> bool:
    """Whether names can be read below ``secrets``; what else is there is refused by its type."""
    if secrets is None:
        return True
    return isinstance(secrets, dict) and all(
        isinstance(secrets.get(field), dict if field in _OF_LINKS else str) for field in secrets.keys() & _FIELDS
    )


def _written(secrets: Value) -> Iterator[tuple[Location, str]]:
    if not isinstance(secrets, dict):
        return
    for field in secrets.keys() & _FIELDS:
        match secrets[field]:
            case str(text):
                yield ("secrets", field), text
            case dict(named):
                yield from ((("secrets", field, key), text) for key, text in named.items() if isinstance(text, str))
            case _:
                pass


def _encrypted_in(value: Value, place: Location) -> Iterator[Location]:
    match value:
        case {"secure": _} if len(value) == 1:
            yield place
        case dict():
            for key, inner in value.items():
                yield from _encrypted_in(inner, (*place, key))
        case list():
            for index, inner in enumerate(value):
                yield from _encrypted_in(inner, (*place, index))
        case _:
            pass


def _is_name(text: str) -> bool:
    return re.fullmatch(KEY_PATTERN, text) is not None and masked(text) == text


def _encrypted_setting(place: Location) -> Problem:
    return Problem(
        field=render(place),
        cause="is encrypted, and a setting is no secret",
        consequence="nobody could review it, and it cannot be read before the run",
        fix=f"write it in plain text; `pulumi config get {place[0]}` shows it",
    )


def _not_a_name(place: Location) -> Problem:
    key = re.sub(r"[^A-Za-z0-9]+(\w?)", lambda found: found[1].upper(), str(place[-1]))
    return Problem(
        field=render(place),
        cause="holds something else than the name of a key, perhaps the secret itself",
        consequence="a secret in this file can be read by everybody who has it",
        fix=f"write {key} here and run `pulumi config set --secret {key}`; if it was a secret, replace it",
    )


def _missing(place: Location, name: str, *, plain: bool, encrypted: frozenset[str]) -> Problem:
    if plain:
        return Problem(
            field=f"{PROJECT}:{name}",
            cause="is not encrypted",
            consequence="state and logs would contain it as plain text",
            fix=f"pulumi config set --secret {name}",
        )
    consequence, near = "what needs it cannot start", nearest(name, encrypted)
    if near:
        cause, fix = "names a key that is not set", f"did you mean {near!r}?"
        return Problem(field=render(place), cause=cause, consequence=consequence, fix=fix)
    if not _tells_its_purpose(name, place):
        return _not_a_name(place)
    return Problem(
        field=f"{PROJECT}:{name}",
        cause=f"is named by {render(place)} and not set",
        consequence=consequence,
        fix=f"pulumi config set --secret {name}",
    )


def _tells_its_purpose(name: str, place: Location) -> bool:
    """Whether it has a word of its place or of secrets; any other short text may be a password."""
    around = {word for part in place for word in _words_of(str(part))}
    return bool(_words_of(name) & (around | _WORDS))


def _words_of(text: str) -> set[str]:
    return {word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", text)}


def _unnamed(keys: Sequence[str], kinds: type[BaseModel] | None) -> Problem:
    fields = kinds.model_fields if kinds else {}
    field = nearest(keys[0], fields) or next(iter(fields), "")
    of_links = kinds is not None and issubclass(kinds, LinkSecrets)
    example = f"{field}: {{<link>: {keys[0]}}}" if of_links else f"{field}: {keys[0]}"
    more = f" (and {', '.join(keys[1:])})" if keys[1:] else ""
    return Problem(
        field=f"{PROJECT}:{keys[0]}",
        cause=f"is a secret that no setting under secrets names{more}",
        consequence="nothing would use it",
        fix=f"name it under secrets, such as `{example}`, or remove it" if fields else "remove it",
    )
