"""Whether a person asked for a run on an account, and gave what it needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.first_run.stacks import STACKS, file_of

STACK, EDITS = "STRATA_LIVE", "STRATA_LIVE_EDITS"
_BACKEND, _PASSPHRASES = "PULUMI_BACKEND_URL", ("PULUMI_CONFIG_PASSPHRASE", "PULUMI_CONFIG_PASSPHRASE_FILE")
_DEVELOPMENT = "/.strata/backend"
# What each SDK reads: AWS, SDKs and tools reference guide, settings-global; Google, provider's configuration reference;
# Azure, azure-native installation and configuration. A login of the cloud's own command line is a file in the home.
_LOGINS: Mapping[str, tuple[tuple[str, ...], str]] = {
    "first-eks": (("AWS_ACCESS_KEY_ID", "AWS_PROFILE", "AWS_WEB_IDENTITY_TOKEN_FILE"), ".aws/credentials"),
    "first-gke": (
        ("GOOGLE_APPLICATION_CREDENTIALS", "GOOGLE_CREDENTIALS", "GOOGLE_OAUTH_ACCESS_TOKEN"),
        ".config/gcloud/application_default_credentials.json",
    ),
    "first-aks": (("ARM_CLIENT_ID", "AZURE_CLIENT_ID", "ARM_USE_OIDC", "ARM_USE_MSI"), ".azure/azureProfile.json"),
}


@dataclass(frozen=True)
class Asked:
    """A run that was asked for.

    Attributes:
        stack: The stack.
        text: Its file, with the edits of the person.
    """

    stack: str
    text: str


def why_not(variables: Mapping[str, str], home: Path) -> str:
    """Why there is no run; empty where there is one.

    Args:
        variables: What the person's environment had.
        home: Their home.
    """
    stack = variables.get(STACK, "")
    if not stack:
        return f"{STACK} is not set: no account is asked for (docs/first-real-run.md)"
    if stack not in STACKS:
        return f"{STACK}={stack} is none of {', '.join(STACKS)}"
    names, login = next(found for name, found in _LOGINS.items() if stack.startswith(name))
    if not any(variables.get(name) for name in names) and not (home / login).exists():
        return f"no credentials: none of {', '.join(names)} is set, and ~/{login} is not there"
    backend = variables.get(_BACKEND, "")
    if not backend or backend.endswith(_DEVELOPMENT):
        return f"{_BACKEND} has to name a backend that outlives this run, or nobody could destroy what a crash leaves"
    if not any(name in variables for name in _PASSPHRASES):
        return f"neither {' nor '.join(_PASSPHRASES)} is set"
    if not Path(variables.get(EDITS, "")).is_file():
        return f"{EDITS} has to name a file of `old => new` lines: the stack's file has somebody else's account"
    return ""


def asked(variables: Mapping[str, str]) -> Asked:
    """The run that was asked for.

    Raises:
        ValueError: An edit is not of that form, or changes nothing.
    """
    stack = variables[STACK]
    text = file_of(stack).read_text(encoding="utf-8")
    for line in Path(variables[EDITS]).read_text(encoding="utf-8").splitlines():
        old, arrow, new = line.partition(" => ")
        if not line.strip():
            continue
        if not arrow or old not in text:
            raise ValueError(f"{line!r}: the stack's file has no {old!r}, or there is no ' => '")
        text = text.replace(old, new)
    return Asked(stack, text)
