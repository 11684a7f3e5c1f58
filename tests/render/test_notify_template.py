"""The template for notices: what it finds, what it tells, and that the second factor never leaves with it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest

from gatepass.domain.errors import InvalidInput
from gatepass.domain.grant import Declaration, Window
from gatepass.domain.identifiers import GrantName, RoleName
from gatepass.domain.notice import Channels, MailAddress, MailRoute, TopicArn, Webhook
from gatepass.render.notify_events import CHANGES
from gatepass.render.notify_remarks import notify_remarks
from gatepass.render.notify_template import notify_template
from tests.conftest import CUSTOMER, Cloud
from tests.people import GRANT, MORNING
from tests.people import declaration as declared
from tests.render.stack import EXTERNAL_ID, ROLE, change, deploy, entry, matches, message, stack

TOPIC = TopicArn("arn:aws:sns:eu-west-1:444455556666:gatepass")
MAIL = MailRoute(MailAddress("security@example.com"), MailAddress("gatepass@example.com"))
HOOK = Webhook("https://hooks.example.com/services/SECRET")
EVERY_CHANNEL = Channels(TOPIC, MAIL, HOOK)
ENDING = replace(GRANT, window=Window(None, MORNING + timedelta(days=3)))
RULES = ("Entered", "Changed", "EndsSoon")
RULE_ARNS = [
    f"arn:aws:events:eu-west-1:444455556666:rule/gatepass-{name}" for name in ("entered", "changed", "ends-soon")
]


def declaration(channels: Channels = EVERY_CHANNEL, **changed: Any) -> Declaration:  # noqa: ANN401 - any field
    return replace(declared(ENDING), notify=channels, **changed)


def home(file: Declaration | None = None, region: str = "eu-west-1", partition: str = "aws") -> dict[str, Any]:
    return stack(notify_template(file or declaration(), MORNING), region, partition)


@pytest.mark.parametrize("channels", [Channels(), Channels(webhook=Webhook("http://127.0.0.1:8080/x"))])
def test_without_a_channel_that_aws_can_reach_nothing_is_rendered(channels: Channels) -> None:
    with pytest.raises(InvalidInput, match="names no channel that AWS could reach"):
        notify_template(declaration(channels), MORNING)


@pytest.mark.parametrize(
    "event",
    [
        entry(requestParameters={"roleArn": "arn:aws:iam::444455556666:role/Theirs"}),
        entry(requestParameters={"roleArn": "arn:aws:iam::444455556666:role/x/gatepass/Theirs"}),
        entry(requestParameters={"roleArn": "arn:aws:iam::999900001111:role/gatepass/ServiceProvider-1-support"}),
        entry(errorCode="AccessDenied"),
        entry(eventName="GetCallerIdentity"),
        entry() | {"account": "999900001111"},
        entry() | {"source": "custom.sts"},
    ],
)
def test_an_entry_that_is_not_into_one_of_our_roles_is_not_told(event: dict[str, Any]) -> None:
    assert not any(matches(home()[rule], event) for rule in RULES)


def test_an_entry_into_one_of_our_roles_is_told_to_people_without_the_external_id() -> None:
    entered, event = home()["Entered"], entry()

    assert matches(entered, event)
    for target in entered["Targets"]:
        told = message(target, event)
        assert EXTERNAL_ID not in told
        for said in (ROLE, "netops-1", "111122223333", "203.0.113.7", "2026-11-22T08:00:00Z"):
            assert said in told


def test_a_webhook_gets_json_with_a_text_and_mailboxes_get_the_text() -> None:
    topic, mail, webhook = home()["Entered"]["Targets"]

    told = json.loads(message(webhook, entry()))
    assert told["text"] == json.loads(message(topic, entry())) == json.loads(message(mail, entry()))
    assert (told["event"], told["role"], told["who"]) == ("entered", ROLE, "netops-1")


def test_an_entry_without_a_source_identity_is_told_too() -> None:
    event = entry()
    del event["detail"]["requestParameters"]["sourceIdentity"]

    assert matches(home()["Entered"], event)
    assert ROLE in message(home()["Entered"]["Targets"][0], event)


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_of_a_role_is_told_without_any_policy(name: str) -> None:
    """A trust policy holds the external ID."""
    changed, event = home()["Changed"], change(name, policyName="gatepass-switch")

    assert matches(changed, event)
    for target in changed["Targets"]:
        told = message(target, event)
        assert EXTERNAL_ID not in told
        for said in (name, "user/ann", "ServiceProvider-111122223333-support", "gatepass-switch"):
            assert said in told


@pytest.mark.parametrize(
    "event",
    [
        change("PutRolePolicy", roleName="Theirs"),
        change("GetRole"),
        change("TagRole"),
        {**change("PutRolePolicy"), "account": "999900001111"},
    ],
)
def test_other_changes_are_not_told(event: dict[str, Any]) -> None:
    assert not any(matches(home()[rule], event) for rule in RULES)


def test_iam_does_not_tell_names_apart_by_case_and_neither_does_the_rule() -> None:
    assert matches(home()["Changed"], change("DeleteRole", roleName="serviceprovider-111122223333-SUPPORT"))


def test_an_adopted_role_is_watched_wherever_it_stands() -> None:
    grant = replace(GRANT, adopted=RoleName("Handmade"))
    entered = home(replace(declared(grant), notify=EVERY_CHANNEL))["Entered"]

    for path in ("", "ops/", "ops/vendors/"):
        assert matches(entered, entry(requestParameters={"roleArn": f"arn:aws:iam::444455556666:role/{path}Handmade"}))
    assert not matches(entered, entry(requestParameters={"roleArn": "arn:aws:iam::444455556666:role/NotHandmade"}))


def test_no_path_leads_to_an_external_id_or_to_anything_around_one() -> None:
    """Whatever else CloudTrail may add to an event, only named single values leave."""
    allowed = {
        "$.account",
        "$.detail.eventTime",
        "$.detail.eventName",
        "$.detail.awsRegion",
        "$.detail.sourceIPAddress",
        "$.detail.userIdentity.accountId",
        "$.detail.userIdentity.arn",
        "$.detail.requestParameters.roleArn",
        "$.detail.requestParameters.roleName",
        "$.detail.requestParameters.roleSessionName",
        "$.detail.requestParameters.sourceIdentity",
        "$.detail.requestParameters.policyName",
        "$.detail.requestParameters.policyArn",
        "$.detail.grant",
        "$.detail.role",
        "$.detail.until",
    }
    for rule in RULES:
        for target in home()[rule]["Targets"]:
            transformer = target["InputTransformer"]
            assert set(transformer["InputPathsMap"].values()) <= allowed
            # <aws.events.event.json> and its kind would pass the whole event on.
            assert "<aws." not in transformer["InputTemplate"]


def test_only_our_rules_may_publish_to_the_topic_of_the_template() -> None:
    (statement,) = home()["MailTopicPolicy"]["PolicyDocument"]["Statement"]

    assert statement["Principal"] == {"Service": "events.amazonaws.com"}
    assert statement["Action"] == "sns:Publish"
    assert statement["Resource"] == "arn:aws:sns:eu-west-1:444455556666:MailTopic"
    assert statement["Condition"] == {"ArnEquals": {"aws:SourceArn": RULE_ARNS}}


def test_the_customers_own_topic_is_left_alone_and_its_statement_is_told() -> None:
    remarks = list(notify_remarks(declaration(Channels(TOPIC)), MORNING))

    assert not [one for one in home(declaration(Channels(TOPIC))).values() if one["Type"].startswith("AWS::SNS")]
    (statement,) = [json.loads(remark) for remark in remarks if remark.startswith("{")]
    assert statement["Resource"] == str(TOPIC)
    assert statement["Condition"] == {"ArnEquals": {"aws:SourceArn": RULE_ARNS}}


def test_the_address_of_a_webhook_is_in_no_template_and_no_remark() -> None:
    template: dict[str, Any] = notify_template(declaration(), MORNING)

    assert "SECRET" not in json.dumps(template) + "".join(notify_remarks(declaration(), MORNING))
    assert template["Parameters"]["WebhookAddress"]["NoEcho"] is True
    assert "Default" not in template["Parameters"]["WebhookAddress"]
    assert home()["WebhookDestination"]["InvocationEndpoint"] == "https://hooks.example.com/x"


@pytest.mark.parametrize(
    ("partition", "iam_region", "elsewhere"),
    [("aws", "us-east-1", "eu-west-1"), ("aws-cn", "cn-north-1", "cn-northwest-1"), ("aws-us-gov", "us-gov-west-1", "us-gov-east-1")],
)  # fmt: skip
def test_without_a_topic_home_is_where_iam_is_logged(partition: str, iam_region: str, elsewhere: str) -> None:
    file = declaration(Channels(mail=MAIL))

    there, away = home(file, iam_region, partition), home(file, elsewhere, partition)

    assert {"Entered", "Changed", "MailTopic"} <= set(there)
    assert set(away) == {"ForwardRole", "ForwardEntered"}
    bus = f"arn:{partition}:events:{iam_region}:444455556666:event-bus/default"
    assert away["ForwardEntered"]["Targets"][0]["Arn"] == bus
    assert away["ForwardRole"]["Policies"][0]["PolicyDocument"]["Statement"][0]["Resource"] == bus


def test_away_from_home_the_same_events_are_passed_on() -> None:
    """EventBridge tells only topics of its own Region; the rules at home find what was passed on."""
    iam, other = home(region="us-east-1"), home(region="eu-central-1")

    assert matches(iam["ForwardChanged"], change("DeleteRole"))
    assert matches(iam["ForwardEntered"], entry())
    assert set(other) == {"ForwardRole", "ForwardEntered"}
    assert other["ForwardEntered"]["EventPattern"] == home()["Entered"]["EventPattern"]
    assert other["ForwardEntered"]["Targets"][0]["Arn"] == "arn:aws:events:eu-west-1:444455556666:event-bus/default"
    assert "InputTransformer" not in other["ForwardEntered"]["Targets"][0]


def test_home_passes_nothing_on() -> None:
    """Else an event would go round."""
    assert not [name for name in home() if name.startswith("Forward")]


def test_a_rule_for_entries_asks_for_reads() -> None:
    """CloudTrail marks AssumeRole as a read, and EventBridge withholds reads from rules that do not ask."""
    for rule in (home()["Entered"], home(region="us-east-1")["ForwardEntered"]):
        assert rule["State"] == "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"


def test_each_window_is_told_of_an_hour_before_its_end() -> None:
    late = replace(ENDING, name=GrantName("over"), window=Window(None, MORNING + timedelta(hours=1)))
    zoned = datetime.fromisoformat("2026-11-30T01:30:00+09:00")
    other = replace(ENDING, name=GrantName("prod-audit0"), window=Window(None, zoned))
    endless = replace(GRANT, name=GrantName("endless"))
    file = replace(declared(ENDING, late, other, endless), notify=EVERY_CHANNEL)

    standing = home(file)

    schedules = {one["Name"]: one for one in standing.values() if one["Type"] == "AWS::Scheduler::Schedule"}
    assert {name: one["ScheduleExpression"] for name, one in schedules.items()} == {
        "gatepass-ends-support": "at(2026-11-25T07:00:00)",
        "gatepass-ends-prod-audit0": "at(2026-11-29T15:30:00)",
    }
    assert any("the window of over" in remark for remark in notify_remarks(file, MORNING))
    assert all(name.isalnum() for name in notify_template(file, MORNING)["Resources"])  # type: ignore[attr-defined]


def test_what_a_schedule_puts_on_the_bus_is_told() -> None:
    standing = home()
    schedule = standing["Endssupport"]["Target"]
    event = {
        "account": CUSTOMER,
        "source": schedule["EventBridgeParameters"]["Source"],
        "detail-type": schedule["EventBridgeParameters"]["DetailType"],
        "detail": json.loads(schedule["Input"]),
    }

    assert matches(standing["EndsSoon"], event)
    assert not matches(standing["EndsSoon"], event | {"account": "999900001111"})
    for target in standing["EndsSoon"]["Targets"]:
        told = message(target, event)
        assert "support" in told
        assert "2026-11-25T08:00:00+00:00" in told


def test_without_windows_there_is_no_schedule_and_no_role_for_one() -> None:
    assert "SchedulerRole" not in home(replace(declared(), notify=EVERY_CHANNEL))


@pytest.mark.parametrize("region", ["eu-west-1", "us-east-1", "eu-central-1"])
def test_the_sandbox_takes_every_resource(cloud: Cloud, region: str) -> None:
    """It carries no CloudFormation; each resource is made by the call that CloudFormation would make.

    boto3 refuses parameters that the API does not know, so this shows that they are well formed.
    """
    keys = cloud.aws.root_credentials(CUSTOMER)

    def client(service: str) -> Any:  # noqa: ANN401 - boto3's
        return boto3.client(
            service, endpoint_url=cloud.aws.endpoint, region_name=region,
            aws_access_key_id=keys[0], aws_secret_access_key=keys[1],
        )  # fmt: skip

    resources = home(region=region)
    for name, resource in resources.items():
        deploy(resource, name, client)

    rules = {rule["Name"] for rule in client("events").list_rules()["Rules"]}
    assert rules == {one["Name"] for one in resources.values() if one["Type"] == "AWS::Events::Rule"}


def test_a_time_is_read_in_utc() -> None:
    """A schedule of EventBridge names its zone; ours is UTC whatever the file's is."""
    schedule = home()["Endssupport"]

    assert schedule["ScheduleExpressionTimezone"] == "UTC"
    assert datetime.strptime(schedule["ScheduleExpression"], "at(%Y-%m-%dT%H:%M:%S)").replace(
        tzinfo=UTC
    ) == MORNING + timedelta(days=3, hours=-1)
