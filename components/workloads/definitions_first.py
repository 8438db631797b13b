"""A chart's pods come after its definitions, when a chart is stepped to another version as well.

``helm.v4.Chart`` registers objects in the order of ``cli-utils``: an object of a kind after the definition of its kind,
and nothing else after a definition. A controller would be restarted before the API server knows the fields and versions
that it asks for. The graph of ``cli-utils`` also reads an annotation, which this module writes
(sigs.k8s.io/cli-utils v0.37.2, ``pkg/object/graph/depends.go`` and ``pkg/object/dependson/annotation.go``; used by
pulumi-kubernetes v4.25.0, ``provider/pkg/provider/yaml/v2/yaml.go``).

The file is run as a post-renderer of Helm: manifests on standard input, the same on standard output. It imports nothing
of Strata, so that it starts within a tenth of a second.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import yaml

if TYPE_CHECKING:
    from pydantic import JsonValue

# Objects, comma-separated, after which an object goes; <group>/<kind>/<name> for those without a namespace.
_DEPENDS_ON = "config.kubernetes.io/depends-on"
_DEFINITION = "apiextensions.k8s.io/CustomResourceDefinition"
_PODS = frozenset({"DaemonSet", "Deployment", "Job", "StatefulSet"})
_DOCUMENT_END = re.compile(r"^---\s*$", re.MULTILINE)
_KIND = re.compile(r"^kind:\s*[\"']?(\w+)", re.MULTILINE)
# A definition's spec can be long, and an enumeration of the Prometheus operator has "=", which safe_load refuses.
_SPEC = re.compile(r"^spec:.*?(?=^\S|\Z)", re.MULTILINE | re.DOTALL)


def is_definition(kind: str) -> bool:
    """Whether objects of this kind define other kinds."""
    return kind == "CustomResourceDefinition"


def has_pods(kind: str) -> bool:
    """Whether objects of this kind start pods, which ask for the definitions of their chart."""
    return kind in _PODS


def after(metadata: Mapping[str, JsonValue], definitions: Sequence[str]) -> dict[str, JsonValue]:
    """The metadata of an object that goes after these definitions.

    Args:
        metadata: What it has.
        definitions: Their names, such as ``scaledobjects.keda.sh``.
    """
    annotations = metadata.get("annotations")
    names = ",".join(f"{_DEFINITION}/{name}" for name in sorted(definitions))
    kept = annotations if isinstance(annotations, dict) else {}
    return {**metadata, "annotations": {**kept, _DEPENDS_ON: names}}


def definitions_first(manifests: str) -> str:
    """The manifests of a chart, with the annotation at what starts pods; as they are where there are no definitions.

    Args:
        manifests: YAML documents, each after a line of three dashes.
    """
    documents = _DOCUMENT_END.split(manifests)
    definitions = [name for document in documents for name in _definition_names(document)]
    if not definitions:
        return manifests
    return "---".join(
        _after(document, definitions) if has_pods(_kind(document)) else document for document in documents
    )


def _kind(document: str) -> str:
    found = _KIND.search(document)
    return found.group(1) if found else ""


def _definition_names(document: str) -> Iterator[str]:
    if is_definition(_kind(document)):
        yield yaml.safe_load(_SPEC.sub("", document))["metadata"]["name"]


def _after(document: str, definitions: Sequence[str]) -> str:
    body = yaml.safe_load(document)
    body["metadata"] = after(body["metadata"], definitions)
    # JSON is YAML in which no text can be read as a number.
    return f"\n{json.dumps(body, default=str)}\n"


if __name__ == "__main__":
    sys.stdout.write(definitions_first(sys.stdin.read()))
