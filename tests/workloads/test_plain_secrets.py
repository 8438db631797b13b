"""What counts as a secret in plain text, and what only sounds like one."""

from __future__ import annotations

import pytest

from components.workloads.plain_secrets import command_problems, is_plain_secret
from components.workloads.reserved_variables import device_reason, variable_reason

SECRETS = (
    *(("PGPASSWORD", "hunter2"), ("DB_PASS", "hunter2"), ("MYSQL_PWD", "x1y2"), ("OPENAI_KEY", "abc123")),
    *(("ENCRYPTION_KEY", "0123"), ("LICENSE_KEY", "abc"), ("REDIS_AUTH", "foo"), ("GITHUB_PAT", "xyz")),
    *(("AUTHORIZATION", "abc"), ("APIKEYS", "abc"), ("SECRETS", "abc"), ("HF_TOKENS", "abc"), ("password", "hunter2")),
    *(("SECRET_KEY_BASE", "f00"), ("API_KEY_2", "abc"), ("accessToken", "abc"), ("DB_PASSWORD", "12345")),
    ("X", "Bearer abcdef0123456789abcdef"),
    ("STORE", "DefaultEndpointsProtocol=https;AccountName=a;AccountKey=Zm9vYmFyYmF6cXV4;EndpointSuffix=example.net"),
    ("DATABASE", "Server=db;User Id=sa;Password=hunter2;"),
    ("HOOK", "https://hooks.slack.com/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX"),
    ("REPORTS", "https://0123456789abcdef0123456789abcdef@reports.example.com/1"),
    ("PAYMENTS", f"sk_live_{'a1' * 8}"),
    ("OTEL_EXPORTER_OTLP_HEADERS", "api-key=abc123def456"),
    ("OTEL_EXPORTER_OTLP_HEADERS", "authorization=Basic%20abc123"),
    ("STORE", "https://acme.blob.example.net/models?sv=2024&sig=abcdefghij%3D"),
    ("HOOK", "https://discord.com/api/webhooks/123/abc"),
    *(("DB_CREDS", "me:pw"), ("CONFIG", '{"user": "me", "password": "hunter2"}'), ("ARGS", "--token=abc123")),
    *(("DB_PASSWORD", "$ecr3t!"), ("DB_PASSWORD", "%40bc"), ("DB_PASSWORD", "/9j4AAQSk")),
    ("WORKSPACE", f"dapi{'0123abcd' * 4}"),
)
HARMLESS = (
    *(("PASSWORD_FILE", "/run/secrets/password"), ("SECRET_NAME", "db"), ("TOKEN_LIMIT", "5"), ("MAX_TOKENS", "4096")),
    *(("GOOGLE_APPLICATION_CREDENTIALS", "/run/key.json"), ("PWD", "/work"), ("CACHE_KEY", "models"), ("DEBUG", "1")),
    *(("TOKENIZERS_PARALLELISM", "false"), ("ENABLE_AUTH", "true"), ("API_TOKEN", "$(FROM_SECRET)"), ("KEYS", "a")),
    *(("TOKEN_URL", "https://login.example.com"), ("SORT_KEY", "name"), ("MONKEY", "x"), ("COMPASS", "north")),
    *(("SECRET_PROVIDER", "vault"), ("VLLM_LOGGING_LEVEL", "DEBUG"), ("AUTHOR", "me"), ("PASSENGERS", "4")),
    *(("VLLM_MAX_TOKENS_PER_EXPERT_FP4_MOE", "163840"), ("MAX_OUTPUT_TOKENS_DEFAULT", "4096")),
    ("MIN_TOKENS_TO_CACHE", "128"),
    ("PROXY", "https://proxy.example.com:3128"),
)


@pytest.mark.parametrize(("name", "value"), SECRETS)
def test_secrets_are_seen_by_their_name_or_their_shape(name: str, value: str) -> None:
    assert is_plain_secret(name, value)


@pytest.mark.parametrize(("name", "value"), HARMLESS)
def test_what_only_speaks_of_secrets_passes(name: str, value: str) -> None:
    assert not is_plain_secret(name, value)


@pytest.mark.parametrize(
    ("command", "position"),
    [
        (["sh", "-c", "export PASSWORD=hunter2; run"], 2),
        (["proxy", "--api-key=abc123"], 1),
        (["proxy", "--password", "hunter2"], 2),
        (["sh", "-c", "run --token abc"], 2),
        (["sh", "-c", "DB_PASS='hunter2' run"], 2),
        (["sh", "-c", 'export API_KEY="abc123"'], 2),
        (["curl", "-H", "X-Api-Key: abcdef123456"], 2),
        (["curl", "--user", "admin:hunter2"], 2),
        (["sh", "-c", "curl -u admin:hunter2 https://example.com"], 2),
        (["curl", "-H", "Authorization: Bearer abcdef0123456789abcdef"], 2),
    ],
)
def test_secrets_in_commands_are_seen(command: list[str], position: int) -> None:
    assert [problem.field for problem in command_problems(command, "command")] == [f"command[{position}]"]


@pytest.mark.parametrize(
    "command",
    [
        ["proxy", "--token", "$(TOKEN)", "--token-file=/run/token", "--max-tokens=5", "--auth"],
        ["sh", "-c", "run --password $PASSWORD --log-level=debug", "--secret-name", "db"],
    ],
)
def test_commands_that_refer_to_secrets_pass(command: list[str]) -> None:
    assert list(command_problems(command, "command")) == []


@pytest.mark.parametrize(
    "name",
    [
        *("NVIDIA_VISIBLE_DEVICES", "CUDA_VISIBLE_DEVICES", "ASCEND_VISIBLE_DEVICES", "GPU_DEVICE_ORDINAL"),
        *("ZE_AFFINITY_MASK", "HABANA_VISIBLE_MODULES"),
    ],
)
def test_no_container_chooses_its_devices(name: str) -> None:
    assert variable_reason(name)
    assert device_reason(name)


@pytest.mark.parametrize("name", ["LD_AUDIT", "TRITON_PTXAS_PATH", "OPENSSL_CONF", "PYTHONBREAKPOINT", "HF_XET_CACHE"])
def test_only_images_of_the_user_s_own_load_other_code(name: str) -> None:
    assert variable_reason(name)
    assert device_reason(name) is None


@pytest.mark.parametrize(
    "name", ["OMP_NUM_THREADS", "NCCL_DEBUG", "VLLM_LOGGING_LEVEL", "HTTP_PROXY", "TZ", "NVIDIA_TF32_OVERRIDE"]
)
def test_other_variables_are_the_user_s(name: str) -> None:
    assert variable_reason(name) is None
