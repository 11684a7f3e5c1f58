"""`gatepass list` against an AWS that decides."""

from __future__ import annotations

import json
from pathlib import Path

import boto3
import pytest

from tests.cli.person import Person
from tests.conftest import CUSTOMER, Cloud

ALL = '{"Effect": "Allow", "Action": "*", "Resource": "*"}'
NOT_IN_IRELAND = (
    '{"Effect": "Deny", "Action": "ec2:DescribeInstances", "Resource": "*", '
    '"Condition": {"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}}'
)


@pytest.fixture
def reader(cloud: Cloud, tmp_path: Path) -> Person:
    """Somebody who may read everything."""
    return cloud.person(tmp_path / "reader", cloud.user(CUSTOMER, "reader", ALL))


def _machines(cloud: Cloud, region: str, count: int) -> None:
    keys = cloud.aws.root_credentials(CUSTOMER)
    ec2 = boto3.client(
        "ec2", endpoint_url=cloud.aws.endpoint, region_name=region, aws_access_key_id=keys[0],
        aws_secret_access_key=keys[1],
    )  # fmt: skip
    ec2.run_instances(ImageId="ami-12c6146b", MinCount=count, MaxCount=count)


def test_a_region_that_refuses_is_told_and_the_others_are_shown(cloud: Cloud, tmp_path: Path) -> None:
    _machines(cloud, "us-east-1", 1)
    _machines(cloud, "eu-west-1", 1)
    person = cloud.person(tmp_path / "p", cloud.user(CUSTOMER, "nearly", f"{ALL}, {NOT_IN_IRELAND}"))

    shown = person.types("gatepass list ec2-instance --regions us-east-1,eu-west-1 --output csv")

    assert shown.returncode == 1
    assert shown.stdout.count("\nus-east-1,i-") == 1
    assert "\neu-west-1,i-" not in shown.stdout
    assert "missing: eu-west-1: AWS refused ec2:DescribeInstances" in shown.stdout


def test_json_says_what_is_missing(cloud: Cloud, tmp_path: Path) -> None:
    person = cloud.person(tmp_path / "p", cloud.user(CUSTOMER, "nearly", f"{ALL}, {NOT_IN_IRELAND}"))
    _machines(cloud, "us-east-1", 1)

    shown = person.types("sh -c 'gatepass list ec2-instance --regions us-east-1,eu-west-1 --json 2>/dev/null'")

    facts = json.loads(shown.stdout)
    assert [row["Region"] for row in facts["rows"]] == ["us-east-1"]
    assert [gap["where"] for gap in facts["missing"]] == ["eu-west-1"]
    assert shown.returncode == 1


def test_refused_in_every_region_is_a_refusal(cloud: Cloud, tmp_path: Path) -> None:
    person = cloud.person(
        tmp_path / "p", cloud.user(CUSTOMER, "nobody", '{"Effect": "Allow", "Action": "iam:*", "Resource": "*"}')
    )

    shown = person.types("gatepass list vpc --regions us-east-1,eu-west-1")

    assert shown.returncode == 1
    assert "gatepass: error: AWS refused ec2:DescribeVpcs" in shown.stdout
    assert "no Region answered: us-east-1, eu-west-1" in shown.stdout


def test_without_the_right_to_ask_for_regions_those_that_boto3_knows_are_asked(cloud: Cloud, tmp_path: Path) -> None:
    person = cloud.person(
        tmp_path / "p", cloud.user(CUSTOMER, "vpcs", '{"Effect": "Allow", "Action": "sns:*", "Resource": "*"}')
    )
    sns = cloud.client("sns", cloud.aws.root_credentials(CUSTOMER))
    sns.create_topic(Name="alerts")

    shown = person.types("gatepass list sns --all-regions --columns region,topic --output text")

    assert shown.stdout.splitlines() == ["us-east-1\talerts"]
    assert shown.returncode == 0


def test_every_region_of_the_account_is_asked(cloud: Cloud, reader: Person) -> None:
    _machines(cloud, "us-west-2", 2)
    _machines(cloud, "eu-west-1", 1)

    shown = reader.types("gatepass list ec2-instance --all-regions --columns region --output text")

    assert shown.stdout.split() == ["eu-west-1", "us-west-2", "us-west-2"]


def test_what_is_the_same_everywhere_is_asked_once(cloud: Cloud, reader: Person) -> None:
    s3 = cloud.client("s3", cloud.aws.root_credentials(CUSTOMER))
    s3.create_bucket(Bucket="acme-invoices")

    shown = reader.types("gatepass list s3bucket --all-regions --output csv")

    assert [line.split(",")[:2] for line in shown.stdout.splitlines()] == [
        ["Region", "Bucket"],
        ["global", "acme-invoices"],
    ]
    assert len([event for event in cloud.aws.events() if event["eventName"] == "ListBuckets"]) == 1


def test_every_page_is_read(cloud: Cloud, reader: Person) -> None:
    """IAM answers 100 roles a page."""
    iam = cloud.client("iam", cloud.aws.root_credentials(CUSTOMER))
    trust = '{"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}]}'
    for number in range(130):
        iam.create_role(RoleName=f"role-{number}", AssumeRolePolicyDocument=trust)

    shown = reader.types("gatepass list iam-role --columns role --output text")

    assert len(shown.stdout.split()) == 130


