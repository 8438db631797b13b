"""Values of engine options: what vLLM would not start with is refused, and what it takes is not."""

from __future__ import annotations

import csv
import json
import os
from pathlib import Path

import pytest
from pydantic import ValidationError

from components.contracts.customize import ServerCustomize
from components.contracts.serving import Engine
from components.serving.customize_rules import server_problems
from components.serving.engines import engine_adapter
from components.serving.engines.vllm_options import CONFIG_KEYS, FREE_ARGUMENTS

from .record_vllm import EVERY_OPTION, VALUES, is_free, options, recorded
from .test_vllm_command_line import RELEASE

OPTIONS = engine_adapter(Engine.VLLM).options
TOKEN = f"hf_{'aB3' * 10}"

# Argument, what is said about it, and what the fix has to hold.
REFUSED = {
    "a switch with a value": ("--enforce-eager=true", "takes no value", "write --enforce-eager"),
    "a switch that is switched off by a value": ("--enforce-eager=False", "takes no value", "--no-enforce-eager"),
    "a switch with another value": ("--enforce-eager=maybe", "takes no value", "--no-enforce-eager to switch it off"),
    "a negated switch with a value": ("--no-enforce-eager=true", "takes no value", "write --no-enforce-eager"),
    "a flag that is only set": ("--aggregate-engine-logging=0", "takes no value", "leave"),
    "a flag that cannot be negated": ("--no-aggregate-engine-logging", "is no switch", "leave it out"),
    "an option that cannot be negated": ("--no-seed", "is no switch", "--seed=0"),
    "such a negation with a value": ("--no-seed=1", "is no switch", "--seed=0"),
    "an option without its value": ("--seed", "needs a value", "--seed=0"),
    "a key without its value": ("--compilation-config.mode", "needs a value", "--compilation-config.mode=…"),
    "an empty value": ("--seed=", "an empty value is not a whole number", "--seed=0"),
    "a word for a number": ("--seed=banana", "'banana' is not a whole number", "--seed=0"),
    "a fraction for a whole number": ("--stream-interval=1.5", "whole number from 1", "--stream-interval=1"),
    "a unit that no number has": ("--max-log-len=1k", "whole number", "--max-log-len=0"),
    "a number below its range": ("--stream-interval=0", "from 1", "--stream-interval=1"),
    "a number that has to be above": ("--replayssm-buffer-len=0", "above 0", "--replayssm-buffer-len=1"),
    "a share above 1": ("--kv-cache-metrics-sample=1.5", "up to 1", "--kv-cache-metrics-sample=1"),
    "a share of 1 that has to be below": ("--watermark=1", "below 1", "--watermark=0"),
    "no number": ("--watermark=nan", "a number from 0", "--watermark=0"),
    "a size of letters": ("--max-num-queued-tokens=lots", "whole number", "--max-num-queued-tokens=0"),
    "a choice that does not exist": ("--scheduling-policy=fifo", "one of fcfs, priority", "scheduling-policy"),
    "a misspelt choice": ("--logprobs-mode=raw_logit", "one of", "write --logprobs-mode=raw_logits"),
    "a misspelt kernel": ("--moe-backend=flashinfer-trtlm", "one of", "write --moe-backend=flashinfer_trtllm"),
    "a parser that does not exist": ("--tool-call-parser=qwen3-coder2", "one of", "--tool-call-parser=qwen3_coder"),
    "text that is no JSON": ("--default-chat-template-kwargs=thinking", "no JSON", "{}"),
    "JSON of another kind": ("--override-generation-config=[1]", "a JSON object", "{}"),
    "a word for a JSON list": ("--allowed-origins=*", "no JSON", '["*"]'),
    "a key of a number": ("--seed.a=1", "takes no keys", "--seed=0"),
    "a key of a switch": ("--enforce-eager.a=1", "takes no key", "--enforce-eager"),
    "an appended option": ("--seed+=1", "no option --seed+", "--seed"),
    "a switch of an object": (
        "--structured-outputs-config.enable-in-reasoning=maybe",
        "true or false",
        "true or false",
    ),
    "a number of an object": ('--attention-config={"flash_attn_version": 5}', "one of 2, 3, 4", "one of 2, 3, 4"),
    "a choice of an object": (
        '--structured-outputs-config={"backend": "xgramar"}',
        "one of auto",
        "--structured-outputs-config.backend=xgrammar",
    ),
    "a list for one value": ("--compilation-config.mode+=1", "no list", "mode=1"),
    "a key below a choice": ("--compilation-config.mode.a=1", "no keys below", "one of"),
    "two options in one text": ("--seed 1", "not one long option", "--seed=1"),
}


def problems_of(*arguments: str) -> list[str]:
    added = ServerCustomize.model_validate_json(json.dumps({"engine_arguments": arguments}))
    return [str(problem) for problem in server_problems(added, Engine.VLLM, "customize")]


@pytest.mark.parametrize("case", REFUSED)
def test_a_value_that_ends_the_server_is_one_problem_with_a_fix(case: str) -> None:
    argument, cause, fix = REFUSED[case]
    (problem,) = problems_of(argument)
    head, _, told = problem.partition("fix: ")
    assert problem.startswith("customize.engine_arguments[0]: ")
    assert cause in head
    assert fix in told


