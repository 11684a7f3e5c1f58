"""The link to the console: for sessions that live, as long as they live, and in their own partition."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from gatepass.adapters.federation import AwsFederation
from gatepass.adapters.memory_console import MemoryFederation
from gatepass.domain.errors import CredentialsRefused, InvalidInput
from gatepass.domain.identifiers import EngineerName, RoleArn
from gatepass.domain.region_name import RegionName
from gatepass.domain.session import Credentials, Session
from gatepass.ports.console import Federation
from gatepass.sandbox.embedded import EmbeddedAws
from gatepass.usecases.sign_in_console import sign_in_console
from tests.conftest import CUSTOMER, ENTER, PROVIDER, Cloud
from tests.people import MORNING

SESSION = Session(
    RoleArn(f"arn:aws:iam::{CUSTOMER}:role/support"), EngineerName("maria"), MORNING + timedelta(hours=1),
    Credentials("ASIAMEMORYMEMORYMEM0", "secret", "token"),
)  # fmt: skip


def signed_in(federation: Federation, session: Session = SESSION, service: str | None = None) -> str:
    return sign_in_console(session, federation, MORNING, service=service, region=RegionName("eu-west-1")).reveal()


def test_an_expired_session_is_sent_nowhere() -> None:
    federation = MemoryFederation(frozenset({SESSION.credentials.access_key_id}))

    with pytest.raises(CredentialsRefused, match="has expired"):
        signed_in(federation, replace(SESSION, expires_at=MORNING))
    with pytest.raises(InvalidInput):
        signed_in(federation, service="no service")

    assert federation.asked == []


def test_no_length_is_asked_for_so_that_the_console_ends_with_the_session() -> None:
    link = signed_in(MemoryFederation(frozenset({SESSION.credentials.access_key_id})), service="s3")

    assert link.startswith("https://signin.aws.amazon.com/federation?Action=login&")
    assert "SessionDuration" not in link
    assert "Destination=https%3A%2F%2Fconsole.aws.amazon.com%2Fs3%2Fhome%3Fregion%3Deu-west-1" in link


def test_the_sandboxs_sign_in_and_the_one_in_memory_agree() -> None:
    """The contract of the port: an unknown session is refused, a known one gets a token of its own."""
    with EmbeddedAws() as aws:
        cloud = Cloud(aws)
        keys = cloud.user(PROVIDER, "maria", f'{{"Effect": "Allow", "Action": {ENTER}, "Resource": "*"}}')
        trust = f'{{"Version": "2012-10-17", "Statement": {{"Effect": "Allow", "Principal": {{"AWS": "{PROVIDER}"}}, "Action": {ENTER}}}}}'
        iam = cloud.client("iam", aws.root_credentials(CUSTOMER))
        arn = iam.create_role(RoleName="support", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
        got = cloud.client("sts", keys).assume_role(RoleArn=arn, RoleSessionName="maria")["Credentials"]
        real = Credentials(got["AccessKeyId"], got["SecretAccessKey"], got["SessionToken"])

        for federation in (
            AwsFederation(f"{aws.endpoint}/federation"),
            MemoryFederation(frozenset({real.access_key_id})),
        ):
            with pytest.raises(CredentialsRefused):
                signed_in(federation)
            link = signed_in(federation, replace(SESSION, credentials=real))
            assert link.startswith(f"{federation.endpoint}?Action=login&")
            assert real.secret_access_key not in link
