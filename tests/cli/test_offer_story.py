"""A provider and a customer at their own terminals, from the first key to a role that stands."""

from __future__ import annotations

import json
import stat
from dataclasses import dataclass
from pathlib import Path

import pexpect
import pytest

from gatepass.adapters.customer_file import load_customer_file
from gatepass.adapters.customer_writer import add_grant
from gatepass.domain.identifiers import AccountId, GrantName
from tests.cli.person import Person
from tests.conftest import CUSTOMER, PROVIDER, Cloud

OFFERS = "gatepass offer acme-prod --permissions SecurityAudit,AmazonS3ReadOnlyAccess --reason Backups --for 90d"
PASSPHRASE = "correct horse battery staple"
# What keys init leaves: the store of secrets, and apart from it the key that they are sealed by.
OUR_OWN = ("state", ".config")


@dataclass(frozen=True)
class Scene:
    """The provider's access lead, and the customer's administrator, each with a home of their own."""

    lead: Person
    admin: Person

    def offers(self, more: str = "", name: str = "acme.offer.json") -> str:
        """Let the lead write an offer and send it; return what was printed."""
        written = self.lead.types(f"{OFFERS} {more} -o {name}")
        assert written.returncode == 0, written.stdout
        (self.admin.home / name).write_text((self.lead.home / name).read_text(encoding="utf-8"), encoding="utf-8")
        return written.stdout

    def fingerprint(self) -> str:
        """Return what the lead reads out by telephone."""
        facts = json.loads(self.lead.types("gatepass keys show --json").stdout)
        assert isinstance(facts["fingerprint"], str)
        return facts["fingerprint"]


@pytest.fixture
def scene(cloud: Cloud, tmp_path: Path) -> Scene:
    lead = cloud.person(tmp_path / "lead", cloud.aws.root_credentials(PROVIDER))
    made = lead.types("gatepass keys init --name 'Example Consulting'")
    assert made.returncode == 0, made.stdout
    return Scene(lead, cloud.administrator(tmp_path / "admin"))


WRONG = [
    ("gatepass keys init", 2),
    ("gatepass keys init --name Again", 1),
    ("gatepass keys init --name X --from-backup backup", 2),
    ("gatepass keys init --from-backup nowhere", 1),
    ("gatepass keys init --name X --account 123", 1),
    ("gatepass keys show --account 999900001111", 1),
    ("gatepass keys show --store drawer", 2),
    ("gatepass keys rotate", 2),
    ("gatepass keys export", 2),
    ("gatepass keys export -o backup", 2),
    ("gatepass offer acme-prod --reason Backups", 1),
    ("gatepass offer acme-prod --permissions SecurityAudit", 2),
    ("gatepass offer Acme! --permissions SecurityAudit --reason Backups", 1),
    ("gatepass offer acme-prod --permissions ' , ' --reason Backups", 2),
    ("gatepass offer acme-prod --permissions SecurityAudit --reason 'two\nlines'", 1),
    ("gatepass offer acme-prod --permissions SecurityAudit --reason Backups --principals everybody", 1),
    ("gatepass offer acme-prod --permissions SecurityAudit --reason Backups --session 13h", 1),
    ("gatepass offer acme-prod --permissions SecurityAudit --reason Backups --custom-policy nowhere.json", 1),
    (f"gatepass offer acme-prod --permissions SecurityAudit --reason Backups --customer-account {PROVIDER}", 1),
    ("gatepass offer acme-prod --permissions SecurityAudit --reason Backups -o nowhere/acme.json", 1),
]


def test_a_wrong_command_of_the_provider_is_told_and_writes_nothing(scene: Scene) -> None:
    before = scene.fingerprint()

    for command, code in WRONG:
        refused = scene.lead.types(command)

        assert refused.returncode == code, (command, refused.stdout)
        assert "next:" in refused.stdout
        assert "Traceback" not in refused.stdout
        assert [path.name for path in scene.lead.home.iterdir() if path.name not in OUR_OWN] == []
    assert scene.fingerprint() == before


WIDER = [
    ("--yes", "nobody has compared the key"),
    ("--trust-key", "add --yes"),
    ("--yes --trust-key --permissions AdministratorAccess", "wider than offered"),
    ("--yes --trust-key --permissions SecurityAudit,AmazonS3FullAccess", "wider than offered"),
    ("--yes --trust-key --permissions SecurityAudit,Nonsense", "has no managed policy Nonsense"),
    ("--yes --trust-key --custom-policy wide.json", "wider than offered"),
    ("--yes --trust-key --principals role/Admin", "wider than offered"),
    ("--yes --trust-key --for 91d", "wider than offered"),
    ("--yes --trust-key --session 2h", "wider than offered"),
    ("--yes --trust-key --no-custom-policy --custom-policy wide.json", "exclude each other"),
]


