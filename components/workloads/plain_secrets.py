"""Secrets written in plain text: by their shape, by the name of what holds them, or in a command line.

A name is read by its words: ``OPENAI_KEY`` and ``example.com/password`` hold a secret, ``SECRET_NAME``,
``TOKEN_LIMIT`` and ``PASSWORD_FILE`` say something about one. Values that cannot be a secret (numbers of tokens,
paths, references to other variables, switches) are let through.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ..contracts.errors import Problem
from ..contracts.shown_text import looks_secret

_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_ENDINGS = (
    *("password", "passwords", "passwd", "passphrase", "passcode", "secret", "secrets", "token", "tokens"),
    *("credential", "credentials", "apikey", "apikeys", "accesskey", "privatekey", "authorization"),
)
_WORDS_BESIDE_OTHERS = frozenset({"pass", "pwd", "pat", "auth", "dsn", "webhook"})
"""Secrets only beside another word: ``DB_PASS`` is one, ``PWD`` the working directory."""
_NOT_SECRET_KEYS = frozenset(
    {
        *("primary", "foreign", "sort", "partition", "shard", "hash", "cache", "public", "routing", "index", "row"),
        *("object", "group", "label", "tag", "map", "metric", "config", "idempotency", "dedup", "message"),
    }
)
"""What stands before ``KEY`` where the key opens nothing."""
_ABOUT_A_SECRET = frozenset(
    {
        *("file", "files", "path", "dir", "name", "names", "id", "ids", "ref", "url", "uri", "endpoint", "host"),
        *("limit", "limits", "count", "size", "length", "budget", "rate", "ttl", "timeout", "interval", "expiry"),
        *("expiration", "window", "rotation", "type", "types", "mode", "method", "policy", "provider", "backend"),
        *("store", "manager", "scope", "issuer", "audience", "header", "field", "column", "prefix", "suffix"),
        *("algorithm", "version", "enabled", "disabled", "required", "per", "second", "minute", "usage", "threshold"),
        *("parallelism", "env", "namespace", "owner", "team"),
    }
)
_HARMLESS = re.compile(
    r"|[./~][\w./~-]*|file:.*|\$.*|<.*|%.*|(?i:true|false|yes|no|on|off|none|null|enabled|disabled|required|optional)"
)
_NUMBER = re.compile(r"[\d.,_]+[kKmM]?")
_ASSIGNED = re.compile(r"(?<![\w/])-{0,2}([A-Za-z][\w-]*)=([^\s;&|\"']+)")
_OPTION = re.compile(r"--?([A-Za-z][\w-]*)")
_OPTION_WITH_VALUE = re.compile(r"(?<!\S)--([A-Za-z][\w-]*)\s+(?!-)(\S+)")


def names_secret(name: str) -> bool:
    """Whether what has this name holds a secret.

    Args:
        name: Of a variable, an option without dashes, a label or an annotation without its domain.
    """
    words = [word.lower() for word in _WORDS.findall(name)]
    if not words or words[-1] in _ABOUT_A_SECRET:
        return False
    if any(word.endswith(_ENDINGS) for word in words):
        return True
    if len(words) > 1 and words[-1] in {"key", "keys"}:
        return words[-2] not in _NOT_SECRET_KEYS
    return len(words) > 1 and words[-1] in _WORDS_BESIDE_OTHERS


def is_plain_secret(name: str, value: str) -> bool:
    """Whether a secret is written where it can be read: by its shape, or by the name of what holds it."""
    if looks_secret(value):
        return True
    counts_tokens = name.lower().endswith(("token", "tokens")) and _NUMBER.fullmatch(value)
    return names_secret(name) and not counts_tokens and not _HARMLESS.fullmatch(value)


def command_problems(command: Sequence[str], field: str) -> Iterator[Problem]:
    """Secrets in a program's arguments, as ``--password=x``, ``--password x`` or ``export PASSWORD=x``.

    Args:
        command: Program and arguments.
        field: Path of the list.
    """
    for position, argument in enumerate(command):
        before = _OPTION.fullmatch(command[position - 1]) if position else None
        follows = before is not None and not argument.startswith("-") and is_plain_secret(before[1], argument)
        pairs = [*_ASSIGNED.findall(argument), *_OPTION_WITH_VALUE.findall(argument)]
        if looks_secret(argument) or follows or any(is_plain_secret(name, value) for name, value in pairs):
            yield plain_secret_problem(f"{field}[{position}]", "the argument holds a secret")


def plain_secret_problem(field: str, cause: str) -> Problem:
    """A secret that others can read."""
    return Problem(
        field=field,
        cause=cause,
        consequence="everybody who can read the file, the state or the pod could read it",
        fix="put it into a Secret of the namespace and name it under secret_environment: {secret: …, key: …}",
    )
