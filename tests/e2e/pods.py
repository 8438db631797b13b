"""Pods as tests look at them."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from tests.sandbox import Metadata, Sandbox


class _Model(BaseModel):
    model_config = ConfigDict(extra="ignore", populate_by_name=True)


class Resources(_Model):
    requests: dict[str, str] = {}


class Container(_Model):
    image: str
    resources: Resources = Resources()


class PodSpec(_Model):
    node: str | None = Field(None, alias="nodeName")
    containers: list[Container]


class PodStatus(_Model):
    phase: str


class Pod(_Model):
    metadata: Metadata
    spec: PodSpec
    status: PodStatus


class PodList(_Model):
    items: list[Pod]


def servers(box: Sandbox) -> list[Pod]:
    """Pods of the model servers."""
    text = box.kubectl("get", "pods", "-n", "models", "-l", "strata.dev/component=model-server", "-o", "json")
    return PodList.model_validate_json(text).items
