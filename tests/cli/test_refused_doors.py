"""A refused door is explained by the cause that is really there: each is made to happen in one sandbox."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import boto3
import pytest

from gatepass.adapters.authorization_details import IamPolicies
from gatepass.adapters.register_book import FileRegisterBook
from gatepass.adapters.secret_ssm import SsmSecrets
from gatepass.adapters.sts_tokens import StsTokens
from gatepass.domain.errors import AccessRefused
from gatepass.domain.identifiers import ExternalId
from gatepass.domain.kept_factor import KeptFactor, parse_kept
from gatepass.domain.session_terms import Terms, Ticket
from gatepass.sandbox.embedded import EmbeddedAws
from gatepass.usecases.enter_role import enter_role
from gatepass.usecases.explain_refusal import OurSide
from gatepass.usecases.find_way_in import WayIn, second_factor_of, way_in
from tests.cli.handover import ROLE_NAME, Stage, done, handover, refused
from tests.conftest import CUSTOMER, ENTER, PROVIDER, Cloud

ON_EVERYTHING = ', "Resource": "*"}'
READ_STORE = '{"Effect": "Allow", "Action": "ssm:GetParameter"' + ON_EVERYTHING
ENGINEER = f'{{"Effect": "Allow", "Action": {ENTER}{ON_EVERYTHING}, {READ_STORE}'
READER = '{"Effect": "Allow", "Action": "iam:Get*"' + ON_EVERYTHING
HOUR = timedelta(hours=1)
# Typed and wrong.
STRANGE = ExternalId("gp1.7KQ2M9XW4T.NOBODYSCODE0NOBODYSCODE00")


@dataclass
class Scene:
    """A registered customer, engineers of several kinds, and what each is told."""

    stage: Stage
    home: Path
    keys: dict[str, tuple[str, str]] = field(repr=False)

    def way(self) -> WayIn:
        return way_in("acme-prod", FileRegisterBook(self.stage.lead.home / "customers.yml").load())

    def session(self, who: str) -> boto3.Session:
        key, secret = self.keys[who]
        return boto3.Session(key, secret, region_name="us-east-1")

    def enters(self, who: str, *, by_name: bool = True, **how: object) -> None:
        """Enter as the engineer, by the register or by the bare ARN, as the commands do."""
        session, way = self.session(who), self.way()
        secrets = SsmSecrets(session, "us-east-1")
        typed = how.get("typed")
        assert isinstance(typed, ExternalId | None)
        duration = how.get("duration", HOUR)
        assert isinstance(duration, timedelta)
        ticket = Ticket("ABC-123") if how.get("ticket") else None
        now: datetime = self.stage.cloud.aws.now()
        enter_role(
            way.role,
            (lambda: second_factor_of(way, secrets)) if by_name else (lambda: typed),
            duration,
            StsTokens(session),
            Terms(ticket),
            ours=lambda: OurSide(now, way if by_name else None, secrets, lambda: IamPolicies(session)),
        )

    def told(self, who: str, *, by_name: bool = True, **how: object) -> AccessRefused:
        """Return the refusal, after a look that no external ID is in it."""
        with pytest.raises(AccessRefused) as caught:
            self.enters(who, by_name=by_name, **how)
        error = caught.value
        text = f"{error.what}\n{error.why}\n{error.next_step}\n{error.message}"
        assert "gp1." not in text
        assert self.kept_id() not in text
        return error

    def kept_id(self) -> str:
        kept = parse_kept(str(self.stage.kept()))
        assert isinstance(kept, KeptFactor)
        assert kept.factor is not None
        return kept.factor.external_id.reveal()

    def first(self, refusal: AccessRefused) -> str:
        return refusal.why.split("\n")[1]

    def renews(self) -> None:
        """Let the customer set a window of two hours from AWS's now, and the lead admit its pass."""
        end = self.stage.cloud.aws.now() + 2 * HOUR
        named = ", ".join(f"user/{name}" for name in ("gatepass-verifier", "maria", "reader", "nolabel", "noenter"))
        more = f"window: {{until: {end:%Y-%m-%dT%H:%M:%SZ}}}\n    principals: [{named}]"
        self.stage.applies(self.stage.acme, CUSTOMER, more)
        self.stage.hands_over(self.stage.acme)
        self.stage.admits()

    def trust(self, change: Callable[[dict[str, object]], None]) -> str:
        """Change the statements of the role's trust by hand, and return it as it was."""
        role = self.stage.iam().get_role(RoleName=ROLE_NAME)["Role"]["AssumeRolePolicyDocument"]
        before = json.dumps(role)
        for statement in role["Statement"]:
            change(statement)
        self.stage.iam().update_assume_role_policy(RoleName=ROLE_NAME, PolicyDocument=json.dumps(role))
        return before


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """Return a customer that was admitted, with a window and named principals."""
    home = tmp_path_factory.mktemp("doors")
    with EmbeddedAws() as aws, pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", aws.endpoint)
        patch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        patch.setenv("AWS_CONFIG_FILE", str(home / "none"))
        patch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(home / "none"))
        cloud = Cloud(aws)
        stage = handover(cloud, home)
        keys = {
            "maria": cloud.user(PROVIDER, "maria", ENGINEER),
            "reader": cloud.user(PROVIDER, "reader", f"{ENGINEER}, {READER}"),
            "other": cloud.user(PROVIDER, "other", ENGINEER),
            "noenter": cloud.user(PROVIDER, "noenter", READ_STORE),
            "nolabel": cloud.user(
                PROVIDER, "nolabel", f'{{"Effect": "Allow", "Action": "sts:AssumeRole"{ON_EVERYTHING}, {READ_STORE}'
            ),
            "nostore": cloud.user(PROVIDER, "nostore", f'{{"Effect": "Allow", "Action": {ENTER}{ON_EVERYTHING}'),
        }
        scene = Scene(stage, home, keys)
        scene.renews()
        yield scene


