"""A CloudFormation template that tells a customer when its roles are entered or changed, or when a window ends.

One template for every Region. Rules find events where AWS logs them; one Region is home, and the
stacks elsewhere pass what they find on to it, because EventBridge tells only topics of its own Region.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from gatepass.domain.errors import InvalidInput
from gatepass.domain.grant import Declaration, Grant
from gatepass.render.notify_events import (
    BUS_SOURCE,
    CHANGED,
    ENDS_SOON,
    ENDS_SOON_TYPE,
    ENTERED,
    Message,
    changed_pattern,
    ends_soon_detail,
    ends_soon_pattern,
    entered_pattern,
)

Json = dict[str, object]

# How long before its end a window is told of.
AHEAD = timedelta(hours=1)
_HOME, _AWAY, _AWAY_WITH_IAM = "IsHome", "IsAway", "IsAwayWithIam"
# CloudTrail logs a partition's IAM calls in one Region (IAM User Guide, "Logging IAM and AWS STS API calls").
_IAM_REGIONS = {"aws": "us-east-1", "aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1"}
_IAM_REGION: Json = {"Fn::FindInMap": ["IamRegion", {"Ref": "AWS::Partition"}, "Name"]}
_REGION: Json = {"Ref": "AWS::Region"}
# AssumeRole counts as a read; EventBridge withholds most reads from rules that do not ask for them.
_WITH_READS = "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"
_RULES = {"Entered": "gatepass-entered", "Changed": "gatepass-changed", "EndsSoon": "gatepass-ends-soon"}


def notify_template(declaration: Declaration, now: datetime) -> Json:
    """Return the template for the declared roles and channels; windows that are over or all but over are left out.

    Raises:
        InvalidInput: no channel is declared that AWS could reach.
    """
    _demand_channel(declaration)
    resources = {
        **_mail_topic(declaration),
        **_webhook(declaration),
        **_home_rules(declaration),
        **_schedules(declaration, now),
        **_forwarding(declaration),
    }
    template: Json = {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": (
            f"Gatepass: tells when somebody enters or changes the service providers' roles of account "
            f"{declaration.account}. Deploy it in {home_region(declaration)}, in the Region of IAM (us-east-1) and in "
            f"every other Region whose STS endpoint may be called."
        ),
        "Mappings": {"IamRegion": {partition: {"Name": region} for partition, region in _IAM_REGIONS.items()}},
        "Conditions": _conditions(declaration),
        "Resources": resources,
    }
    if _takes_webhook(declaration):
        address = {"Type": "String", "NoEcho": True, "AllowedPattern": "https://.+", "Description": "the webhook"}
        template["Parameters"] = {"WebhookAddress": address}
    return template


def home_region(declaration: Declaration) -> str:
    """Return the Region whose stack tells; the others only pass on to it."""
    return declaration.notify.topic.region if declaration.notify.topic else "us-east-1"


def ends_to_tell(declaration: Declaration, now: datetime) -> tuple[tuple[Grant, datetime], ...]:
    """Return the grants whose window's end will be told by a schedule, and when it tells."""
    told = ((grant, grant.window.end - AHEAD) for grant in declaration.grants if grant.window.end is not None)
    return tuple((grant, when.astimezone(UTC)) for grant, when in told if when > now)


def statement_for_topic(declaration: Declaration) -> Json | None:
    """Return what the policy of the customer's own topic must hold, or None when the file names no topic."""
    topic = declaration.notify.topic
    if topic is None:
        return None
    partition = topic.text.split(":")[1]
    start = f"arn:{partition}:events:{topic.region}:{declaration.account}:rule/"
    return _may_publish(str(topic), [start + name for name in _RULES.values()])


def _demand_channel(declaration: Declaration) -> None:
    notify = declaration.notify
    if notify.topic is None and notify.mail is None and not _takes_webhook(declaration):
        raise InvalidInput(
            "the file names no channel that AWS could reach",
            why="notify: is missing, or holds only a webhook of this machine",
            next_step="add for example: notify: {sns: arn:aws:sns:...} or an https webhook",
        )


