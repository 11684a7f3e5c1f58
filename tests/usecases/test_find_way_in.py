"""What an engineer means by a customer's name, and that no external ID reaches another customer's role."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gatepass.adapters.memory import MemorySecrets
from gatepass.domain.errors import AccessRefused, Conflict, InvalidInput, NotThere
from gatepass.domain.identifiers import AccountId, ExternalId, GrantName, RoleArn
from gatepass.domain.kept_factor import KeptFactor, Quarantine, kept_text
from gatepass.domain.register import Customer, CustomerName, Register, Team, TeamName
from gatepass.domain.sealed_factors import Factor
from gatepass.usecases.find_way_in import demand_untyped, second_factor_of, way_in, way_of_role
from gatepass.usecases.keep_factor import places_of
from tests.people import MORNING, PROVIDER, SUPPORT

NETOPS, AUDITORS = TeamName("netops"), TeamName("auditors")
ID = ExternalId("gp1.KEY.CODE")


def role(account: str, grant: str = "support") -> RoleArn:
    return RoleArn(f"arn:aws:iam::{account}:role/gatepass/ServiceProvider-{PROVIDER}-{grant}")


def customer(name: str, account: str, company: str, *grants: str) -> Customer:
    names = [GrantName(grant) for grant in grants or ("support",)]
    return Customer(
        CustomerName(name), company, AccountId(account), f"KEY{account[:7]}",
        {grant: role(account, str(grant)) for grant in names}, dict.fromkeys(names, (NETOPS, AUDITORS)),
    )  # fmt: skip


ACME = customer("acme-prod", "444455556666", "acme")
ACME_TEST = customer("acme-test", "777788889999", "acme")
GLOBEX = customer("globex", "999900001111", "Globex", "support", "audit")
REGISTER = Register(
    PROVIDER,
    {name: Team(name) for name in (NETOPS, AUDITORS)},
    {each.name: each for each in (ACME, ACME_TEST, GLOBEX)},
)
WAY = way_in("acme-prod", REGISTER)


def store(text: str | None = None, team: TeamName = NETOPS) -> MemorySecrets:
    secrets = MemorySecrets()
    if text is not None:
        (name,) = (each for each in places_of(ACME, SUPPORT).wanted if each.startswith(f"{team}/"))
        secrets.put(name, text)
    return secrets


@pytest.mark.parametrize(
    ("text", "error", "told"),
    [
        ("acme-prud", NotThere, "no customer acme-prud"),
        ("acme", Conflict, "has several accounts"),
        ("globex", Conflict, "has several grants"),
        ("acme-prod/audit", NotThere, "has no grant audit"),
        ("acme-prod/1st", InvalidInput, "cannot name a grant"),
    ],
)
def test_what_is_not_clear_is_refused_and_the_choice_is_told(text: str, error: type[Exception], told: str) -> None:
    with pytest.raises(error, match=told):
        way_in(text, REGISTER)


def test_each_choice_is_told_with_what_tells_it_from_the_others() -> None:
    with pytest.raises(Conflict) as accounts:
        way_in("acme", REGISTER)
    with pytest.raises(Conflict) as grants:
        way_in("globex", REGISTER)

    assert accounts.value.why.splitlines() == ["acme-prod  444455556666", "acme-test  777788889999"]
    assert grants.value.why.startswith("globex/audit    ServiceProvider-")


def test_of_very_many_accounts_some_are_told_and_how_many_more_there_are() -> None:
    many = [customer(f"acme-{number:03}", f"{number:012}", "acme") for number in range(50)]

    with pytest.raises(Conflict) as refused:
        way_in("acme", replace(REGISTER, customers={each.name: each for each in many}))

    assert len(refused.value.why.splitlines()) == 21
    assert "and 30 more: gatepass customers list" in refused.value.why


def test_a_customer_whose_pass_was_not_admitted_yet_has_no_role() -> None:
    waiting = replace(ACME, roles={}, teams={})

    with pytest.raises(NotThere, match="acme-prod has no role to enter"):
        way_in("acme-prod", replace(REGISTER, customers={waiting.name: waiting}))


def test_a_customer_a_company_with_one_account_and_a_grant_are_understood() -> None:
    assert WAY.role == ACME.roles[SUPPORT]
    assert way_in("globex/audit", REGISTER).role == GLOBEX.roles[GrantName("audit")]
    alone = replace(REGISTER, customers={ACME.name: ACME})
    assert way_in("ACME", alone).customer == ACME


def test_a_role_that_is_registered_is_known_by_its_arn_too() -> None:
    found = way_of_role(ACME.roles[SUPPORT], REGISTER)

    assert found == WAY
    assert way_of_role(role("111111111111"), REGISTER) is None


def test_an_external_id_is_never_typed_for_a_registered_customer() -> None:
    with pytest.raises(InvalidInput, match="is not typed"):
        demand_untyped(ID, WAY)
    demand_untyped(None, WAY)


def test_a_role_in_quarantine_is_not_entered() -> None:
    with pytest.raises(Conflict, match="in quarantine"):
        second_factor_of(WAY, store(kept_text(Quarantine("it opens without its ID", MORNING))))


def test_an_id_that_is_kept_for_another_role_is_not_used() -> None:
    with pytest.raises(Conflict, match="is for another role") as refused:
        second_factor_of(WAY, store(kept_text(KeptFactor(GLOBEX.roles[SUPPORT], Factor(ID, None)))))

    assert "CODE" not in str(refused.value)


def test_a_store_that_keeps_nothing_or_rubbish_is_told() -> None:
    with pytest.raises(NotThere, match="keeps no second factor"):
        second_factor_of(WAY, store())
    with pytest.raises(InvalidInput, match="cannot be read"):
        second_factor_of(WAY, store("gp1.KEY.CODE"))


def test_whoever_may_read_none_of_the_teams_stores_is_told_which_teams_there_are() -> None:
    class Shut(MemorySecrets):
        def get(self, name: str) -> str | None:
            raise AccessRefused(f"AWS refused {name}", why="AccessDenied", next_step="")

    with pytest.raises(AccessRefused) as refused:
        second_factor_of(WAY, Shut())

    assert "netops, auditors" in refused.value.next_step


def test_the_second_team_reads_its_own_copy() -> None:
    class OfAuditors(MemorySecrets):
        def get(self, name: str) -> str | None:
            if name.startswith("netops/"):
                raise AccessRefused("AWS refused it", why="AccessDenied", next_step="")
            return super().get(name)

    text = kept_text(KeptFactor(WAY.role, Factor(ID, None)))
    secrets = OfAuditors()
    secrets.put(next(each for each in places_of(ACME, SUPPORT).wanted if each.startswith("auditors/")), text)

    assert second_factor_of(WAY, secrets) == ID


def test_a_role_that_asks_for_none_gets_none() -> None:
    assert second_factor_of(WAY, store(kept_text(KeptFactor(WAY.role, None)))) is None