def test_an_own_account_that_does_not_allow_it_is_known_from_awss_words(scene: Scene) -> None:
    told = scene.told("noenter")

    assert scene.first(told).startswith("1. known: account 111122223333 does not allow noenter sts:AssumeRole")
    assert "acme-prod/support is for: netops" in told.why
    assert "2." not in told.why
    assert "gatepass apply customers.yml" in told.next_step


def test_an_own_account_that_does_not_allow_the_name_is_known_too(scene: Scene) -> None:
    told = scene.told("nolabel")

    assert scene.first(told).startswith("1. known: account 111122223333 does not allow nolabel sts:SetSourceIdentity")


def test_somebody_off_the_team_is_told_at_the_store(scene: Scene) -> None:
    with pytest.raises(AccessRefused, match="ssm:GetParameter") as caught:
        scene.enters("nostore")

    assert "acme-prod/support is for: netops; ask the access lead" in caught.value.next_step


def test_a_principal_that_the_grant_does_not_name_is_known_from_the_pass(scene: Scene) -> None:
    told = scene.told("other")

    assert scene.first(told).startswith("1. known: acme-prod/support lets in user/gatepass-verifier, user/maria")
    assert "you are arn:aws:iam::111122223333:user/other" in scene.first(told)
    assert "principals in access.yml" in told.next_step


def test_no_id_for_an_unregistered_role_comes_first(scene: Scene) -> None:
    told = scene.told("maria", by_name=False)

    assert scene.first(told) == "1. likely: the role asks for an external ID, and none was given"
    assert told.next_step == "ask the customer for the external ID and give it at the prompt or on standard input"


def test_a_wrong_id_for_an_unregistered_role_comes_first(scene: Scene) -> None:
    told = scene.told("maria", by_name=False, typed=STRANGE)

    assert scene.first(told).startswith("1. likely: the role asks for an external ID, and the one given is wrong")


def test_a_session_longer_than_the_role_gives_is_known_with_its_limit(scene: Scene) -> None:
    told = scene.told("maria", duration=2 * HOUR)

    assert scene.first(told) == "1. known: the role gives sessions of at most 60m, as its pass says"
    assert told.next_step == "gatepass sudo acme-prod/support --for 60m"


