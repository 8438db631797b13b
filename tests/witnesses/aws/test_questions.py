"""The questions to the account are calls that AWS takes, and its answers, as they are documented, are understood."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import cast

import pytest
from pulumi.runtime import MockCallArgs, MockResourceArgs, Mocks, set_mocks
from pulumi.runtime import test as run_to_end  # pyright: ignore[reportUnknownVariableType] - the SDK leaves it untyped

from components.clusters.eks.account import require_account
from components.clusters.eks.account_reservations import Reserved
from components.clusters.eks.args import EksClusterArgs
from components.clusters.eks.settings import EksTarget
from components.contracts.errors import Problem, StrataError
from components.networks.aws.settings import AdoptedVpc
from simulation.clouds.aws.cloud import AWS
from tests.simulation.clouds.eks_variants import POOLS, target

from .json_schema import violations
from .questions import QUESTIONS, RESERVATION, Json, report
from .schemas import raw_schema
from .service_models import values_of


class _Account(Mocks):
    """Answers with the recorded answers."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, Json]] = []

    def new_resource(self, args: MockResourceArgs) -> tuple[str | None, Json]:
        return f"{args.name}-id", {}

    def call(self, args: MockCallArgs) -> tuple[Json, list[tuple[str, str]]]:
        self.asked.append((args.token, cast("Json", args.args)))  # pyright: ignore[reportUnknownMemberType] - untyped
        question = QUESTIONS[args.token]
        return question.result(question.answer), []


def _asked(cluster: EksTarget) -> tuple[_Account, list[Problem]]:
    account, problems = _Account(), list[Problem]()
    set_mocks(account, project="strata", stack="test", preview=True)

    @run_to_end
    def program() -> None:
        try:
            require_account("prod", EksClusterArgs.of(cluster, POOLS))
        except StrataError as error:
            problems.extend(error.problems)

    program()
    return account, problems


def _adopted() -> EksTarget:
    subnets = {"us-east-2a": "subnet-01234567", "us-east-2b": "subnet-12345678", "us-east-2c": "subnet-23456789"}
    return target(
        network=AdoptedVpc(kind="adopt", id="vpc-0123456789abcdef0", cidr="10.20.0.0/16", private_subnets=subnets)
    )


@pytest.mark.parametrize("cluster", [target(), _adopted()], ids=["made", "adopted"])
def test_every_question_is_a_call_that_aws_takes(cluster: EksTarget) -> None:
    account, _ = _asked(cluster)
    assert account.asked
    wrong = {token: QUESTIONS[token].wrong_parameters(arguments) for token, arguments in account.asked}
    assert {token: said for token, said in wrong.items() if said} == {}


def test_closed_lists_of_questions_are_aws_s() -> None:
    account, _ = _asked(target())
    kinds = {str(arguments["locationType"]) for token, arguments in account.asked if "Offerings" in token}
    assert kinds <= set(values_of("ec2:LocationType"))


def test_b6_the_question_for_an_add_on_is_a_call_of_eks() -> None:
    exists = _adopted().model_copy(update={"adopt_cluster": True, "name": "other"})
    account, _ = _asked(exists)
    question = QUESTIONS["aws:eks/getAddon:getAddon"]
    asked = [arguments for token, arguments in account.asked if token == "aws:eks/getAddon:getAddon"]
    assert [arguments["addonName"] for arguments in asked] == ["aws-ebs-csi-driver", "aws-efs-csi-driver"]
    assert [question.wrong_parameters(arguments) for arguments in asked] == ["", ""]


@pytest.mark.parametrize("token", QUESTIONS)
def test_a_recorded_answer_has_the_published_shape(token: str) -> None:
    assert QUESTIONS[token].wrong_answer() == ""


def test_every_look_up_of_the_simulated_account_is_a_question_here() -> None:
    assert AWS.functions.keys() - QUESTIONS.keys() == {"aws:eks/getCluster:getCluster"}, "asked while it is made"


def test_a_fresh_account_is_told_what_it_lacks() -> None:
    _, problems = _asked(target())
    causes = [problem.cause for problem in problems]
    assert any("(L-417A185B), which is 0" in cause for cause in causes)
    assert any("the log group /aws/eks/prod/cluster is there without a cluster" in cause for cause in causes)
    assert not any("cr-" in cause for cause in causes), "the reservation fits its pool"


def test_a_reservation_is_what_the_registry_says_it_is() -> None:
    known = raw_schema("AWS::EC2::CapacityReservation")
    assert violations(known, RESERVATION) == []
    read = Reserved.model_validate_json(json.dumps(RESERVATION))
    assert (read.state, read.total, read.free, read.zone) == ("active", 2, 2, "us-east-2b")
    properties = known["properties"]
    assert isinstance(properties, dict)
    assert {str(field.alias) for field in Reserved.model_fields.values()} <= properties.keys()


@pytest.mark.parametrize(
    ("service", "operation", "parameters", "says"),
    [
        ("ec2", "DescribeInstanceTypeOfferings", {"Location": "us-east-2a"}, "Unknown parameter"),
        ("service-quotas", "GetServiceQuota", {"QuotaCode": "L-417A185B"}, "Missing required parameter"),
        ("cloudcontrol", "GetResource", {"TypeName": "x", "Identifier": 7}, "Invalid type for parameter Identifier"),
    ],
)
def test_a_planted_fault_of_a_question_is_found(service: str, operation: str, parameters: Json, says: str) -> None:
    assert says in report(service, operation, "input", parameters)


def test_a_planted_fault_of_an_answer_is_found() -> None:
    question = QUESTIONS["aws:eks/getClusters:getClusters"]
    assert "Unknown parameter" in replace(question, answer={"names": ["other"]}).wrong_answer()
