"""Text of users made fit to be shown: no secrets, no control characters, no endless runs.

Every problem passes through here, so that nothing that was pasted into a wrong place reaches a terminal or a log.
Masking is by shape: prefixes that issuers publish, keys in PEM, tokens, passwords in addresses, and runs that look
random. Identifiers that are public and look random are still quoted: commits, digests, UUIDs, ARNs, SSH host keys,
add-ons with CSI drivers.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from itertools import pairwise

HIDDEN = "[hidden: looks like a secret]"
_LONGEST_RUN, _KEPT = 200, 60
_LONGEST_TEXT = 4_000

# Prefixes that issuers publish so that scanners find leaked keys: Hugging Face, OpenAI, AWS, GitHub, GitLab, Slack,
# NVIDIA, Google, PyPI, npm, Pulumi, Stripe, Databricks, Slack's webhooks; then PEM and JWT, what follows a scheme of
# HTTP authorization, passwords in connection strings, and the password or key of an address.
_KNOWN = re.compile(
    r"\b(?:hf_[A-Za-z0-9]{16,}|sk-[\w-]{16,}|(?:AKIA|ASIA)[A-Z0-9]{16}|gh[pousr]_[A-Za-z0-9]{16,}|github_pat_\w{20,}"
    r"|glpat-[\w-]{16,}|xox[abprs]-[\w-]{10,}|nvapi-[\w-]{16,}|AIza[\w-]{30,}|ya29\.[\w-]{20,}|pypi-[\w-]{30,}"
    r"|npm_[A-Za-z0-9]{30,}|pul-[0-9a-f]{30,}|[sr]k_live_\w{10,}|dapi[0-9a-f]{32})"
    r"|(?<=[?&]sig=)[\w%+/=-]{8,}|(?<=[?&]X-Amz-Signature=)\w+|(?<=discord\.com/api/webhooks/)\S+"
    r"|(?<=hooks\.slack\.com/services/)\w+/\w+/\w+"
    r"|(?<=[Bb]earer )[\w.~+/-]{12,}=*|(?<=[Bb]asic )(?=\S*[0-9+/=])[A-Za-z0-9+/]{12,}=*"
    r"|(?<=[Pp]assword=)[^;\s$<]+|(?<=[Pp]wd=)[^;\s$<]+|(?<=AccountKey=)[^;\s$<]+|(?<=SharedAccessKey=)[^;\s$<]+"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY(?:-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$))?"
    r"|\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.?[\w-]*"
)
_USER_INFO = re.compile(r"(?<=://)(?:[^/\s@:]*:[^/\s@]+|[0-9a-f]{32})(?=@)")
# Name and password without a scheme, as registries are given them; members of Google's policies and digests are none.
_BARE_USER_INFO = re.compile(
    r"(?<![\w:/@.-])(?!(?:group|user|serviceAccount|domain|mailto|principal|principalSet):)[\w.+-]+:[^\s:/@'\"]+"
    r"(?=@(?!sha\d+:)[\w\[])"
)
# What stands behind a name that says what it is: a parameter of an address, or a password in pasted YAML or JSON.
_NAMED = re.compile(
    r"([?&][\w.-]*(?:token|key|passw(?:or)?d|pwd|secret|sig|signature|credentials?)=)[^&\s#'\"]+"
    r"|\b(passw(?:or)?d[\"']?: *[\"']?)[^\s\"',}]+",
    re.IGNORECASE,
)
_PUBLIC = re.compile(
    r"\b(?:sha256:)?[0-9a-f]{64}\b|\b[0-9a-f]{40}\b|\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b"
    r"|\barn:[\w:/+=,.@-]+|\bSHA256:[A-Za-z0-9+/]{43}|\bAAAA(?:C3|B3|E2)[A-Za-z0-9+/=]+"
    r"|\b[A-Za-z]{3,20}CsiDriver\b",
    re.IGNORECASE,
)
_RUN = re.compile(r"[A-Za-z0-9+=!@#$%^&*~?]{20,}")
_CLASSES = (re.compile(r"[a-z]"), re.compile(r"[A-Z]"), re.compile(r"[0-9]"))
# Random base64 changes between lower case, upper case and digits at two of three places, words in camel case at
# two of five; random hexadecimal and base32 have at least 3.2 bits a character, words of that length less digits.
_CHANGES_MIXED, _CHANGES_SIMPLE, _BITS = 0.45, 0.3, 3.0


def shown(text: str) -> str:
    """The text without secrets and control characters, shortened where it has no end."""
    return _shortened(_printable(masked(text)))


def masked(text: str) -> str:
    """The text with everything hidden that looks like a secret."""
    text = _USER_INFO.sub(HIDDEN, _KNOWN.sub(HIDDEN, text))
    text = _NAMED.sub(rf"\1\2{HIDDEN}", _BARE_USER_INFO.sub(HIDDEN, text))
    parts: list[str] = []
    end = 0
    for public in _PUBLIC.finditer(text):
        parts += [_without_random(text[end : public.start()]), public.group()]
        end = public.end()
    return "".join([*parts, _without_random(text[end:])])


def excerpt(text: str, most: int = _KEPT) -> str:
    """The text to be quoted in a message: its beginning and ``…`` where it is longer than ``most`` characters."""
    return text if len(text) <= most else f"{text[:most]}…"


def looks_secret(text: str) -> bool:
    """Whether a part of the text has the shape of a secret that some issuer gives out."""
    return bool(_KNOWN.search(text) or _USER_INFO.search(text))


def _without_random(text: str) -> str:
    return _RUN.sub(lambda run: HIDDEN if _is_random(run.group()) else run.group(), text)


def _is_random(run: str) -> bool:
    kinds = [next((index for index, kind in enumerate(_CLASSES) if kind.match(char)), None) for char in run]
    present = set(kinds) - {None}
    changes = sum(first != second for first, second in pairwise(kinds)) / len(run)
    bits = -sum(count / len(run) * math.log2(count / len(run)) for count in Counter(run).values())
    if bits < _BITS or len(present) == 1:
        return False
    return changes >= (_CHANGES_MIXED if len(present) == len(_CLASSES) else _CHANGES_SIMPLE)


def _printable(text: str) -> str:
    """Control characters, line ends and characters that change the direction of text as escapes."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)


def _shortened(text: str) -> str:
    def cut(run: re.Match[str]) -> str:
        return f"{run.group()[:_KEPT]}… ({len(run.group()):,} characters)"

    text = re.sub(rf"\S{{{_LONGEST_RUN},}}", cut, text)
    return text if len(text) <= _LONGEST_TEXT else f"{text[:_LONGEST_TEXT]}… ({len(text):,} characters)"
