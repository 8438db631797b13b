"""What users see of what they wrote: no secrets, no control characters, no endless texts."""

from __future__ import annotations

import base64
import random
import string

import pytest

from components.contracts.errors import Problem
from components.contracts.shown_text import HIDDEN, looks_secret, masked, shown

SECRETS = (
    f"hf_{'aB3' * 11}",
    f"ghp_{'a1B2' * 9}",
    f"github_pat_{'a1B2' * 9}",
    "AKIAIOSFODNN7EXAMPLE",
    f"AIza{'Sy1' * 11}",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abc-def",
    "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXk\n-----END OPENSSH PRIVATE KEY-----",
)
PUBLIC = (
    "f2826a00ceef68f0f2b946d945ecc0477ce4450c",
    f"docker.io/vllm/vllm-openai@sha256:{'0a1b2c3d' * 8}",
    "123e4567-e89b-12d3-a456-426614174000",
    "arn:aws:iam::111122223333:role/aVeryLongRoleName0OfTheCompany1WithDigits2",
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGx0Zm9vYmFyYmF6MTIzNDU2Nzg5MGFiY2RlZg",
    "SHA256:Zm9vYmFyYmF6cXV4MTIzNDU2Nzg5MGFiY2RlZmdoaWo",
    "Qwen/Qwen3-235B-A22B-Instruct-2507-FP8",
    "RedHatAI/Meta-Llama-3.1-405B-Instruct-quantized.w4a16",
    "DeepSeekR1DistillQwen32BInstruct",
    "/subscriptions/x/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/vnet-1",
    "subnet-0abc123def4567890",
    "Standard_ND96isr_MI300X_v5",
)


@pytest.mark.parametrize("secret", SECRETS)
def test_secrets_with_a_known_shape_are_hidden_and_their_surroundings_kept(secret: str) -> None:
    text = masked(f"the value {secret} is not a name")
    assert text == f"the value {HIDDEN} is not a name"
    assert looks_secret(secret)


def test_the_password_of_an_address_is_hidden_and_its_host_is_not() -> None:
    assert masked("'https://me:pass@hub.example.com/x'") == f"'https://{HIDDEN}@hub.example.com/x'"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("'ana:hunter2@registry.example.com/x'", f"'{HIDDEN}@registry.example.com/x'"),
        ("http://hub.example.com/?token=hunter2&x=1", f"http://hub.example.com/?token={HIDDEN}&x=1"),
        ("https://hub.example.com/?a=1&api_key=hunter2'", f"https://hub.example.com/?a=1&api_key={HIDDEN}'"),
        ("users:\n- user: {password: hunter2}", f"users:\n- user: {{password: {HIDDEN}}}"),
        ("group:search@example.com", "group:search@example.com"),
        ("vllm-openai:v0.33.0@sha256:abc", "vllm-openai:v0.33.0@sha256:abc"),
        ("ssh ana@host:22", "ssh ana@host:22"),
    ],
)
def test_a_password_is_hidden_where_its_place_says_what_it_is(text: str, expected: str) -> None:
    assert masked(text) == expected


@pytest.mark.parametrize("public", PUBLIC)
def test_public_identifiers_are_quoted(public: str) -> None:
    assert masked(f"{public!r} is wrong") == f"{public!r} is wrong"


def test_most_random_keys_are_hidden() -> None:
    source = random.Random(7)  # noqa: S311 - no secrets, only their shapes
    letters = string.ascii_letters + string.digits
    keys = [
        maker()
        for _ in range(200)
        for maker in (
            lambda: base64.urlsafe_b64encode(source.randbytes(33)).decode(),
            lambda: "".join(source.choices(letters, k=32)),
            lambda: source.randbytes(16).hex(),
        )
    ]
    hidden = sum(HIDDEN in masked(f"key {key} here") for key in keys)
    assert hidden / len(keys) > 0.85


def test_a_key_cannot_forge_lines_or_steer_a_terminal() -> None:
    text = shown("\x1b[2Jred\nfix: rm -rf / \u202e")
    assert text == r"\x1b[2Jred\nfix: rm -rf / \u202e"
    problem = Problem(field="a\nfix: b", cause="\x1b[31m", consequence="c", fix="d")
    assert len(str(problem).splitlines()) == 3
    assert str(problem).isprintable() is False, "its own line ends stay"
    assert "\x1b" not in str(problem)


def test_what_has_no_end_is_cut() -> None:
    assert shown("k" * 100_000) == f"{'k' * 60}… (100,000 characters)"
    assert len(shown("a b " * 100_000)) < 5_000