@pytest.mark.parametrize(
    ("action", "how", "words"),
    [
        ("sts:TagSession", {"ticket": True}, "the ticket is a session tag"),
        ("sts:SetSourceIdentity", {}, "Gatepass always names the engineer"),
    ],
)
def test_a_trust_without_labels_is_told_and_known_where_the_own_policies_can_be_read(
    scene: Scene, action: str, how: dict[str, bool], words: str
) -> None:
    def forbid(statement: dict[str, object]) -> None:
        if isinstance(statement["Action"], list):
            statement["Action"] = [each for each in statement["Action"] if each != action]

    before = scene.trust(forbid)
    try:
        unread, read = scene.told("maria", **how), scene.told("reader", **how)
    finally:
        scene.stage.iam().update_assume_role_policy(RoleName=ROLE_NAME, PolicyDocument=before)

    assert scene.first(unread) == f"1. likely: the role's trust does not allow {action}: {words}"
    assert f"does not allow maria {action} on this role" in unread.why
    assert scene.first(read) == f"1. known: the role's trust does not allow {action}: {words}"
    # Decided: the own account is not it.
    assert "2." not in read.why
    assert f"to allow {action} for account 111122223333" in read.next_step


def test_a_closed_door_and_a_rotated_id_come_first_with_the_request_to_send(scene: Scene) -> None:
    """AWS answers both alike: opening again draws another ID, and the store still keeps the old one."""
    done(scene.stage.acme, "gatepass close support --yes --wait 0s")
    read, unread = scene.told("reader"), scene.told("maria")
    bare = scene.told("maria", by_name=False, typed=STRANGE)
    done(scene.stage.acme, "gatepass open support --yes")
    rotated = scene.told("maria")
    person = scene.stage.cloud.person(scene.home / "reader", scene.keys["reader"])
    register = scene.stage.lead.home / "customers.yml"
    by_command = refused(person, f"gatepass sudo acme-prod --register {register}", "1. likely: the customer closed")
    executed = refused(person, f"gatepass exec --register {register} acme-prod -- true", "1. likely: the customer")
    typed = refused(person, f"gatepass sudo {scene.way().role}", "1. likely: the role asks for an external ID")

    for told in (read, unread, rotated):
        assert scene.first(told).startswith(
            "1. likely: the customer closed the door of acme-prod/support, or rotated its external ID after its pass of"
        )
        assert 'gatepass request 444455556666/support --for 4h --reason "..."' in told.next_step
    assert "2. likely: the customer closed the door" in bare.why
    # Whoever may read the own policies hears that they are not the cause.
    assert "account 111122223333 does not allow" in unread.why
    assert "account 111122223333 does not allow" not in read.why + by_command + executed + typed
    assert "gp1." not in by_command + executed + typed
    scene.renews()
    scene.enters("maria")


def test_a_role_in_quarantine_says_so_and_names_no_other_cause(scene: Scene) -> None:
    before = json.dumps(scene.stage.iam().get_role(RoleName=ROLE_NAME)["Role"]["AssumeRolePolicyDocument"])
    scene.stage.opens_to_anybody()
    refused(scene.stage.lead, "gatepass verify acme-prod", "quarantine", code=3)
    person = scene.stage.cloud.person(scene.home / "maria", scene.keys["maria"])
    register = scene.stage.lead.home / "customers.yml"

    told = refused(person, f"gatepass sudo acme-prod --register {register}", "is in quarantine since")

    assert "1. likely" not in told
    scene.stage.iam().update_assume_role_policy(RoleName=ROLE_NAME, PolicyDocument=before)
    done(scene.stage.lead, "gatepass verify acme-prod")


def test_a_window_that_is_over_is_known_from_the_pass(scene: Scene) -> None:
    scene.enters("maria")
    scene.stage.cloud.aws.advance(3 * 3600)

    told = scene.told("maria")

    assert scene.first(told).startswith("1. known: the window of acme-prod/support ended at 20")
    assert "ask the customer for a later end in access.yml" in told.next_step
    scene.renews()
    scene.enters("maria")
