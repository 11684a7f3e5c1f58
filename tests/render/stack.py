"""CloudFormation in small: what a template's resources are in one Region, and the events that its rules would see."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from moto.events.models import EventPattern

ACCOUNT = "444455556666"
EXTERNAL_ID = "gp1.KEYKEYKEYK.CODECODECODECODECODECODECO"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/gatepass/ServiceProvider-111122223333-support"


def stack(template: dict[str, Any], region: str, partition: str = "aws") -> dict[str, Any]:
    """Return the resources that stand in that Region, with every reference filled in."""
    # A template is a text: what JSON cannot hold could not be deployed.
    there = _Region(json.loads(json.dumps(template)), region, partition)
    standing = {name: one for name, one in there.template["Resources"].items() if there.holds(one["Condition"])}
    return {name: {"Type": each["Type"], **there.filled(each["Properties"])} for name, each in standing.items()}


@dataclass(frozen=True)
class _Region:
    """One template in one Region: its functions and conditions, as CloudFormation reads them."""

    template: dict[str, Any]
    region: str
    partition: str

    def holds(self, condition: Any) -> bool:  # noqa: ANN401 - JSON
        match condition:
            case str(name) | {"Condition": str(name)}:
                return self.holds(self.template["Conditions"][name])
            case {"Fn::Equals": [first, second]}:
                return bool(self.filled(first) == self.filled(second))
            case {"Fn::Not": [inner]}:
                return not self.holds(inner)
            case {"Fn::And": list(inner)}:
                return all(self.holds(each) for each in inner)
            case _:
                raise AssertionError(condition)

    def filled(self, value: Any) -> Any:  # noqa: ANN401 - JSON
        match value:
            case dict() if len(value) == 1 and (function := next(iter(value))) in ("Ref", *_FUNCTIONS):
                return self._called(function, value[function])
            case dict():
                return {key: self.filled(inner) for key, inner in value.items()}
            case list():
                return [self.filled(inner) for inner in value]
            case _:
                return value

    def _called(self, function: str, argument: Any) -> str:  # noqa: ANN401 - JSON
        match function, argument:
            case "Ref", str(name):
                return self._known().get(name) or self.arn(name)
            case "Fn::GetAtt", [name, "Arn"]:
                return self.arn(name)
            case "Fn::FindInMap", [name, first, second]:
                return str(self.template["Mappings"][name][self.filled(first)][self.filled(second)])
            case "Fn::Sub", [text, more]:
                return _substituted(text, self._known() | {name: self.filled(one) for name, one in more.items()})
            case "Fn::Sub", text:
                return _substituted(text, self._known())
            case _:
                raise AssertionError(function, argument)

    def _known(self) -> dict[str, str]:
        known = {"AWS::Region": self.region, "AWS::Partition": self.partition, "AWS::AccountId": ACCOUNT}
        return known | {"WebhookAddress": "https://hooks.example.com/x"}

    def arn(self, name: str) -> str:
        """Return an ARN such as AWS would give to the resource."""
        resource = self.template["Resources"][name]
        start = {
            "AWS::SNS::Topic": f"sns:{self.region}:{ACCOUNT}:",
            "AWS::IAM::Role": f"iam::{ACCOUNT}:role/",
            "AWS::Events::Rule": f"events:{self.region}:{ACCOUNT}:rule/",
            "AWS::Events::Connection": f"events:{self.region}:{ACCOUNT}:connection/",
            "AWS::Events::ApiDestination": f"events:{self.region}:{ACCOUNT}:api-destination/",
        }[resource["Type"]]
        return f"arn:{self.partition}:{start}{resource['Properties'].get('Name', name)}"


_FUNCTIONS = ("Fn::GetAtt", "Fn::FindInMap", "Fn::Sub")


def _substituted(text: str, known: dict[str, str]) -> str:
    """Return the text with each ``${Name}`` replaced; an unknown name is an error, as for CloudFormation."""
    return re.sub(r"\$\{([\w:]+)\}", lambda found: known[found[1]], text)


def matches(rule: dict[str, Any], event: dict[str, Any]) -> bool:
    """Say whether the rule would take the event, as moto reads patterns."""
    pattern: Any = EventPattern.load(json.dumps(rule["EventPattern"]))
    return bool(pattern.matches_event(event))


def message(target: dict[str, Any], event: dict[str, Any]) -> str:
    """Return what the target is sent: EventBridge puts nothing where a path leads nowhere."""
    transformer = target["InputTransformer"]
    text: str = transformer["InputTemplate"]
    for name, path in transformer["InputPathsMap"].items():
        found: Any = event
        for key in path.removeprefix("$.").split("."):
            found = found.get(key, "") if isinstance(found, dict) else ""
        text = text.replace(f"<{name}>", found if isinstance(found, str) else json.dumps(found))
    return text


def entry(**changed: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    """Return what EventBridge gets of an AssumeRole from another account, as the role's account sees it."""
    asked = {
        "roleArn": ROLE,
        "roleSessionName": "netops-1",
        "externalId": EXTERNAL_ID,
        "sourceIdentity": "netops-1",
        "durationSeconds": 3600,
    }
    detail = {
        "eventVersion": "1.08",
        "userIdentity": {"type": "AWSAccount", "principalId": "AIDAEXAMPLE", "accountId": "111122223333"},
        "eventTime": "2026-11-22T08:00:00Z",
        "eventSource": "sts.amazonaws.com",
        "eventName": "AssumeRole",
        "awsRegion": "eu-central-1",
        "sourceIPAddress": "203.0.113.7",
        "requestParameters": asked | changed.pop("requestParameters", {}),
        "readOnly": True,
        "recipientAccountId": ACCOUNT,
    }
    return _event("aws.sts", detail | changed)