def test_lists_that_need_another_list_ask_it_first(cloud: Cloud, reader: Person) -> None:
    iam = cloud.client("iam", cloud.aws.root_credentials(CUSTOMER))
    for group in ("admins", "readers"):
        iam.create_group(GroupName=group)
        iam.add_user_to_group(GroupName=group, UserName="reader")

    shown = reader.types("gatepass list iam-groups-users --columns group,user --output text")

    assert shown.stdout.splitlines() == ["admins\treader", "readers\treader"]


def test_what_aws_says_is_not_there_is_an_empty_list(reader: Person) -> None:
    shown = reader.types("gatepass list iam-account-password-policy")

    assert shown.returncode == 0
    assert shown.stdout.strip() == "no iam-account-password-policy in this account"


def test_rows_are_chosen_ordered_and_cut(cloud: Cloud, reader: Person) -> None:
    logs = cloud.client("logs", cloud.aws.root_credentials(CUSTOMER))
    for name in ("/app/b", "/app/a", "/sys/c"):
        logs.create_log_group(logGroupName=name)

    chosen = reader.types("gatepass list log-groups --filter group~/app --sort -group --columns group --output text")
    whole = reader.types("gatepass list log-groups --filter Group=/sys/c --columns group --output text")
    anywhere = reader.types("gatepass list log-groups --filter SYS --columns group --output text")

    assert chosen.stdout.split() == ["/app/b", "/app/a"]
    assert whole.stdout.split() == anywhere.stdout.split() == ["/sys/c"]


def test_a_query_asks_what_aws_told_and_not_the_table(cloud: Cloud, reader: Person) -> None:
    s3 = cloud.client("s3", cloud.aws.root_credentials(CUSTOMER))
    s3.create_bucket(Bucket="acme-invoices")

    plain = reader.types("gatepass list s3bucket --query [].Name")
    table = reader.types("gatepass list s3bucket --query '[].{Which: Name}' --output csv")
    both = reader.types("gatepass list s3bucket --query [].Name --filter acme")

    assert json.loads(plain.stdout) == ["acme-invoices"]
    assert table.stdout.split() == ["Which", "acme-invoices"]
    assert both.returncode == 2


@pytest.mark.parametrize(
    ("command", "told"),
    [
        ("list s3buckets", "did you mean s3bucket"),
        ("list lamda", "did you mean lambda"),
        ("list bucket", "did you mean s3bucket"),
        ("list AWS::S3:Bucket", "did you mean AWS::S3::Bucket"),
        ("list s3bucket --columns Bukket", "did you mean 'Bucket'"),
        ("list s3bucket --sort Age", "the columns are: Bucket, Created"),
        ("list s3bucket --filter age=1", "the columns are: Bucket, Created"),
        ("list s3bucket --query '[].('", "JMESPath"),
        ("list vpc --regions europe", "is not the name of a Region"),
        ("list vpc --region eu-west-1 --all-regions", "use one of --region"),
        ("list vpc --json --output csv", "without --output"),
    ],
)
def test_a_slip_is_told_before_aws_is_asked(command: str, told: str, cloud: Cloud, reader: Person) -> None:
    before = len(cloud.aws.events())

    refused = reader.types(f"gatepass {command}")

    assert refused.returncode in {1, 2}
    assert told in refused.stdout
    assert len(cloud.aws.events()) == before


def test_the_catalogue_needs_no_credentials_and_shows_own_entries(tmp_path: Path) -> None:
    own = tmp_path / "config-home" / "gatepass"
    own.mkdir(parents=True)
    (own / "catalogue.toml").write_text(
        '[our-queues]\naction = "sqs:ListQueues"\nservice = "sqs"\noperation = "list_queues"\n'
        'items = "QueueUrls[].{url: @}"\ncolumns = { Url = "url" }\n',
        encoding="utf-8",
    )
    person = Person(tmp_path, {"XDG_CONFIG_HOME": str(tmp_path / "config-home")})

    shown = person.types("gatepass list")
    facts = json.loads(person.types("gatepass list --json --filter our-queues").stdout)

    assert shown.returncode == 0
    assert "\n  s3bucket " in shown.stdout
    assert "\n  our-queues " in shown.stdout
    assert [each["name"] for each in facts["resources"]] == ["our-queues"]


def test_a_mistake_in_the_own_catalogue_is_told_with_file_and_entry(tmp_path: Path) -> None:
    own = tmp_path / "config-home" / "gatepass"
    own.mkdir(parents=True)
    (own / "catalogue.toml").write_text('[our-queues]\nservice = "sqs"\n', encoding="utf-8")
    person = Person(tmp_path, {"XDG_CONFIG_HOME": str(tmp_path / "config-home")})

    shown = person.types("gatepass list s3bucket")

    assert shown.returncode == 1
    assert "gatepass/catalogue.toml: [our-queues] lacks action" in shown.stdout


def test_what_a_tag_says_is_shown_and_not_obeyed(cloud: Cloud, reader: Person) -> None:
    ec2 = cloud.client("ec2", cloud.aws.root_credentials(CUSTOMER))
    vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
    ec2.create_tags(Resources=[vpc], Tags=[{"Key": "Name", "Value": "[red]=x[/red]"}])

    shown = reader.types("gatepass list vpc")

    assert "[red]=x[/red]" in shown.stdout


def test_progress_is_shown_at_a_terminal(reader: Person) -> None:
    terminal = reader.at_terminal("gatepass list sns --regions us-east-1,eu-west-1")

    terminal.expect("asked 1 of 2 Regions")
    terminal.expect("no sns in this account in 2 Regions")
