"""``strata permissions``: what whoever deploys a stack has to be allowed, from what the stack's program registers.

Nothing is started and nobody is asked: the program runs against mocks of the engine.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass

from rich.markup import escape

from components.clusters.deployer_rights import Declared, DeployerRights, Json
from components.contracts.errors import StrataError
from stacks.definitions import Definitions
from stacks.recording import Registered

from . import rendering
from .console import err, say
from .definitions import definitions_of
from .stack import LoadedStack, load_stack


@dataclass(frozen=True, kw_only=True)
class Permissions:
    """What a stack needs at one cloud.

    Attributes:
        package: The provider's package, such as ``kubernetes``.
        document: The rights in the cloud's own form.
        advice: Commands that put it in place.
    """

    package: str
    document: dict[str, Json]
    advice: Sequence[str]


def run(arguments: argparse.Namespace) -> int:
    """Print a document for each cloud; the commands that put it in place go to the other stream."""
    definitions = definitions_of(arguments)
    stack = load_stack(arguments.stack, definitions)
    found = permissions_of(stack, definitions)
    if arguments.json:
        print(json.dumps([vars(each) for each in found], indent=2))
        return 0
    for each in found:
        print(json.dumps(each.document, indent=2))
        for line in each.advice:
            err.print(f"[bold]{escape(each.package)}[/]: {escape(line)}")
    if not found and stack.model.sessions_output:
        say(f"links of stack {stack.name} are known once their environments are up; their rights are not listed")
    elif not found:
        say(f"stack {stack.name} makes nothing at a cloud; the rights in its cluster are those of its kubeconfig")
    return 0


def permissions_of(stack: LoadedStack, definitions: Definitions) -> list[Permissions]:
    """What the stack needs at each cloud.

    Raises:
        StrataError: A type is declared whose rights are not known.
    """
    return of_resources(stack.name, rendering.recorded(stack), definitions)


def of_resources(stack: str, recorded: Sequence[Registered], definitions: Definitions) -> list[Permissions]:
    """What resources need at each cloud.

    Args:
        stack: Name of the stack that registers them.
        recorded: The resources.
        definitions: The environments that know of clouds.

    Raises:
        StrataError: A type is declared whose rights are not known.
    """
    resources = [Declared(made.token, made.inputs) for made in recorded]
    known = [environment.deployer_rights() for environment in definitions.environments]
    return [found for rights in known if rights for found in _of_cloud(stack, rights, resources)]


def _of_cloud(stack: str, rights: DeployerRights, resources: Sequence[Declared]) -> list[Permissions]:
    try:
        wanted = rights.wanted(stack, resources)
    except LookupError as error:
        raise StrataError.of(
            f"stack {stack}",
            cause=str(error),
            consequence="a document without them would let the first `up` end halfway",
            fix=f"add them to {rights.table.name}, with their source",
        ) from None
    if wanted is None:
        return []
    return [Permissions(package=rights.package, document=rights.document(wanted), advice=rights.advice)]
