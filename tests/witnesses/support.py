"""What was checked by what on each target: the table behind ``docs/support.md``.

``python -m tests.witnesses.support`` writes the page. Each cell names the tests that check it, by their witness; an
empty cell says that nothing did.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tests.conftest import PROJECT

from .rows import Witness

PAGE = PROJECT / "docs" / "support.md"
TARGETS = ("EKS", "GKE", "AKS", "kubeadm", "existing", "embedded")
Checks = Mapping[Witness, Sequence[str]]
_PUBLISHED, _RECORDED, _REAL, _RULE = Witness.PUBLISHED, Witness.RECORDED, Witness.REAL, Witness.RULE


@dataclass(frozen=True)
class Feature:
    """One row of the page.

    Attributes:
        about: What is supported.
        by_target: What checks it on each target; a target that is left out has nothing.
        note: What has to be known.
        is_refused: Whether settings with it are refused everywhere.
    """

    about: str
    by_target: Mapping[str, Checks]
    note: str = ""
    is_refused: bool = False

    def tests(self) -> list[str]:
        """Names of all its tests."""
        return [name for checks in self.by_target.values() for names in checks.values() for name in names]


_API: Checks = {_REAL: ["test_the_api_server_accepts_every_object", "test_helm_renders_what_a_run_makes"]}
_FABRIC: Checks = {
    _REAL: [
        "test_b14_a_pod_runs_where_its_fabric_is_and_waits_where_it_is_not",
        "test_b14_verify_says_which_fabric_is_missing_and_where",
    ]
}
_WAITS: Checks = {_REAL: ["test_a2_a_pod_waits_until_its_device_is_advertised"]}
_DRAINED: Checks = {_REAL: ["test_b1_a_full_node_is_replaced_only_within_its_budget"]}
_LIFE: Checks = {_RULE: ["test_everything_that_was_promised_holds", "test_a_second_up_changes_nothing"]}
_CUSTOM: Checks = {
    _PUBLISHED: [
        "test_what_our_types_accept_the_definitions_accept",
        "test_what_types_of_accelerators_and_services_accept_the_definitions_accept",
    ]
}

FEATURES = (
    Feature(
        "what is sent to the cloud has its names, values and required parts",
        {
            "EKS": {_PUBLISHED: ["test_everything_declared_is_taken_by_aws"]},
            "GKE": {_PUBLISHED: ["test_google_has_every_property_and_value_that_is_sent"]},
            "AKS": {_PUBLISHED: ["test_what_the_program_sends_is_published"]},
            "kubeadm": {_REAL: ["test_kubeadm_accepts_it", "test_it_is_correct_shell"]},
        },
        "for kubeadm: its own program judges the documents, a shell the scripts",
    ),
    Feature(
        "the account is asked before anything is made",
        {
            "EKS": {_RECORDED: ["test_a_recorded_answer_has_the_published_shape"]},
            "GKE": {_RECORDED: ["test_a4_every_quota_that_a_preview_asks_for_was_seen_in_a_real_project"]},
            "AKS": {_RECORDED: ["test_a3_names_of_quotas_differ_in_blanks_and_case"]},
        },
    ),
    Feature(
        "roles of nodes and controllers allow what their software does",
        {
            "EKS": {
                _PUBLISHED: ["test_a1_every_role_may_do_what_its_software_does"],
                _RULE: ["test_a1_nodes_whose_role_may_not_do_what_they_do_never_join"],
            },
            "GKE": {_RULE: ["test_b20_grants_that_a_shared_vpc_needs_are_asked_for"]},
            "AKS": {_RECORDED: ["test_b13_a_role_that_does_not_act_yet_is_waited_for"]},
        },
    ),
    Feature(
        "rights of whoever deploys (`strata permissions`)",
        {
            "EKS": {_PUBLISHED: ["test_the_policy_allows_what_others_needed"]},
            "GKE": {_PUBLISHED: ["test_what_a_method_asks_for_is_among_the_rights_of_its_type"]},
            "AKS": {_PUBLISHED: ["test_every_right_is_an_action_of_azure"]},
        },
    ),
    Feature(
        "up, up again without a change, refresh, verify, down with nothing left",
        {
            "EKS": {_RULE: ["test_down_leaves_no_resource_no_process_and_no_file", *_LIFE[_RULE]]},
            "GKE": {_RULE: ["test_down_leaves_no_resource_no_process_and_no_file", *_LIFE[_RULE]]},
            "AKS": {_RULE: ["test_down_leaves_no_resource_no_process_and_no_file", *_LIFE[_RULE]]},
            "kubeadm": {_RULE: ["test_down_leaves_no_resource_no_process_and_no_file", *_LIFE[_RULE]]},
            "existing": {_REAL: ["test_down_leaves_the_cluster_and_takes_what_strata_made"]},
            "embedded": {_REAL: ["test_down_leaves_no_process_and_no_state"]},
        },
        "engine, API server, scheduler and controllers are real everywhere; clouds and nodes are simulated",
    ),
    Feature(
        "Kubernetes objects are accepted",
        dict.fromkeys(TARGETS, _API),
        "by the embedded API server of one version; what a cloud adds to admission is not known",
    ),
    Feature("custom resources are accepted by their real definitions", dict.fromkeys(TARGETS, _CUSTOM)),
    Feature(
        "GPUs are advertised before a pod gets one",
        dict.fromkeys(("EKS", "AKS", "kubeadm", "embedded"), _WAITS)
        | {"GKE": {_RULE: ["test_a2_every_pool_of_gpus_has_an_advertiser"]}},
        "the plugin itself has not run on a GPU",
    ),
    Feature(
        "EFA devices are advertised",
        {"EKS": {_RULE: ["test_a2_efa_is_advertised_on_the_pools_that_have_it"]}},
    ),
    Feature(
        "a pod with its part of the fabric runs where that is, and waits and says why where it is not",
        dict.fromkeys(("EKS", "GKE", "AKS", "kubeadm", "embedded"), _FABRIC),
        "nodes are simulated and no packet was sent; row B14 says what is left",
    ),
    Feature(
        "a full pool of GPUs is upgraded within disruption budgets",
        dict.fromkeys(("EKS", "GKE", "AKS"), _DRAINED)
        | {"kubeadm": {_RULE: ["test_every_host_gets_the_new_version_and_nothing_is_replaced"]}},
    ),
    Feature(
        "shared files are bound, bound again after down and up, and writable",
        {
            "EKS": {
                _REAL: ["test_b4_the_catalog_binds_again_after_down_and_up"],
                _RULE: ["test_b4_lustre_and_the_nodes_reach_each_other_in_both_directions"],
            },
            "GKE": {
                _REAL: ["test_b4_the_catalog_binds_again_after_down_and_up"],
                _RULE: ["test_a9_a_network_goes_after_its_lustre"],
            },
            "AKS": {
                _REAL: ["test_b4_the_catalog_binds_again_after_down_and_up"],
                _RULE: ["test_a8_a_cluster_with_lustre_whose_servers_reach_azure"],
            },
            "embedded": {_REAL: ["test_the_catalog_is_filled_and_its_volume_bound"]},
        },
        "no CSI driver has run",
    ),
    Feature(
        "a model server answers over HTTP",
        {},
        "`strata verify` asks where programs run; in the simulation none does",
    ),
    Feature("a life on a real account or with a real GPU", {}, "[first-real-run.md](first-real-run.md)"),
    Feature(
        "TPU pools, AMD GPUs, AWS Trainium",
        {},
        "by name, at `check`: `test_other_accelerators_are_refused_by_name`",
        is_refused=True,
    ),
)
"""Every row of the page."""


def page() -> str:
    """The page as it has to be."""
    lines = [
        "# What was checked by what",
        "",
        "Nothing of this project has been run on a cloud account or on a GPU yet. For each target this page says what",
        "judged it instead. It is written by `python -m tests.witnesses.support` from a table of tests, and a test",
        "fails when it is stale or names a test that is not there.",
        "",
        "- **published model**: what a vendor publishes for programs, such as AWS' registry schemas, Google's",
        "  discovery documents, Azure's clients, or the definitions of custom resources",
        "- **recorded answer**: what a real account or machine said, quoted in a public issue",
        "- **real controller**: the real API server, scheduler or another program that we did not write",
        "- **rule of the simulation**: our own simulated cloud, which can share our mistakes",
        "- **nothing**",
        "",
        f"| feature | {' | '.join(TARGETS)} |",
        f"|---|{'---|' * len(TARGETS)}",
        *(_row(feature) for feature in FEATURES),
        "",
        "## Tests by feature",
        "",
        *(line for feature in FEATURES for line in _named(feature)),
        "Trouble that was found by reading and by practitioners, and what holds it off: `tests/witnesses/rows.py`.",
    ]
    return "\n".join(lines) + "\n"


def _row(feature: Feature) -> str:
    otherwise = "refused" if feature.is_refused else "nothing"
    cells = [", ".join(feature.by_target.get(target, {})) or otherwise for target in TARGETS]
    return f"| {feature.about}{f' ({feature.note})' if feature.note else ''} | {' | '.join(cells)} |"


def _named(feature: Feature) -> list[str]:
    names = list(dict.fromkeys(feature.tests()))
    return [f"- {feature.about}: {', '.join(f'`{name}`' for name in names)}", ""] if names else []


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