def _takes_webhook(declaration: Declaration) -> bool:
    return declaration.notify.webhook is not None and declaration.notify.webhook.is_public


def _conditions(declaration: Declaration) -> Json:
    topic = declaration.notify.topic
    conditions: Json = {
        _HOME: {"Fn::Equals": [_REGION, topic.region if topic else _IAM_REGION]},
        _AWAY: {"Fn::Not": [{"Condition": _HOME}]},
    }
    if topic:
        here = {"Fn::Equals": [_REGION, _IAM_REGION]}
        conditions[_AWAY_WITH_IAM] = {"Fn::And": [{"Condition": _AWAY}, here]}
    return conditions


def _mail_topic(declaration: Declaration) -> Json:
    """Return a topic that the customer's address subscribes to, and which only our rules may publish to."""
    mail = declaration.notify.mail
    if mail is None:
        return {}
    rules = [{"Fn::GetAtt": [rule, "Arn"]} for rule in _RULES]
    policy = {"Version": "2012-10-17", "Statement": [_may_publish({"Ref": "MailTopic"}, rules)]}
    subscription = {"Protocol": "email", "Endpoint": str(mail.to)}
    return {
        "MailTopic": _at_home("AWS::SNS::Topic", {"Subscription": [subscription]}),
        "MailTopicPolicy": _at_home(
            "AWS::SNS::TopicPolicy", {"Topics": [{"Ref": "MailTopic"}], "PolicyDocument": policy}
        ),
    }


def _may_publish(topic: object, rules: Sequence[object]) -> Json:
    # The rules' ARNs hold the account. EventBridge fills no aws:SourceAccount in: a condition on it would
    # refuse every notice (EventBridge User Guide, "Troubleshooting").
    return {
        "Sid": "GatepassRulesTell",
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": "sns:Publish",
        "Resource": topic,
        "Condition": {"ArnEquals": {"aws:SourceArn": rules}},
    }


def _webhook(declaration: Declaration) -> Json:
    if not _takes_webhook(declaration):
        return {}
    # A connection must carry some credential; the webhook's address is its own, so this one is a mere name.
    named = {"ApiKeyAuthParameters": {"ApiKeyName": "X-Gatepass", "ApiKeyValue": "notice"}}
    destination = {
        "ConnectionArn": {"Fn::GetAtt": ["WebhookConnection", "Arn"]},
        "HttpMethod": "POST",
        "InvocationEndpoint": {"Ref": "WebhookAddress"},
    }
    invoke = _allow("events:InvokeApiDestination", {"Fn::GetAtt": ["WebhookDestination", "Arn"]})
    return {
        "WebhookConnection": _at_home(
            "AWS::Events::Connection", {"AuthorizationType": "API_KEY", "AuthParameters": named}
        ),
        "WebhookDestination": _at_home("AWS::Events::ApiDestination", destination),
        "WebhookRole": _at_home("AWS::IAM::Role", _service_role("events.amazonaws.com", invoke)),
    }


def _home_rules(declaration: Declaration) -> Json:
    found = {
        "Entered": (entered_pattern(declaration), ENTERED),
        "Changed": (changed_pattern(declaration), CHANGED),
        "EndsSoon": (ends_soon_pattern(declaration), ENDS_SOON),
    }
    return {
        rule: _at_home("AWS::Events::Rule", _rule(_RULES[rule], pattern, _targets(declaration, message)))
        for rule, (pattern, message) in found.items()
    }


def _rule(name: str, pattern: Json, targets: list[Json]) -> Json:
    return {"Name": name, "State": _WITH_READS, "EventPattern": pattern, "Targets": targets}


def _targets(declaration: Declaration, message: Message) -> list[Json]:
    targets: list[Json] = []
    if declaration.notify.topic is not None:
        targets.append({"Id": "topic", "Arn": str(declaration.notify.topic), "InputTransformer": message.as_text()})
    if declaration.notify.mail is not None:
        targets.append({"Id": "mail", "Arn": {"Ref": "MailTopic"}, "InputTransformer": message.as_text()})
    if _takes_webhook(declaration):
        target: Json = {
            "Id": "webhook",
            "Arn": {"Fn::GetAtt": ["WebhookDestination", "Arn"]},
            "RoleArn": {"Fn::GetAtt": ["WebhookRole", "Arn"]},
            "InputTransformer": message.as_json(),
        }
        targets.append(target)
    return targets


