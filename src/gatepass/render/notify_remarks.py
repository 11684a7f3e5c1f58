"""What a person must know to put the template for notices into place."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime

from gatepass.domain.grant import Declaration
from gatepass.render.notify_template import ends_to_tell, home_region, statement_for_topic


def notify_remarks(declaration: Declaration, now: datetime) -> Iterator[str]:
    """Yield the remarks that go with the template, the most needed first."""
    home = home_region(declaration)
    yield f"deploy it in {home}, from where notices are sent, with --capabilities CAPABILITY_IAM"
    yield (
        "deploy the same template in us-east-1, where AWS logs changes to roles (cn-north-1 in China, us-gov-west-1 in "
        "GovCloud), and in every other Region whose STS endpoint may be called: AWS logs an entry in the Region "
        f"that was asked to let in; those stacks pass on to {home}"
    )
    yield "each of these Regions needs a CloudTrail trail that logs management events, or nothing is told"
    yield "only who got in is told; who was refused stands in the trail of the account that tried"
    yield from _of_channels(declaration)
    yield from _of_ends(declaration, now)


def _of_channels(declaration: Declaration) -> Iterator[str]:
    notify = declaration.notify
    statement = statement_for_topic(declaration)
    if statement is not None:
        yield f"add this statement to the policy of {notify.topic}, which the template leaves alone:"
        yield json.dumps(statement)
    if notify.mail is not None:
        yield f"{notify.mail.to} gets a mail from AWS that asks to confirm; nothing arrives before that"
    if notify.webhook is not None and notify.webhook.is_public:
        yield "give the webhook's address as the parameter WebhookAddress; it is not in the template"
    elif notify.webhook is not None:
        yield "the webhook is left out: AWS cannot reach this machine"


def _of_ends(declaration: Declaration, now: datetime) -> Iterator[str]:
    told = {grant.name for grant, _ in ends_to_tell(declaration, now)}
    for grant in declaration.grants:
        if grant.window.end is not None and grant.name not in told:
            yield f"the window of {grant.name} is over within the hour, or was: no schedule tells of it"
    if told:
        yield "a later end in the file needs the template rendered and deployed again"
    yield "the end of an opening of limited time is told by: gatepass notify, run every hour"
