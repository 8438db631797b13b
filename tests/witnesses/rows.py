"""What would have stopped or hurt on real accounts, row by row: which witness would show it again, in which test.

Rows A are about what never comes up, B about what hurts later, E about the GPU operator on GKE. Rows of practitioners
are called after the stack with which somebody met the trouble. A test of a row begins with the row's name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum


class Witness(StrEnum):
    """What judges: not written by us, except the last."""

    PUBLISHED = "published model"
    RECORDED = "recorded answer"
    REAL = "real controller"
    RULE = "rule of the simulation"


@dataclass(frozen=True)
class Row:
    """One trouble.

    Attributes:
        name: Its name, with which its tests begin.
        about: What must not happen.
        tests: Names of tests by the kind of their witness.
        why_open: Why it can still happen; empty where it cannot.
        left: What of it can still happen where its tests hold off the rest; empty for nothing.
        reported: How the list of practitioners' trouble names it; empty for rows of other lists.
        also: Other beginnings of its tests' names.
    """

    name: str
    about: str
    tests: Mapping[Witness, Sequence[str]] = field(default_factory=dict[Witness, Sequence[str]])
    why_open: str = ""
    left: str = ""
    reported: str = ""
    also: tuple[str, ...] = ()

    @property
    def beginnings(self) -> tuple[str, ...]:
        """How names of its tests begin."""
        return tuple(f"test_{name.lower()}_" for name in (self.name, *self.also))

    @property
    def all_tests(self) -> tuple[str, ...]:
        """Names of all its tests."""
        return tuple(test for tests in self.tests.values() for test in tests)


_PUBLISHED, _RECORDED, _REAL, _RULE = Witness.PUBLISHED, Witness.RECORDED, Witness.REAL, Witness.RULE

FROM_READING: tuple[Row, ...] = (
    Row(
        "A1",
        "nodes of EKS never join, as their role may not do what nodeadm does",
        {
            _PUBLISHED: ["test_a1_every_role_may_do_what_its_software_does"],
            _RULE: ["test_a1_nodes_whose_role_may_not_do_what_they_do_never_join", "test_a1_nodes_join"],
        },
    ),
    Row(
        "A2",
        "nobody advertises GPUs or EFA devices",
        {
            _REAL: [
                "test_a2_a_pod_waits_until_its_device_is_advertised",
                "test_a2_the_operators_own_controller_makes_the_same_of_the_policy",
            ],
            _RULE: [
                "test_a2_a_pod_waits_for_the_operator_and_gets_its_gpu_from_it",
                "test_a2_every_pool_of_gpus_has_an_advertiser",
                "test_a2_efa_is_advertised_on_the_pools_that_have_it",
            ],
        },
    ),
    Row(
        "A3",
        "the quota check of AKS counts the stack's own machines, or compares names byte for byte",
        {
            _RECORDED: ["test_a3_names_of_quotas_differ_in_blanks_and_case"],
            _RULE: [
                "test_a3_a_stack_that_runs_does_not_need_its_quota_again",
                "test_a3_what_the_stack_runs_is_not_needed_again",
                "test_a3_a_quota_that_azure_does_not_list_is_not_known_and_refuses_nothing",
            ],
        },
    ),
    Row(
        "A4",
        "Google is asked for quotas that do not exist",
        {
            _RECORDED: [
                "test_a4_every_quota_that_a_preview_asks_for_was_seen_in_a_real_project",
                "test_a4_the_simulated_project_has_the_ids_of_real_ones",
            ],
            _RULE: [
                "test_a4_spot_machines_have_a_quota_of_their_gpu_not_of_its_family",
                "test_a4_c3_has_a_quota_of_its_own",
                "test_a4_the_quota_of_all_gpus_is_asked_too",
                "test_a4_an_id_that_google_does_not_know_is_unknown",
            ],
        },
    ),
    Row(
        "A5",
        "a quota that was never granted has no value, and the preview crashes",
        {
            _RECORDED: ["test_a5_a_row_without_a_value_is_zero"],
            _RULE: ["test_a5_a_quota_that_was_never_granted_is_zero"],
        },
    ),
    Row(
        "A6",
        "an API that is not enabled ends the preview",
        {
            _RECORDED: [
                "test_a6_an_api_that_is_off_is_named",
                "test_a6_what_may_not_be_read_is_no_api_that_is_off",
            ],
            _RULE: [
                "test_a6_a_new_project_is_one_problem_with_one_command",
                "test_a6_what_may_not_be_read_is_unknown",
            ],
        },
    ),
    Row(
        "A7",
        "a GKE cluster that is reached by name has no door, and a foreign hub never accepts",
        {
            _RULE: [
                "test_a7_a_cluster_that_is_reached_by_name_has_a_door",
                "test_a7_a_cluster_that_is_reached_by_address_is_not_reached_by_name",
                "test_a7_a_hub_of_another_project_is_said_to_wait",
            ]
        },
    ),
    Row(
        "A8",
        "AKS has Managed Lustre without its driver, or without a way for its servers to Azure",
        {_RULE: ["test_a8_a_cluster_with_lustre_whose_servers_reach_azure"]},
    ),
    Row(
        "A9",
        "the peering of Google's Lustre stays and blocks the deletion of its network",
        {_RULE: ["test_a9_a_network_goes_after_its_lustre"]},
    ),
    Row(
        "B1",
        "a full pool of GPUs cannot be upgraded: every eviction is forbidden",
        {
            _REAL: [
                "test_b1_a_full_node_is_replaced_only_within_its_budget",
                "test_b1_a_full_pool_is_upgraded_without_losing_more_servers_than_said",
            ],
            _RULE: [
                "test_b1_a_full_node_can_be_emptied",
                "test_b1_nodes_can_be_drained_where_nothing_is_spare_and_past_broken_servers",
                "test_b1_machines_are_replaced_in_the_order_that_was_asked_for",
            ],
        },
    ),
    Row(
        "B2",
        "pools of capacity blocks follow the control plane's version, and cannot be declared ahead",
        {
            _RULE: [
                "test_b2_nodes_of_a_block_keep_the_version_that_they_were_made_with",
                "test_b2_a_pool_may_be_declared_before_its_block_begins",
                "test_b2_the_simulated_ec2_starts_nothing_before_a_block_begins",
            ]
        },
    ),
    Row(
        "B3",
        "models never scale and are never scraped: no metrics, no autoscaler",
        {
            _RULE: [
                "test_b3_they_come_with_the_first_model_that_needs_them",
                "test_b3_models_are_scraped_and_scaled_on_every_target",
            ]
        },
    ),
    Row(
        "B4",
        "a volume that exists is not bound again, is bought anew, or belongs to root",
        {
            _REAL: [
                "test_b4_the_catalog_binds_again_after_down_and_up",
                "test_b4_another_claim_of_the_class_neither_takes_the_volume_nor_buys_one",
                "test_b4_pod_security_takes_the_pod_in_its_namespace_and_in_no_restricted_one",
                "test_b4_the_folder_changes_hands_once_and_nothing_below_it",
            ],
            _RULE: [
                "test_b4_lustre_and_the_nodes_reach_each_other_in_both_directions",
                "test_b4_models_that_were_taken_down_come_back",
                "test_b4_lustre_has_the_handle_that_its_driver_can_read",
            ],
        },
    ),
    Row(
        "B5",
        "a transit gateway of another account waits for acceptance while routes fail",
        {_RULE: ["test_b5_a_gateway_of_another_account_stops_the_update_and_it_goes_on"]},
    ),
    Row(
        "B6",
        "an adopted cluster gets storage classes whose drivers nobody installed",
        {
            _PUBLISHED: ["test_b6_the_question_for_an_add_on_is_a_call_of_eks"],
            _RULE: [
                "test_b6_a_cluster_that_exists_gets_no_class_without_its_driver",
                "test_b6_a_cluster_that_is_not_there_is_told_before_its_drivers",
                "test_b6_whoever_may_not_ask_for_add_ons_may_go_on",
                "test_b6_drivers_that_were_switched_off_are_named_with_the_command",
                "test_b6_drivers_that_are_there_are_used",
            ],
        },
    ),
    Row(
        "B7",
        "a network without NAT is given public registries, or a hub inside is out of the Job's reach",
        {
            _RULE: [
                "test_b7_the_job_reaches_its_hub_and_never_the_credentials_of_its_node",
                "test_b7_a_public_source_without_a_way_out_is_one_problem",
            ]
        },
    ),
    Row(
        "B8",
        "every refreshed update of AKS differs, as reads list pools that were made elsewhere",
        {
            _RULE: [
                "test_b8_a_refresh_takes_pools_of_their_own_into_the_cluster_once",
                "test_b8_an_update_may_send_pools_of_their_own_along",
                "test_b8_pools_are_left_alone_while_akss_own_runs_as_it_is_written",
            ]
        },
    ),
    Row(
        "B9",
        "pools of flex-start never converge, and servers wait on machines of a queue",
        {
            _RULE: [
                "test_b9_a_pool_of_short_lived_machines_is_what_was_asked_for",
                "test_b9_servers_are_never_placed_on_machines_of_a_queue",
            ]
        },
    ),
    Row(
        "B10",
        "nodes of AKS are never patched",
        {
            _RULE: [
                "test_b10_nodes_get_new_images_in_the_window_of_one_day",
                "test_b10_every_day_is_a_daily_schedule",
                "test_b10_a_window_that_aks_does_not_take_is_refused",
            ]
        },
    ),
    Row(
        "B11",
        "nodes with GPUs may be replaced any night on GKE",
        {
            _RULE: [
                "test_b11_nodes_are_not_replaced_by_night",
                "test_b11_nodes_are_replaced_where_that_is_wanted",
                "test_b11_google_refuses_a_window_that_is_too_short",
            ]
        },
    ),
    Row(
        "B12",
        "image streaming is on where it cannot work",
        {_RULE: ["test_b12_images_are_streamed_where_that_works"]},
    ),
    Row(
        "B13",
        "a role on Azure acts late, or a provider or feature is not registered",
        {
            _RECORDED: ["test_b13_a_role_that_does_not_act_yet_is_waited_for"],
            _RULE: [
                "test_b13_what_is_not_registered_is_told",
                "test_b13_resource_providers_that_are_not_registered_are_one_problem_with_the_commands",
                "test_b13_a_feature_that_was_never_registered_is_a_problem",
            ],
        },
    ),
    Row(
        "B14",
        "networks and pools for RDMA are made, and nothing uses them",
        {
            _REAL: [
                "test_b14_a_pod_runs_where_its_fabric_is_and_waits_where_it_is_not",
                "test_b14_verify_says_which_fabric_is_missing_and_where",
                "test_b14_verify_repeats_what_the_scheduler_says_of_waiting_pods",
            ],
        },
        left="what installs drivers, gIB, GPUDirect and the plugins of cards other than EFA's is the user's, and no "
        "component declares servers of several pods yet, which alone use the cards",
    ),
    Row(
        "B15",
        "a reservation is not what its pool needs, or starts in a placement group only",
        {
            _RULE: [
                "test_b15_a_reservation_is_read_before_anything_is_made",
                "test_b15_machines_reserved_in_a_placement_group_start_only_there",
            ]
        },
    ),
    Row(
        "B16",
        "EKS refuses a zone without control planes, or moves to another image with a launch template and never back",
        {
            _RULE: [
                "test_b16_a_newer_image_is_told_of_and_an_older_one_refused",
                "test_b16_a_new_launch_template_takes_the_newest_image_and_there_is_no_way_back",
                "test_b16_zones_without_control_planes_are_refused_by_their_id",
                "test_b16_the_simulated_account_refuses_the_same_zones",
            ]
        },
    ),
    Row("B17", "a group of ports is read as one port", {_RULE: ["test_b17_a_group_of_ports_is_read_as_a_group"]}),
    Row(
        "B18",
        "logs that EKS wrote after the end stop the next update",
        {
            _RULE: [
                "test_b18_logs_that_eks_wrote_after_the_end_are_named_before_anything_is_made",
                "test_b18_a_cluster_that_is_there_or_was_about_to_be_keeps_its_logs",
            ]
        },
    ),
    Row(
        "B19",
        "everybody who may enter a cluster is its admin",
        {_RULE: ["test_b19_a_team_s_entry_has_groups_and_no_policy"]},
    ),
    Row(
        "B20",
        "grants that a Shared VPC needs are missing",
        {_RULE: ["test_b20_grants_that_a_shared_vpc_needs_are_asked_for", "test_b20_a_grant_on_the_subnet_is_enough"]},
    ),
    Row(
        "B21",
        "a version that is newer than our table is a wall",
        {
            _RULE: [
                "test_b21_a_version_newer_than_ours_is_left_to_azure_and_noted",
                "test_b21_a_version_newer_than_ours_is_left_to_eks_and_noted",
                "test_b21_a_version_is_one_of_the_channel",
                "test_b21_a_version_that_is_sold_no_more_is_a_warning_with_a_date",
            ]
        },
    ),
    Row(
        "E",
        "the GPU operator breaks pod networking on GKE with containerd 2, or is refused by a quota",
        {
            _RULE: [
                "test_e_containerd_of_gke_is_edited_in_place",
                "test_e_pods_of_the_critical_classes_are_admitted_beside_the_operator",
            ]
        },
    ),
)
"""Found by reading the program against documentation, providers' sources and public issues, 2026-11-25."""