@pytest.mark.parametrize(
    "argument",
    [
        *("--seed=1", "--seed=-1", "--seed=+7", "--max-logprobs=-1", "--max-log-len=", "--max-log-len=None"),
        *("--max-num-queued-tokens=2.5k", "--max-num-queued-tokens=4K", "--watermark=0", "--watermark=1e-3"),
        *("--enforce-eager", "--no-enforce-eager", "--no-enable-prefix-caching", "--disable-prefix-caching"),
        *("--disable-log-requests", "--no-disable-uvicorn-access-log", "--enable-uvicorn-access-log"),
        *("--enforce_eager", "--tool-call-parser=hermes", "--reasoning-parser=none", "--reasoning-parser="),
        *("--attention-backend=flash_attn", "--attention-backend=AUTO", "--mamba-backend=triton"),
        *("--moe-backend=FlashInfer-CUTLASS", "--optimization-level=3", "--log-level=INFO"),
        *('--allowed-origins=["https://example.com"]', '--limit-mm-per-prompt={"image": 2}'),
        *("--limit-mm-per-prompt.image=2", "--media-io-kwargs.video.num_frames=4"),
        *("--compilation-config.mode=3", "--compilation-config.mode=vllm_compile", "--compilation-config.mode=null"),
        *("--compilation-config.custom_ops+=none,+rms_norm", "--compilation-config.pass_config.fuse_act_quant=true"),
        *('--compilation-config={"cudagraph_mode": "FULL", "mode": 3}', "--compilation-config={}"),
        *("--pooler-config.pooling-type=ALL", "--pooler-config.logit_mean=0.5", '--pooler-config={"dimensions": 256}'),
        *("--chat-template={{ messages }}\n\tand more", "--chat-template=template_chatml.jinja"),
        *("--allowed-media-domains=example.com", "--generation-config=vllm", "--cohere-format=cmd3"),
    ],
)
def test_what_the_engine_takes_passes(argument: str) -> None:
    assert problems_of(argument) == []


@pytest.mark.parametrize("argument", ["--chat-template=\x07", "--chat-template=a\0b"])
def test_a_control_character_is_refused_by_its_type(argument: str) -> None:
    with pytest.raises(ValidationError, match="control character"):
        problems_of(argument)


def test_options_that_need_another_one_are_refused_without_it() -> None:
    assert problems_of("--enable-auto-tool-choice", "--tool-call-parser=hermes") == []
    assert problems_of("--enable-log-outputs", "--enable-log-requests") == []
    assert problems_of("--no-enable-log-outputs") == []
    (problem,) = problems_of("--seed=1", "--enable_auto_tool_choice")
    assert problem.startswith("customize.engine_arguments[1]: --enable-auto-tool-choice needs --tool-call-parser")
    assert len(problems_of("--enable-log-outputs", "--no-enable-log-requests")) == 1


@pytest.mark.parametrize("option", ["--disable-chunked-prefill", "--enable-sliding-window", "--no-disable-log-stats"])
def test_the_inverse_of_an_option_that_is_not_free_is_not_free(option: str) -> None:
    (problem,) = problems_of(option)
    assert "users must not set" in problem


@pytest.mark.parametrize(
    "argument", [f"--seed={TOKEN}", f"--log-level={TOKEN}", f"--enforce-eager={TOKEN}", f"--{TOKEN}=1"]
)
def test_a_secret_in_a_wrong_place_is_one_problem_that_does_not_show_it(argument: str) -> None:
    (problem,) = problems_of(argument)
    assert TOKEN not in problem
    assert TOKEN.lower() not in problem


@pytest.mark.parametrize("option", sorted(FREE_ARGUMENTS))
def test_what_a_fix_says_is_accepted(option: str) -> None:
    value = OPTIONS.values[option, ""]
    needed = {"--enable-auto-tool-choice": ["--tool-call-parser=hermes"]}.get(option, ["--enable-log-requests"])
    assert problems_of(option if value.takes_none else f"{option}={value.example}", *needed) == []
    wrong = f"{option}=\u2205" if not value.takes_none else f"{option}=x"
    for problem in problems_of(wrong, *needed):
        if option in CONFIG_KEYS:
            assert "fix: write one key, such as" in problem
            continue
        told = problem.partition("fix: write ")[2].partition(",")[0].partition(" ")[0]
        assert problems_of(told, *needed) == [], problem


def test_every_free_option_and_key_says_what_it_takes() -> None:
    free = {(option, "") for option in FREE_ARGUMENTS}
    assert set(OPTIONS.values) == free | {(option, key) for option, keys in CONFIG_KEYS.items() for key in keys}


def test_the_table_agrees_with_the_recorded_types() -> None:
    """What needs no wheel: annotations say which options are switches, and which have choices."""
    for option in FREE_ARGUMENTS:
        kind, value = RELEASE.flags[option], OPTIONS.values[option, ""]
        assert value.takes_none == (isinstance(kind, str) and kind.startswith("bool")), option
        if isinstance(kind, list) and value.form == "choice":
            assert set(value.choices) == set(kind), option


def test_the_table_is_what_the_release_says() -> None:
    """Reads the wheel; ``pip download --no-deps vllm`` puts it anywhere, and ``VLLM_WHEEL`` names it."""
    wheel = os.environ.get("VLLM_WHEEL")
    if wheel is None:
        pytest.skip("VLLM_WHEEL names no wheel of vLLM")
    recording, values = recorded(Path(wheel))
    assert recording == json.loads(Path(__file__).with_name("vllm.json").read_text())
    with VALUES.open(encoding="utf-8", newline="") as file:
        assert [row for row in values if is_free(row)] == list(csv.DictReader(file))
    with EVERY_OPTION.open(encoding="utf-8", newline="") as file:
        assert options(recording, values) == list(csv.DictReader(file))
