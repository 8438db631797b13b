"""Answers of real projects, as people published them, read by the questions that a preview asks."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from pulumi_gcp.cloudquota import outputs

from components.clusters.gke.inquiry import Refusal, refusal_of
from components.clusters.gke.quotas import ALL_GPUS, PREEMPTIBLE, Quota, limit_of, preemptible_quotas, standard_quotas
from components.planner.catalogs.instances import instances
from simulation.clouds.gcp.quotas import QUOTAS

REGIONS = ("us-central1", "europe-west4")
SEEN: Mapping[str, str] = {
    "PREEMPTIBLE-NVIDIA-RTX-PRO-6000-GPUS-per-project-region": "OpenAgentsInc/openagents, inventory of 2026-06-23: 16",
    "PREEMPTIBLE-NVIDIA-H100-GPUS-per-project-region": "OpenAgentsInc/openagents, inventory of 2026-06-23: 64",
    "PREEMPTIBLE-NVIDIA-H100-MEGA-GPUS-per-project-region": "OpenAgentsInc/openagents, inventory of 2026-06-23: 64",
    "PREEMPTIBLE-NVIDIA-H200-GPUS-per-project-region": "OpenAgentsInc/openagents, inventory of 2026-06-23: 64",
    "PREEMPTIBLE-NVIDIA-B200-GPUS-per-project-region": "OpenAgentsInc/openagents, inventory of 2026-06-23: 64",
    "PREEMPTIBLE-NVIDIA-L4-GPUS-per-project-region": "OpenAgentsInc/openagents, inventory of 2026-06-23: 16",
    "PREEMPTIBLE-NVIDIA-A100-GPUS-per-project-region": "OpenAgentsInc/openagents, inventory of 2026-06-23: 64",
    "PREEMPTIBLE-NVIDIA-A100-80GB-GPUS-per-project-region": "quota preferences for spot machines, 2026",
    "PREEMPTIBLE-CPUS-per-project-region": "Comfy-Org/comfy-qa-tools, read on 2026-09-17: 43 rows without a value",
    "NVIDIA-L4-GPUS-per-project-region": "OpenAgentsInc/openagents, inventory of 2026-06-23: 16",
    "NVIDIA-A100-GPUS-per-project-region": "OpenAgentsInc/openagents, inventory of 2026-06-23: 16",
    "NVIDIA-A100-80GB-GPUS-per-project-region": "Comfy-Org/comfy-qa-tools, read on 2026-09-17: refused",
    "GPUS-PER-GPU-FAMILY-per-project-region": "milaboratory/platforma, requests applied on 2026-06-29",
    "GPUS-ALL-REGIONS-per-project": "Comfy-Org/comfy-qa-tools, read on 2026-09-17: one row for global",
    "C3-CPUS-per-project-region": "gcloud quotas info describe, public notes of 2026",
    "N2-CPUS-per-project-region": "milaboratory/platforma, quota requests applied on 2026-05-07",
    "CPUS-PER-VM-FAMILY-per-project-region": "davidstrauss/taste-ide, answer of 2026-10-03: rows for C4 and N4",
}
"""Ids that the Cloud Quotas API has given somebody, and where that was published."""
NOT_SEEN = {"nvidia-gb200", "nvidia-gb300"}
"""Accelerators that are sold by reservation only, of whose quotas nobody published an answer."""
API_IS_OFF = """invoke of gcp:cloudquota/getSQuotaInfo:getSQuotaInfo failed: invocation of \
gcp:cloudquota/getSQuotaInfo:getSQuotaInfo returned an error: invoking gcp:cloudquota/getSQuotaInfo:getSQuotaInfo: \
1 error occurred:
	* Error when reading or editing CloudQuotasQuotaInfo "": googleapi: Error 403: Cloud Quotas API has not been used \
