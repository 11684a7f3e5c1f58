"""Entering a role: who is named, how long it lasts, and what is told of what AWS refuses."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from gatepass.domain.documents import policy
from gatepass.domain.errors import AccessRefused, Conflict, InvalidInput
from gatepass.domain.identifiers import AccountId, EngineerName, ExternalId, RoleArn
from gatepass.domain.session import Caller, Credentials, Entry, Session
from gatepass.domain.session_terms import Terms, Ticket
from gatepass.usecases.enter_role import Remark, enter_role
from tests.people import MORNING

ROLE = RoleArn("arn:aws:iam::444455556666:role/gatepass/support")
USER = Caller(AccountId("111122223333"), "arn:aws:iam::111122223333:user/maria")
CHAINED = Caller(AccountId("111122223333"), "arn:aws:sts::111122223333:assumed-role/NetOps/maria")
HOUR = timedelta(hours=1)
NAMES = "not authorized to perform: sts:SetSourceIdentity on resource"


@dataclass
class Sts:
    """STS for one caller, whose session may carry a name; it says what it is told to say."""

    who: Caller
    carried: str | None = None
    refusal: Exception | None = None
    entries: list[Entry] = field(default_factory=list)

    def caller(self) -> Caller:
        return self.who

    def enter(self, entry: Entry) -> Session:
        self.entries.append(entry)
        if self.refusal is not None:
            raise self.refusal
        if entry.keeps_name and self.carried is None:
            raise AccessRefused("it would carry no name")
        if not entry.keeps_name and self.carried not in (None, str(entry.engineer)):
            raise AccessRefused("AWS refused it", message=NAMES)
        named = EngineerName(self.carried) if self.carried is not None else entry.engineer
        return Session(entry.role, named, MORNING + entry.duration, Credentials("ASIA", "secret", "token"))


def asked(sts: Sts, duration: timedelta = HOUR, terms: Terms | None = None) -> tuple[Session, list[Remark]]:
    told: list[Remark] = []
    return enter_role(ROLE, lambda: ExternalId("gp1.KEY.CODE"), duration, sts, terms, told.append), told


def test_terms_that_cannot_be_are_told_before_a_second_factor_is_asked_for() -> None:
    def never() -> ExternalId:
        raise AssertionError("nobody was to be asked")

    large = policy({"Effect": "Allow", "Action": "s3:" + "x" * 3000, "Resource": "*"})
    with pytest.raises(InvalidInput, match="characters"):
        enter_role(ROLE, never, HOUR, Sts(USER), Terms(policy=large))
    with pytest.raises(InvalidInput, match="out of range"):
        enter_role(ROLE, never, timedelta(minutes=5), Sts(USER))


def test_a_role_that_does_not_last_so_long_says_so() -> None:
    words = "ValidationError: The requested DurationSeconds exceeds the MaxSessionDuration set for this role."

    with pytest.raises(InvalidInput, match="gives no sessions of 12:00:00") as refused:
        asked(Sts(USER, refusal=Conflict("AWS could not do it", why=words)), timedelta(hours=12))

    assert "--for 1h" in refused.value.next_step


def test_policies_that_only_sts_finds_too_large_are_told_as_such() -> None:
    words = "PackedPolicyTooLarge: Packed size of session tags consumes 112% of allotted space."

    with pytest.raises(InvalidInput, match="too large for STS") as refused:
        asked(Sts(USER, refusal=Conflict("AWS could not do it", why=words)), terms=Terms(Ticket("ABC-1")))

    assert "112%" in refused.value.why


def test_other_conflicts_stay_what_they_are() -> None:
    with pytest.raises(Conflict, match="too busy"):
        asked(Sts(USER, refusal=Conflict("AWS is too busy", why="Throttling: rate")))


def test_a_ticket_that_may_not_be_set_can_be_left_out() -> None:
    refusal = AccessRefused("no", message="not authorized to perform: sts:TagSession on resource")

    with pytest.raises(AccessRefused) as refused:
        asked(Sts(USER, refusal=refusal), terms=Terms(Ticket("ABC-1")))

    assert "without --ticket" in refused.value.next_step


def test_a_user_who_may_not_set_the_name_enters_under_no_other() -> None:
    sts = Sts(USER, refusal=AccessRefused("no", message=NAMES))

    with pytest.raises(AccessRefused, match="AWS refused maria"):
        asked(sts)

    assert len(sts.entries) == 1


def test_a_session_without_a_name_of_its_own_is_not_entered_unnamed() -> None:
    class Nameless(Sts):
        def enter(self, entry: Entry) -> Session:
            if not entry.keeps_name:
                self.entries.append(entry)
                raise AccessRefused("no", message=NAMES)
            return super().enter(entry)

    sts = Nameless(CHAINED)

    with pytest.raises(AccessRefused) as refused:
        asked(sts)

    assert "carries another source identity" in refused.value.why


def test_a_name_that_is_set_already_is_kept_and_told() -> None:
    sts = Sts(CHAINED, carried="maria.rossi")

    session, told = asked(sts, terms=Terms(Ticket("ABC-1")))

    assert str(session.engineer) == "maria.rossi"
    assert told == [Remark.NAMED_ALREADY]
    first, probe, last = sts.entries
    assert str(first.engineer) == "maria"
    # What asks for the name may do nothing.
    assert probe.keeps_name
    assert probe.policy == policy({"Effect": "Deny", "Action": "*", "Resource": "*"})
    assert (str(last.engineer), str(last.name), last.keeps_name) == ("maria.rossi", "maria.rossi+ABC-1", False)


def test_a_name_that_our_own_record_knows_is_sent_at_once() -> None:
    sts = Sts(CHAINED, carried="maria.rossi")

    session, told = asked(sts, terms=Terms(named=EngineerName("maria.rossi")))

    assert str(session.engineer) == "maria.rossi"
    assert (len(sts.entries), told) == (1, [])


def test_a_session_that_begins_from_one_is_capped_and_that_is_told() -> None:
    capped, told = asked(Sts(CHAINED), timedelta(hours=3))
    whole, nothing = asked(Sts(USER), timedelta(hours=3))

    assert (capped.expires_at, told) == (MORNING + HOUR, [Remark.CAPPED])
    assert (whole.expires_at, nothing) == (MORNING + timedelta(hours=3), [])
    assert asked(Sts(CHAINED), HOUR)[1] == []


def test_the_session_and_the_entry_show_no_second_factor() -> None:
    sts = Sts(USER)
    asked(sts)

    assert "CODE" not in repr(sts.entries)
    assert "CODE" not in repr(replace(sts.entries[0], name=None))
