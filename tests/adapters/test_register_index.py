"""The index of a register answers as the register would, and only while the files are as they were checked."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from gatepass.adapters import register_indexer
from gatepass.adapters.register_index import RegisterIndex, index_path, open_index
from gatepass.adapters.register_indexer import load_and_index
from gatepass.domain.errors import GatepassError, InvalidFile, NotThere
from gatepass.domain.identifiers import AccountId, GrantName, RoleArn
from gatepass.domain.register import Access, Customer, CustomerName, Register, Team, TeamName
from gatepass.render.register_text import customers_file_text, register_text
from gatepass.usecases.find_way_in import way_in, way_of_role
from gatepass.wiring import registers

TEAM = Team(TeamName("netops"), (), ("NetOps",))
SUPPORT, AUDIT = GrantName("support"), GrantName("audit")


def customer(number: int, company: str, *grants: GrantName) -> Customer:
    account = AccountId(f"{400_000_000_000 + number}")
    roles = {grant: RoleArn(f"arn:aws:iam::{account}:role/gatepass/X-{grant}") for grant in grants}
    name = CustomerName(f"customer-{number}")
    return Customer(name, company, account, f"K{number:09}", roles, dict.fromkeys(grants, (TEAM.name,)))


CUSTOMERS = [
    replace(customer(1, "Acme", SUPPORT), access=Access.GROUP),
    customer(2, "ACME", SUPPORT, AUDIT),
    customer(3, 'Übermorgen, "Söhne" & Co', SUPPORT),
    customer(4, "customer-1", AUDIT),
    *(customer(number, f"company-{number}", SUPPORT, AUDIT) for number in range(5, 40)),
]  # fmt: skip
REGISTER = Register(AccountId("111122223333"), {TEAM.name: TEAM}, {each.name: each for each in CUSTOMERS})
ASKED = [
    "customer-1", "customer-2", "customer-2/audit", "customer-2/other", "acme", "Acme/support", "company-7", "COMPANY-7/audit",
    'übermorgen, "söhne" & co', "nobody", "", "/", "a\tb", "a\nb", "customer-11", "custome", "customer-39/support", "1", "9",
]  # fmt: skip


@pytest.fixture(params=["file", "folder"])
def book(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    # Files that were written just now would not be indexed, and no test waits.
    monkeypatch.setattr(register_indexer, "_SETTLED_SECONDS", -60)
    if request.param == "file":
        path = tmp_path / "customers.yml"
        path.write_text(register_text(REGISTER), encoding="utf-8")
        return path
    path = tmp_path / "customers"
    path.mkdir()
    (path / "provider.yml").write_text(register_text(replace(REGISTER, customers={})), encoding="utf-8")
    for each in CUSTOMERS:
        (path / f"{each.name}.yml").write_text(customers_file_text(each), encoding="utf-8")
    return path


def outcome(ask: Callable[[], object]) -> object:
    """Return what comes of asking, an error included."""
    try:
        return str(ask())
    except GatepassError as error:
        return type(error), error.what, error.why, error.next_step


def index_of(path: Path) -> RegisterIndex:
    found = open_index(str(path))
    assert found is not None
    return found


def file_of(path: Path, number: int) -> Path:
    """Return the file in which the customer stands."""
    return path / f"customer-{number}.yml" if path.is_dir() else path


def test_whoever_is_asked_for_the_answer_is_the_registers(book: Path) -> None:
    assert load_and_index(book) == REGISTER
    index = index_of(book)

    for text in ASKED:
        found = index.customers_called(text.partition("/")[0])
        assert found is not None
        assert outcome(partial(way_in, text, found.register)) == outcome(partial(way_in, text, REGISTER))
    for each in CUSTOMERS:
        for role in each.roles.values():
            owner = index.owner_of(role)
            assert owner is not None
            assert way_of_role(role, owner.register) == way_of_role(role, REGISTER)
    stranger = index.owner_of(RoleArn("arn:aws:iam::444455556666:role/Stranger"))
    assert stranger is not None
    assert stranger.register.customers == {}
    assert index.ways() == sorted(index.ways())
    assert len(index.ways()) == sum(len(each.roles) for each in CUSTOMERS)


def test_every_field_of_a_customer_is_in_the_index_or_known_to_be_of_no_use_for_entering() -> None:
    """A new field has to be thought of here."""
    indexed = {"name", "company", "account", "key", "roles", "teams", "access"}
    assert set(Customer.__dataclass_fields__) - indexed == {"signed_by", "last_pass"}


def test_a_register_that_contradicts_itself_gets_no_index(book: Path) -> None:
    file = file_of(book, 5)
    file.write_text(file.read_text().replace("K000000005", "K000000006"), encoding="utf-8")

    with pytest.raises(InvalidFile):
        load_and_index(book)
    assert open_index(str(book)) is None
    with pytest.raises(InvalidFile):
        registers.customers_called(book, "customer-1")


def test_a_customer_whose_file_was_changed_is_read_anew(book: Path) -> None:
    load_and_index(book)
    file = file_of(book, 5)
    file.write_text(file.read_text().replace("company-5", "renamed"), encoding="utf-8")

    index = open_index(str(book))
    assert index is None or index.customers_called("customer-5") is None
    found = registers.customers_called(book, "customer-5").register
    assert found.customers[CustomerName("customer-5")].company == "renamed"


def test_a_folder_answers_for_one_while_the_file_of_another_was_edited_in_place(book: Path) -> None:
    if book.is_file():
        pytest.skip("in one file everybody's entry has changed")
    load_and_index(book)
    file = file_of(book, 5)
    file.write_text(file.read_text().replace("company-5", "renamed"), encoding="utf-8")
    index = index_of(book)

    assert index.customers_called("customer-6") is not None
    assert index.customers_called("company-5") is None
    assert index.customers_called("nobody") is None
    assert index.owner_of(RoleArn("arn:aws:iam::444455556666:role/Stranger")) is None


def test_a_customer_who_came_or_went_is_seen(book: Path) -> None:
    load_and_index(book)
    if book.is_dir():
        file_of(book, 5).unlink()
        (book / "new.yml").write_text(customers_file_text(customer(99, "fresh", SUPPORT)), encoding="utf-8")
    else:
        left = {name: each for name, each in REGISTER.customers.items() if str(name) != "customer-5"}
        book.write_text(register_text(replace(REGISTER, customers=left)), encoding="utf-8")

    with pytest.raises(NotThere):
        way_in("customer-5", registers.customers_called(book, "customer-5").register)
    assert "customer-5/support" not in registers.customer_names(book)
    assert "customer-6/audit" in registers.customer_names(book)


@pytest.mark.parametrize("harm", ["mode", "link", "end", "empty", "words", "form", "owner"])
def test_an_index_that_is_not_as_it_was_written_is_not_used(
    book: Path, harm: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    load_and_index(book)
    path = Path(index_path(str(book)))
    content = path.read_bytes()
    if harm == "mode":
        path.chmod(0o644)
    elif harm == "link":
        path.rename(path.with_name("elsewhere"))
        path.symlink_to("elsewhere")
    elif harm == "owner":
        monkeypatch.setattr(os, "getuid", lambda: path.stat().st_uid + 1)
    else:
        path.write_bytes({
            "end": content[:-5], "empty": b"", "words": b"\xff\n", "form": content.replace(b"register 1", b"register 0"),
        }[harm])  # fmt: skip

    assert open_index(str(book)) is None


def test_an_index_that_was_harmed_is_made_anew(book: Path) -> None:
    load_and_index(book)
    Path(index_path(str(book))).write_bytes(b"")

    assert way_in("customer-6/audit", registers.customers_called(book, "customer-6").register).grant == AUDIT
    assert open_index(str(book)) is not None


def test_files_that_were_written_just_now_are_not_indexed(book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """They may change again without a sign of it."""
    monkeypatch.setattr(register_indexer, "_SETTLED_SECONDS", 3600)

    assert load_and_index(book) == REGISTER

    assert open_index(str(book)) is None


def test_where_no_index_can_be_kept_the_register_answers(book: Path, tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file")

    assert way_in("customer-6/audit", registers.customers_called(book, "customer-6").register).grant == AUDIT
    assert "customer-6/audit" in registers.customer_names(book)
