"""Stand-ins of engines are told what was planned, in a form that their program reads."""

from __future__ import annotations

import json

from cli.engine_plans import engine_plans
from cli.stack import load_stack
from simulation.live.images.plans import plans_text


def test_each_model_of_a_stack_has_its_speed_and_its_cache() -> None:
    plans = load_stack("dev").plans
    told = json.loads(plans_text(engine_plans(plans)))
    assert told.keys() == plans.keys()
    for name, plan in plans.items():
        assert told[name] == {
            "time_to_first_token": plan.performance.ttft_low,
            "time_per_token": plan.performance.tpot,
            "kv_cache_tokens": plan.roles[0].memory.kv_tokens,
        }
        assert 0 < told[name]["time_per_token"] < told[name]["time_to_first_token"] < 10