def change(name: str, **parameters: str) -> dict[str, Any]:
    """Return what EventBridge gets of a call of IAM about a role; its trust policy holds the external ID."""
    trust = json.dumps({"Condition": {"StringEquals": {"sts:ExternalId": EXTERNAL_ID}}})
    detail = {
        "userIdentity": {"type": "IAMUser", "arn": f"arn:aws:iam::{ACCOUNT}:user/ann", "accountId": ACCOUNT},
        "eventTime": "2026-11-22T08:00:00Z",
        "eventSource": "iam.amazonaws.com",
        "eventName": name,
        "awsRegion": "us-east-1",
        "sourceIPAddress": "198.51.100.4",
        "requestParameters": {"roleName": ROLE.rsplit("/", 1)[1], "policyDocument": trust, **parameters},
    }
    return _event("aws.iam", detail)


def _event(source: str, detail: dict[str, Any]) -> dict[str, Any]:
    return {
        "version": "0",
        "id": "6f87d04b-9f74-4f04-a780-7acf4b0a9b38",
        "detail-type": "AWS API Call via CloudTrail",
        "source": source,
        "account": ACCOUNT,
        "time": "2026-11-22T08:00:01Z",
        "region": detail["awsRegion"],
        "resources": [],
        "detail": detail,
    }


def deploy(resource: dict[str, Any], name: str, client: Callable[[str], Any]) -> None:
    """Make the resource by the call that CloudFormation would make."""
    properties = dict(resource)
    match properties.pop("Type"):
        case "AWS::Events::Rule":
            targets, pattern = properties.pop("Targets"), json.dumps(properties.pop("EventPattern"))
            client("events").put_rule(EventPattern=pattern, **properties)
            assert client("events").put_targets(Rule=properties["Name"], Targets=targets)["FailedEntryCount"] == 0
        case "AWS::Scheduler::Schedule":
            client("scheduler").create_schedule(**properties)
        case "AWS::IAM::Role":
            _deploy_role(name, properties, client("iam"))
        case "AWS::SNS::Topic":
            made = client("sns").create_topic(Name=name)["TopicArn"]
            for subscription in properties["Subscription"]:
                client("sns").subscribe(TopicArn=made, **subscription)
        case "AWS::SNS::TopicPolicy":
            document, (topic,) = json.dumps(properties["PolicyDocument"]), properties["Topics"]
            client("sns").set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=document)
        case "AWS::Events::Connection":
            client("events").create_connection(Name=name, **properties)
        case "AWS::Events::ApiDestination":
            # The end of a connection's ARN is AWS's choice.
            real = client("events").describe_connection(Name=properties["ConnectionArn"].rsplit("/", 1)[1])
            client("events").create_api_destination(
                Name=name, **(properties | {"ConnectionArn": real["ConnectionArn"]})
            )
        case kind:
            raise AssertionError(kind)


def _deploy_role(name: str, properties: dict[str, Any], iam: Any) -> None:  # noqa: ANN401 - boto3's
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(properties["AssumeRolePolicyDocument"]))
    for inline in properties["Policies"]:
        document = json.dumps(inline["PolicyDocument"])
        iam.put_role_policy(RoleName=name, PolicyName=inline["PolicyName"], PolicyDocument=document)