def _schedules(declaration: Declaration, now: datetime) -> Json:
    """Return a schedule for each window's end; it puts an event on the bus, where the rule for ends finds it."""
    ends = ends_to_tell(declaration, now)
    if not ends:
        return {}
    put = _allow("events:PutEvents", _bus(_REGION_OF_STACK, declaration))
    # EventBridge Scheduler User Guide, "Confused deputy prevention".
    only_ours = {"StringEquals": {"aws:SourceAccount": str(declaration.account)}}
    role = _service_role("scheduler.amazonaws.com", put, only_ours)
    schedules: Json = {"SchedulerRole": _at_home("AWS::IAM::Role", role)}
    for grant, when in ends:
        schedules[_logical_id(grant)] = _at_home("AWS::Scheduler::Schedule", _schedule(declaration, grant, when))
    return schedules


def _schedule(declaration: Declaration, grant: Grant, when: datetime) -> Json:
    return {
        "Name": f"gatepass-ends-{grant.name}",
        "ScheduleExpression": f"at({when:%Y-%m-%dT%H:%M:%S})",
        "ScheduleExpressionTimezone": "UTC",
        "FlexibleTimeWindow": {"Mode": "OFF"},
        "Target": {
            "Arn": _bus(_REGION_OF_STACK, declaration),
            "RoleArn": {"Fn::GetAtt": ["SchedulerRole", "Arn"]},
            "EventBridgeParameters": {"Source": BUS_SOURCE, "DetailType": ENDS_SOON_TYPE},
            "Input": json.dumps(ends_soon_detail(declaration, grant)),
        },
    }


def _logical_id(grant: Grant) -> str:
    # Letters and digits only; no two names become the same.
    return "Ends" + str(grant.name).replace("0", "00").replace("-", "01")


def _forwarding(declaration: Declaration) -> Json:
    """Return what stacks away from home hold: rules that pass the same events on to the bus at home."""
    topic = declaration.notify.topic
    home = topic.region if topic else "${HomeRegion}"
    bus = _bus(home, declaration)
    target: list[Json] = [{"Id": "home", "Arn": bus, "RoleArn": {"Fn::GetAtt": ["ForwardRole", "Arn"]}}]
    role = _service_role("events.amazonaws.com", _allow("events:PutEvents", bus))
    forwarded: Json = {
        "ForwardRole": {"Type": "AWS::IAM::Role", "Condition": _AWAY, "Properties": role},
        "ForwardEntered": {
            "Type": "AWS::Events::Rule",
            "Condition": _AWAY,
            "Properties": _rule("gatepass-forward-entered", entered_pattern(declaration), target),
        },
    }
    if topic is not None:
        forwarded["ForwardChanged"] = {
            "Type": "AWS::Events::Rule",
            "Condition": _AWAY_WITH_IAM,
            "Properties": _rule("gatepass-forward-changed", changed_pattern(declaration), target),
        }
    return forwarded


_REGION_OF_STACK = "${AWS::Region}"


def _bus(region: str, declaration: Declaration) -> Json:
    text = f"arn:${{AWS::Partition}}:events:{region}:{declaration.account}:event-bus/default"
    return {"Fn::Sub": [text, {"HomeRegion": _IAM_REGION}] if "HomeRegion" in region else text}


def _service_role(service: str, statement: Json, condition: Mapping[str, object] | None = None) -> Json:
    trust: Json = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    if condition is not None:
        trust["Condition"] = condition
    return {
        "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [trust]},
        "Policies": [{"PolicyName": "tell", "PolicyDocument": {"Version": "2012-10-17", "Statement": [statement]}}],
    }


def _allow(action: str, resource: Json) -> Json:
    return {"Effect": "Allow", "Action": action, "Resource": resource}


def _at_home(kind: str, properties: Mapping[str, object]) -> Json:
    return {"Type": kind, "Condition": _HOME, "Properties": properties}
