"""What the stand-in of an engine is told about the plan of the model that it serves.

A manifest of a live node is the one that a cloud gets, so nothing of this stands in it. It is a layer of the engine's
image, which reaches every kind of node alike: ours, kind's and k3d's.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict, Field

PLANS_FILE = "/etc/strata/engine-plans.json"


class EnginePlan(BaseModel):
    """Speed and memory of one replica, as planned."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    time_to_first_token: float = Field(gt=0, description="Seconds until the first token of a prompt as planned for.")
    time_per_token: float = Field(gt=0, description="Seconds between two tokens of one answer.")
    kv_cache_tokens: int = Field(gt=0, description="Tokens that fit into the cache of a replica.")


def plans_text(plans: Mapping[str, EnginePlan]) -> str:
    """The file's text: plans by the name under which the engine serves the model."""
    return json.dumps({name: plans[name].model_dump() for name in sorted(plans)}, indent=1) + "\n"