in project 653407317329 before or it is disabled. Enable it by visiting \
https://console.developers.google.com/apis/api/cloudquotas.googleapis.com/overview?project=653407317329 then retry. \
If you enabled this API recently, wait a few minutes for the action to propagate to our systems and retry.
Details:
[
  {
    "@type": "type.googleapis.com/google.rpc.ErrorInfo",
    "domain": "googleapis.com",
    "metadata": {
      "activationUrl": "https://console.developers.google.com/apis/api/cloudquotas.googleapis.com/overview?project=653407317329",
      "consumer": "projects/653407317329"
    },
    "reason": "SERVICE_DISABLED"
  }
]"""
"""hashicorp/terraform-provider-google#21165, 2025-01-31."""
NOT_ALLOWED = """invoke of gcp:cloudquota/getSQuotaInfo:getSQuotaInfo failed: googleapi: Error 403: Permission \
'cloudquotas.quotas.get' denied on resource '//cloudquotas.googleapis.com/projects/p' (or it may not exist)., \
forbidden"""
"""The form of IAM's refusals: https://cloud.google.com/iam/docs/permission-error-messages."""
_NO_DETAILS = "no details"


def row(value: str | None, *places: str, **dimensions: str) -> outputs.GetSQuotaInfoDimensionsInfoResult:
    detail = outputs.GetSQuotaInfoDimensionsInfoDetailResult(value=value)  # pyright: ignore[reportArgumentType] - null
    return outputs.GetSQuotaInfoDimensionsInfoResult(
        applicable_locations=places or REGIONS, details=[] if value == _NO_DETAILS else [detail], dimensions=dimensions
    )


def test_a4_every_quota_that_a_preview_asks_for_was_seen_in_a_real_project() -> None:
    asked = {
        quota.id
        for machine in instances()
        if machine.cloud == "gcp" and machine.accelerator_key not in NOT_SEEN
        for quota in (*standard_quotas(machine), *preemptible_quotas(machine))
    }
    assert asked == SEEN.keys(), "an id that nobody saw, or one that is asked for no more"
    assert all(known.source for known in PREEMPTIBLE.values())


def test_a4_the_simulated_project_has_the_ids_of_real_ones() -> None:
    assert QUOTAS.keys() - {"NETWORKS"} == SEEN.keys()


@pytest.mark.parametrize("value", [None, "", _NO_DETAILS])
def test_a5_a_row_without_a_value_is_zero(value: str | None) -> None:
    """Comfy-Org/comfy-qa-tools and davidstrauss/taste-ide: ``"details": {}`` of what was never granted."""
    assert limit_of([row(value)], Quota(id="NVIDIA-A100-GPUS-per-project-region"), "us-central1") == 0


def test_a4_the_row_of_most_dimensions_holds() -> None:
    """davidstrauss/taste-ide, answer of 2026-10-03: rows of families, and some without a value."""
    answer = [
        row("24", region="us-central1", vm_family="C4"),
        row("200", "us-central1", region="us-central1", vm_family="N4"),
        row("24", vm_family="C4"),
        row("24", vm_family="N4"),
        row(None, region="us-central1"),
        row(None),
    ]

    def limit(family: str, region: str) -> int | None:
        quota = Quota(id="CPUS-PER-VM-FAMILY-per-project-region", dimension="vm_family", family=family)
        return limit_of(answer, quota, region)

    assert limit("C4", "us-central1") == 24
    assert limit("N4", "us-central1") == 200
    assert limit("N4", "europe-west4") == 24
    assert limit("N4", "asia-east1") is None, "no row is for that region"


def test_a4_a_quota_of_the_project_is_one_row_for_global() -> None:
    assert limit_of([row("4", "global")], Quota(id=ALL_GPUS), "us-central1") == 4


def test_a4_no_limit_is_minus_one() -> None:
    assert limit_of([row("-1")], Quota(id="N2-CPUS-per-project-region"), "us-central1") == -1


def test_a6_an_api_that_is_off_is_named() -> None:
    found = refusal_of(API_IS_OFF)
    assert found is not None
    assert (found.status, found.service) == (403, "cloudquotas.googleapis.com")
    assert found.text.startswith("Error 403: Cloud Quotas API has not been used")


def test_a6_what_may_not_be_read_is_no_api_that_is_off() -> None:
    found = refusal_of(NOT_ALLOWED)
    assert isinstance(found, Refusal)
    assert (found.status, found.service, found.is_unknown_name) == (403, "", False)


def test_another_error_is_no_answer() -> None:
    assert refusal_of("invoke failed: dial tcp: lookup cloudquotas.googleapis.com: no such host") is None