def test_what_is_wider_or_unseen_is_not_accepted(scene: Scene) -> None:
    scene.offers("--principals role/engineers/*")
    wide = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}
    (scene.admin.home / "wide.json").write_text(json.dumps(wide), encoding="utf-8")

    for more, told in WIDER:
        refused = scene.admin.types(f"gatepass accept acme.offer.json {more}")

        assert refused.returncode in (1, 2), more
        assert told in refused.stdout, more
        assert not (scene.admin.home / "access.yml").exists()
        assert not (scene.admin.home / "state" / "gatepass" / "providers").exists()


def test_what_was_changed_on_the_way_is_refused(scene: Scene) -> None:
    scene.offers()
    path = scene.admin.home / "acme.offer.json"
    path.write_text(path.read_text(encoding="utf-8").replace("SecurityAudit", "AdministratorAccess"), encoding="utf-8")

    for command in ("gatepass review acme.offer.json", "gatepass accept acme.offer.json --yes --trust-key"):
        refused = scene.admin.types(command)
        assert refused.returncode == 1
        assert "signature of the offer is not right" in refused.stdout
    assert not (scene.admin.home / "access.yml").exists()


def test_an_offer_for_another_account_and_ones_own_are_refused(scene: Scene) -> None:
    scene.offers("--customer-account 777788889999", "other.json")
    scene.offers(name="own.json")

    refused = scene.admin.types("gatepass accept other.json --yes --trust-key")
    own = scene.lead.types("gatepass accept own.json --yes --trust-key")

    assert "the offer is for account 777788889999" in refused.stdout
    assert "your credentials are of it too" in own.stdout
    assert (refused.returncode, own.returncode) == (1, 1)


def test_from_the_first_key_to_a_role_that_stands(scene: Scene) -> None:
    offered = scene.offers("--principals role/engineers/*")
    assert "AGE-SECRET" not in (scene.admin.home / "acme.offer.json").read_text(encoding="utf-8")
    key = json.loads((scene.lead.home / "acme.offer.json").read_text(encoding="utf-8"))["offer"]["customer_key"]
    assert scene.fingerprint() in offered

    reviewed = scene.admin.types("gatepass review acme.offer.json")
    assert reviewed.returncode == 0, reviewed.stdout
    assert scene.fingerprint() in reviewed.stdout
    assert "Example Consulting, as it calls itself" in reviewed.stdout
    assert "you have accepted nothing of this account yet" in reviewed.stdout
    assert "gets in:   principals that the grant names" in reviewed.stdout
    assert not (scene.admin.home / "access.yml").exists()

    accepted = scene.admin.types(
        "gatepass accept acme.offer.json --permissions SecurityAudit --for 30d --yes --trust-key"
    )
    assert accepted.returncode == 0, accepted.stdout
    assert "gatepass pass support -o" in accepted.stdout
    assert (scene.admin.home / "state" / "gatepass" / "keys" / "signing-key.pem").exists()
    (grant,) = load_customer_file(scene.admin.home / "access.yml").declaration.grants
    assert grant.permissions == ("SecurityAudit",)
    assert grant.customer_key == key

    again = scene.admin.types("gatepass accept acme.offer.json --yes")
    assert again.returncode == 0
    assert "accepted already" in again.stdout
    assert len(load_customer_file(scene.admin.home / "access.yml").declaration.grants) == 1

    assert scene.admin.types("gatepass plan").returncode == 3
    assert scene.admin.types("gatepass apply --yes --wait 0s").returncode == 0
    revealed = scene.admin.types("gatepass pass support --reveal").stdout
    assert f"gp1.{key}." in revealed


def test_a_key_that_was_exchanged_is_taken_and_a_new_one_is_not(scene: Scene) -> None:
    scene.offers()
    scene.admin.types("gatepass accept acme.offer.json --yes --trust-key")

    assert scene.lead.types("gatepass keys rotate --yes").returncode == 0
    scene.offers("--grant second", "second.json")
    taken = scene.admin.types("gatepass accept second.json --yes")
    assert taken.returncode == 0, taken.stdout
    assert "the old key says so" in taken.stdout

    (scene.lead.home / "state" / "gatepass" / "secrets").rename(scene.lead.home / "lost")
    scene.lead.types("gatepass keys init --name 'Example Consulting'")
    scene.offers("--grant third", "third.json")
    refused = scene.admin.types("gatepass accept third.json --yes")
    assert refused.returncode == 1
    assert "another key than before" in refused.stdout
    assert scene.admin.types("gatepass review third.json").returncode == 3
    assert scene.admin.types("gatepass accept third.json --yes --trust-key").returncode == 0


def typed(terminal: pexpect.spawn[str], *answers: tuple[str, str]) -> str:
    """Answer each question, and return what the terminal showed in all."""
    shown = ""
    for question, answer in answers:
        terminal.expect(question)
        shown += str(terminal.before)
        terminal.sendline(answer)
    terminal.expect(pexpect.EOF)
    return shown + str(terminal.before)


