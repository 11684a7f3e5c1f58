"""Offer, pass and receipt at three terminals: what each side knows again, and what it refuses."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from gatepass.adapters.customer_file import load_customer_file
from gatepass.domain.identifiers import GrantName
from tests.cli.handover import OTHER, Stage, done, handover, refused
from tests.cli.person import Person
from tests.conftest import CUSTOMER, Cloud

OFFER = "gatepass offer globex --permissions SecurityAudit --reason Backups"
SUPPORT = GrantName("support")


@dataclass
class Story:
    """A provider's access lead with a colleague, and a customer who takes their offer."""

    stage: Stage
    colleague: Person
    last: str = ""

    @property
    def lead(self) -> Person:
        return self.stage.lead

    @property
    def globex(self) -> Person:
        return self.stage.other

    def offers(self, name: str) -> dict[str, Any]:
        """Let the lead write an offer and send it; return what it says."""
        done(self.lead, f"{OFFER} -o {name}")
        shutil.copy(self.lead.home / name, self.globex.home / name)
        body: dict[str, Any] = json.loads((self.lead.home / name).read_text(encoding="utf-8"))["offer"]
        return body

    def hands_over(self, name: str) -> dict[str, Any]:
        """Let the customer write a pass, in another second than the one before, and send it; return what it says."""
        while True:
            (self.globex.home / name).unlink(missing_ok=True)
            done(self.globex, f"gatepass pass support -o {name}")
            body: dict[str, Any] = json.loads((self.globex.home / name).read_text(encoding="utf-8"))["pass"]
            if body["made_at"] != self.last:
                break
        self.last = body["made_at"]
        shutil.copy(self.globex.home / name, self.lead.home / name)
        return body

    def shows(self) -> dict[str, Any]:
        facts: dict[str, Any] = json.loads(done(self.lead, "gatepass customers show globex --json"))
        return facts

    def tells_colleague(self) -> None:
        """Give the colleague the register and the keys, as git and a shared store do; the offers stay where they are."""
        for folder in ("state/gatepass/secrets", ".config/gatepass/store-keys"):
            shutil.copytree(self.lead.home / folder, self.colleague.home / folder, dirs_exist_ok=True)
        for name in ("customers.yml", "credentials", "first.pass"):
            shutil.copy(self.lead.home / name, self.colleague.home / name)


@pytest.fixture
def story(cloud: Cloud, tmp_path: Path) -> Story:
    stage = handover(cloud, tmp_path)
    colleague = Person(tmp_path / "colleague", stage.lead.environment)
    colleague.home.mkdir()
    (colleague.home / "state/gatepass").mkdir(parents=True, mode=0o700)
    return Story(stage, colleague)


@pytest.mark.thorough
def test_what_each_side_knows_again_from_the_first_offer_to_lost_keys(story: Story) -> None:
    offered = story.offers("first.offer")
    done(story.globex, "gatepass accept first.offer --yes --trust-key")
    done(story.globex, "gatepass apply --yes --wait 0s")
    assert story.hands_over("first.pass")["offer"] == offered["id"]

    # An offer is known where it was written, so somebody else's is not.
    story.tells_colleague()
    told = refused(story.colleague, "gatepass admit first.pass --name globex --yes", "not made from here")
    assert "admit it where the offer was written" in told
    done(story.lead, "gatepass admit first.pass --yes -o receipt")
    first = story.shows()
    assert first["account"] == OTHER
    assert first["last_pass"] == {"support": story.last}

    # Whose key it is, and which pass was the last, everybody's register knows.
    story.tells_colleague()
    refused(story.colleague, "gatepass admit first.pass --yes --trust-key", "was admitted already")

    the_receipt_is_read(story)
    the_provider_loses_its_key(story, offered)
    the_customer_loses_its_key(story, first["signed_by"])


def the_receipt_is_read(story: Story) -> None:
    for person in (story.globex, story.stage.acme):
        shutil.copy(story.lead.home / "receipt", person.home / "receipt")
    told = done(story.globex, "gatepass review receipt")
    assert "the door is sound" in told
    assert "no external ID: AWS refused it" in told
    assert json.loads(done(story.globex, "gatepass review receipt --json"))["receipt"]["verdict"] == "sound"

    refused(story.stage.acme, "gatepass review receipt", "nobody here knows the key")
    text = (story.globex.home / "receipt").read_text(encoding="utf-8")
    (story.globex.home / "receipt").write_text(text.replace(OTHER, CUSTOMER), encoding="utf-8")
    refused(story.globex, "gatepass review receipt", "signature of the receipt is not right")


def the_provider_loses_its_key(story: Story, offered: dict[str, Any]) -> None:
    access = story.globex.home / "access.yml"
    before = load_customer_file(access).declaration.grant(SUPPORT)
    (story.lead.home / "state/gatepass/secrets").rename(story.lead.home / "lost")
    done(story.lead, "gatepass keys init --name Harbour")
    again = story.offers("again.offer")
    assert (again["customer_key"], again["customer_account"]) == (offered["customer_key"], OTHER)

    refused(story.globex, "gatepass accept again.offer --yes", "another key than before")
    refused(story.globex, "gatepass accept again.offer --yes --trust-key --session 1h", "keeps its terms", 2)
    assert load_customer_file(access).declaration.grant(SUPPORT) == before
    told = done(story.globex, "gatepass accept again.offer --yes --trust-key")
    assert "the old key did not sign the new one" in told
    assert "accepted already" in done(story.globex, "gatepass accept again.offer --yes")

    after = load_customer_file(access).declaration.grant(SUPPORT)
    assert (after.seal_to, after.offer) == (again["seal_to"], again["id"])
    assert (after.permissions, after.window, after.customer_key) == (
        before.permissions, before.window, before.customer_key,
    )  # fmt: skip
    done(story.globex, "gatepass plan")
    story.hands_over("again.pass")
    assert "only the second factor was replaced" in done(story.lead, "gatepass admit again.pass --yes")


def the_customer_loses_its_key(story: Story, fingerprint: str) -> None:
    assert fingerprint in done(story.lead, "gatepass customers show globex")
    shutil.rmtree(story.globex.home / "state/gatepass/keys")
    story.hands_over("other.pass")

    refused(story.lead, "gatepass admit other.pass --yes", "signed with another key than before")
    assert story.shows()["signed_by"] == fingerprint
    told = done(story.lead, "gatepass admit other.pass --yes --trust-key")

    assert f"signed by {fingerprint} no more" in told
    assert story.shows()["signed_by"] != fingerprint
