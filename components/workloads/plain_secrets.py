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
    *("credential", "credentials", "creds", "apikey", "apikeys", "accesskey", "privatekey", "authorization"),
)
_PASSWORDS = ("password", "passwords", "passwd", "passphrase", "apikey", "apikeys", "accesskey", "privatekey")
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
    # A path of two parts or more, another variable, a placeholder, a word of settings.
    r"|(\.{0,2}|~)(/[\w.-]+){2,}|file:.*|\$\([A-Za-z_]\w*\)|\$\{[A-Za-z_]\w*\}|\$[A-Za-z_]\w*|<[\w -]+>"
    r"|(?i:true|false|yes|no|on|off|none|null|enabled|disabled|required|optional)"
)
_NUMBER = re.compile(r"[\d.,_]+[kKmM]?")
# NAME=value and --name=value, with or without quotes; "name": "value"; Name: value of a header.
_PAIRS = (
    re.compile(r"(?<![\w/])-{0,2}([A-Za-z][\w-]*)=[\"']?([^\s;&|\"',]+)"),
    re.compile(r"[\"']([A-Za-z][\w-]*)[\"']\s*:\s*[\"']([^\"']+)[\"']"),
    re.compile(r"(?<!\S)--([A-Za-z][\w-]*)\s+(?!-)(\S+)"),
    re.compile(r"^([A-Za-z][\w-]*):\s+(\S+)$"),
)
_OPTION = re.compile(r"--?([A-Za-z][\w-]*)")
_LOGIN = re.compile(r"(?:^|\s)(?:-u|--user)(?:\s+|=|$)")
"""Options of programs such as curl that take a name and a password, joined by a colon."""


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
    """Whether a secret is written where it can be read: by its shape, by the name of what holds it, or inside of it."""
    if looks_secret(value) or any(_is_secret(*pair) for form in _PAIRS for pair in form.findall(value)):
        return True
    return _is_secret(name, value)


def _is_secret(name: str, value: str) -> bool:
    counts_tokens = "token" in name.lower() and _NUMBER.fullmatch(value)
    return names_secret(name) and not counts_tokens and not _HARMLESS.fullmatch(value)


def holds_password(key: str) -> bool:
    """Whether a label or an annotation, whose values people choose more freely than those of variables, is a secret."""
    words = [word.lower() for word in _WORDS.findall(key.rpartition("/")[2])]
    return bool(words) and ("".join(words[-2:]).endswith(_PASSWORDS) or words[-1].endswith(_PASSWORDS))


def command_problems(command: Sequence[str], field: str) -> Iterator[Problem]:
    """Secrets in a program's arguments, as ``--password=x``, ``--password x`` or ``export PASSWORD=x``.

    Args:
        command: Program and arguments.
        field: Path of the list.
    """
    for position, argument in enumerate(command):
        before = command[position - 1] if position else ""
        option = _OPTION.fullmatch(before)
        follows = option is not None and not argument.startswith("-") and _is_secret(option[1], argument)
        login = _LOGIN.search(f"{before} ") and re.fullmatch(r"[^\s:/]+:[^\s/$]+", argument)
        inline = re.search(r"(?:^|\s)(?:-u|--user)[\s=]+[^\s:/]+:[^\s/$]+", argument)
        if is_plain_secret("", argument) or follows or login or inline:
            yield plain_secret_problem(f"{field}[{position}]", "the argument holds a secret")


def plain_secret_problem(field: str, cause: str, *, is_variable: bool = True) -> Problem:
    """A secret that others can read.

    Args:
        field: Where it is written.
        cause: Why it is taken for one.
        is_variable: Whether a variable can take its place.
    """
    named = "put it into a Secret of the namespace"
    return Problem(
        field=field,
        cause=cause,
        consequence="everybody who can read the file, the state or the pod could read it",
        fix=f"{named} and name it under secret_environment: {{secret: …, key: …}}" if is_variable else named,
    )