def test_a_lost_key_comes_back_from_its_backup(scene: Scene) -> None:
    before = scene.fingerprint()
    lead = scene.lead

    terminal = lead.at_terminal("gatepass keys export -o backup.age")
    shown = typed(terminal, ("Passphrase for the backup:", PASSPHRASE), ("Repeat", PASSPHRASE))
    assert terminal.wait() == 0, shown
    backup = lead.home / "backup.age"
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600
    assert PASSPHRASE not in shown
    again = lead.types("gatepass keys export -o backup.age")
    assert again.returncode == 1
    assert "is there already" in again.stdout

    (lead.home / "state" / "gatepass" / "secrets").rename(lead.home / "lost")
    terminal = lead.at_terminal("gatepass keys init --from-backup backup.age")
    assert "passphrase is another" in typed(terminal, ("Passphrase:", PASSPHRASE.upper()))
    assert terminal.wait() == 1
    terminal = lead.at_terminal("gatepass keys init --from-backup backup.age")
    assert PASSPHRASE not in typed(terminal, ("Passphrase:", PASSPHRASE))
    assert terminal.wait() == 0
    assert scene.fingerprint() == before


def test_at_a_terminal_the_customer_is_asked_with_the_fingerprint_before_the_eyes(scene: Scene) -> None:
    scene.offers()

    terminal = scene.admin.at_terminal("gatepass accept acme.offer.json")
    shown = typed(terminal, ("Write this grant into access.yml", "n"))
    assert terminal.wait() == 0
    assert scene.fingerprint() in shown
    assert not (scene.admin.home / "access.yml").exists()

    terminal = scene.admin.at_terminal("gatepass accept acme.offer.json")
    typed(terminal, ("Write this grant into access.yml", "y"))
    assert terminal.wait() == 0
    assert (scene.admin.home / "access.yml").exists()
    # From now on the key is known.
    assert "the key that you know" in scene.admin.types("gatepass review acme.offer.json").stdout


def test_the_facts_are_the_same_as_json(scene: Scene) -> None:
    alone = json.loads(scene.lead.types(f"{OFFERS} --json").stdout)
    (scene.admin.home / "offer.json").write_text(json.dumps(alone["signed_file"]), encoding="utf-8")

    reviewed = json.loads(scene.admin.types("gatepass review offer.json --json").stdout)

    assert reviewed["offer"] == alone["offer"]
    assert reviewed["fingerprint"] == alone["fingerprint"] == scene.fingerprint()
    assert reviewed["account_asked"] == CUSTOMER
    assert not reviewed["key_is_vouched"]
    assert reviewed["enters"]


def test_without_credentials_an_offer_is_reviewed_by_what_is_known(scene: Scene, tmp_path: Path) -> None:
    scene.offers()
    (tmp_path / "nobody").mkdir()

    reviewed = Person(tmp_path / "nobody").types("gatepass review ../admin/acme.offer.json")

    assert reviewed.returncode == 0, reviewed.stdout
    assert "AWS was not asked" in reviewed.stdout
    assert "unknown:" in reviewed.stdout


def test_a_customer_key_that_looks_like_a_number_stays_what_it_is(tmp_path: Path) -> None:
    path = tmp_path / "access.yml"
    for key in ("1234567890", "12E4567890", "0012345678", "NULLNULLNU"):
        path.unlink(missing_ok=True)
        entry = {"provider": PROVIDER, "permissions": ["SecurityAudit"], "customer_key": key}

        add_grant(path, AccountId(CUSTOMER), GrantName("one"), entry)

        (grant,) = load_customer_file(path).declaration.grants
        assert grant.customer_key == key


def test_keys_can_lie_where_a_team_shares_them(scene: Scene, tmp_path: Path) -> None:
    colleague = Person(tmp_path / "colleague", scene.lead.environment)
    colleague.home.mkdir()
    assert colleague.types("gatepass keys show --store ssm").returncode == 1

    assert scene.lead.types("gatepass keys init --name Shared --store ssm").returncode == 0

    assert "Shared" in colleague.types("gatepass keys show --store ssm").stdout
    assert colleague.types(f"{OFFERS} --store ssm -o acme.json").returncode == 0
    # The file store has keys of its own.
    assert "Example Consulting" in scene.lead.types("gatepass keys show").stdout


def test_a_key_that_the_register_has_is_never_offered_again(scene: Scene) -> None:
    """A register that cannot be read stops the offer: its keys would not be known."""
    (scene.lead.home / "customers.yml").write_text("gatepass: customer\n", encoding="utf-8")

    refused = scene.lead.types(OFFERS)

    assert refused.returncode == 1
    assert "customers.yml" in refused.stdout