PRACTITIONERS: tuple[Row, ...] = (
    Row(
        "device_plugin",
        "drivers are there and no device plugin",
        {_REAL: ["test_a2_a_pod_waits_until_its_device_is_advertised"]},
        reported="`Pulumi.aws.yaml` of the project",
        also=("A2",),
    ),
    Row(
        "hpafull",
        "a rollout waits for a GPU that nobody will free",
        {_RECORDED: ["test_hpafull_a_rollout_asks_for_no_gpu_that_the_autoscaler_may_hold"]},
        reported="hpafull",
    ),
    Row(
        "ekskeda",
        "a model is scaled by a metric that nobody serves",
        {
            _RECORDED: [
                "test_ekskeda_keda_is_installed_where_a_model_is_scaled_by_it",
                "test_hpanone_an_hpa_without_a_source_of_metrics_is_refused",
            ]
        },
        reported="hpafull, ekskeda",
        also=("hpanone",),
    ),
    Row(
        "efs480mn",
        "a server that loads for an hour is taken for broken",
        {_RECORDED: ["test_efs480mn_a_server_may_load_as_long_as_somebody_saw"]},
        reported="efs480mn",
    ),
    Row(
        "fsx",
        "a shared volume cannot be written by others than root",
        {
            _RECORDED: [
                "test_fsx_the_folder_changes_hands_before_anything_is_fetched",
                "test_fsx_a_folder_of_root_is_refused_with_cause_and_fix_before_the_hub_is_asked",
            ]
        },
        reported="fsx",
    ),
    Row(
        "private_hub",
        "a hub inside, or at another port, is out of reach; without NAT nothing is",
        {
            _RECORDED: [
                "test_private_hub_a_hub_inside_is_reached",
                "test_hub_port_a_hub_at_another_port_is_reached",
                "test_natnone_public_sources_are_refused_without_a_way_out",
            ]
        },
        reported="private_hub, hub_port, natnone",
        also=("hub_port", "natnone"),
    ),
    Row(
        "node_local_dns",
        "pods that may ask kube-dns only are cut off from the node's cache",
        {_RECORDED: ["test_node_local_dns_is_asked_where_a_node_has_the_cache"]},
        reported="`Pulumi.gcp.yaml` of the project",
    ),
    Row(
        "v100",
        "the engine has no kernels for the GPU, or for one feature on it",
        {
            _RECORDED: [
                "test_v100_is_older_than_what_engines_are_built_for",
                "test_t4fp8kv_a_feature_without_kernels_is_refused",
            ]
        },
        reported="v100, t4fp8kv",
        also=("t4fp8kv",),
    ),
    Row(
        "tp8x2",
        "an expert is cut into parts narrower than a block of FP8",
        {_RECORDED: ["test_tp8x2_is_refused_with_a_width_that_works"]},
        reported="tp8x2",
    ),
    Row(
        "cfg5pd",
        "check takes what render refuses",
        {_RECORDED: ["test_cfg5pd_is_refused_by_check_already"]},
        reported="cfg5pd",
    ),
    Row(
        "cfg7",
        "a taint that Google documents is refused",
        {_RECORDED: ["test_cfg7_the_taint_of_spot_machines_may_be_written"]},
        reported="cfg7",
    ),
    Row(
        "render_azure",
        "a stack whose volumes are not known yet cannot be rendered",
        {_RECORDED: ["test_render_azure_names_what_is_not_known_yet"]},
        reported="`render azure` of the project",
    ),
)
"""Met by practitioners in public threads, 2026-11-25; test_practitioners.py names the threads."""

ROWS: tuple[Row, ...] = (*FROM_READING, *PRACTITIONERS)
