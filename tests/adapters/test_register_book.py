"""The register's keeper: one contract for a file, a folder of files and memory; what people wrote stays."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatepass.adapters import register_book
from gatepass.adapters.memory_register import MemoryRegister
from gatepass.adapters.provider_file import RegisterFiles, load_register
from gatepass.adapters.register_book import FileRegisterBook
from gatepass.domain.errors import Conflict, GatepassError, InvalidFile, InvalidInput, NotThere, Overtaken
from gatepass.domain.identifiers import AccountId, GrantName, RoleArn
from gatepass.domain.plain_lines import demand_line
from gatepass.domain.register import Access, Customer, CustomerName, Register, Team, TeamName
from gatepass.domain.signed_file import PublicKey
from gatepass.ports.register import RegisterBook
from gatepass.render.register_text import customer_text, customers_file_text, register_text
from tests.people import MORNING, PROVIDER, SUPPORT

NETOPS = Team(TeamName("netops"), ("NetOps",), ("NetOps",), "Net Ops")


def customer(number: int, **changes: object) -> Customer:
    """Return a customer that differs from every other number's in all that must be unique."""
    account = f"{444455550000 + number}"
    made = Customer(
        CustomerName(f"customer-{number}"),
        "Acme & Sons",
        AccountId(account),
        f"7KQ2M9X{number:03d}",
        {SUPPORT: RoleArn(f"arn:aws:iam::{account}:role/gatepass/ServiceProvider-support")},
        {SUPPORT: (NETOPS.name,)},
    )
    return replace(made, **changes)  # type: ignore[arg-type]


FIRST, SECOND, THIRD = customer(1), customer(2), customer(3)
REGISTER = Register(PROVIDER, {NETOPS.name: NETOPS}, {FIRST.name: FIRST, SECOND.name: SECOND})


def file_book(folder: Path) -> RegisterBook:
    path = folder / "customers.yml"
    path.write_text(register_text(REGISTER), encoding="utf-8")
    return FileRegisterBook(path)


def folder_book(folder: Path) -> RegisterBook:
    path = folder / "customers"
    path.mkdir()
    (path / "provider.yml").write_text(register_text(replace(REGISTER, customers={})), encoding="utf-8")
    for each in (FIRST, SECOND):
        (path / f"{each.name}.yml").write_text(customers_file_text(each), encoding="utf-8")
    return FileRegisterBook(path)


def memory_book(_: Path) -> RegisterBook:
    return MemoryRegister(REGISTER)


@pytest.fixture(params=[file_book, folder_book, memory_book], ids=["file", "folder", "memory"])
def book(request: pytest.FixtureRequest, tmp_path: Path) -> RegisterBook:
    made: Callable[[Path], RegisterBook] = request.param
    return made(tmp_path)


@pytest.mark.parametrize(
    ("refused", "words"),
    [
        (customer(3, key=FIRST.key.lower()), "customer-3 has the customer key of customer-1"),
        (customer(3, account=FIRST.account), "customer-3 has the account of customer-1"),
        (customer(3, roles=FIRST.roles), "the role of customer-3 for support is that of customer-1 for support"),
        (customer(3, account=PROVIDER), "the account of customer-3 is the provider's own"),
        (customer(3, teams={SUPPORT: (TeamName("nteops"),)}), "there is no team nteops"),
        (customer(3, teams={GrantName("suport"): (NETOPS.name,)}), "customer-3 has no role for suport, which teams are to use"),
    ],
)  # fmt: skip
def test_a_customer_that_contradicts_another_is_refused_and_nothing_is_written(
    book: RegisterBook, refused: Customer, words: str
) -> None:
    with pytest.raises(InvalidFile) as caught:
        book.add(THIRD, refused)

    assert words in [problem.what for problem in caught.value.problems]
    assert book.load() == REGISTER


def test_a_customer_that_is_not_there_cannot_be_removed(book: RegisterBook) -> None:
    with pytest.raises(NotThere, match="no customer customer-9"):
        book.remove(CustomerName("customer-9"))

    assert book.load() == REGISTER


def test_a_new_customer_is_there_afterwards(book: RegisterBook) -> None:
    book.add(THIRD)

    assert book.load().customers == {**REGISTER.customers, THIRD.name: THIRD}


def test_a_customer_is_written_in_place_of_its_old_entry(book: RegisterBook) -> None:
    changed = replace(FIRST, company="no", access=Access.ROLE_PER_CUSTOMER, teams={}, roles={})

    book.add(changed, THIRD)
    book.add(changed)

    assert book.load().customers == {FIRST.name: changed, SECOND.name: SECOND, THIRD.name: THIRD}


def test_a_customer_is_exchanged_only_for_the_one_that_was_seen(book: RegisterBook) -> None:
    """Two passes of one customer's grants come at once: the second must not undo the first."""
    first, second = replace(FIRST, company="one"), replace(FIRST, company="two")
    book.exchange(FIRST, first)
    book.exchange(None, THIRD)

    with pytest.raises(Overtaken):
        book.exchange(FIRST, second)
    with pytest.raises(Overtaken):
        book.exchange(None, replace(THIRD, company="another"))

    assert book.load().customers == {FIRST.name: first, SECOND.name: SECOND, THIRD.name: THIRD}


def test_a_removed_customer_is_gone_and_may_come_back(book: RegisterBook) -> None:
    book.remove(FIRST.name)
    assert book.load().customers == {SECOND.name: SECOND}

    book.remove(SECOND.name)
    assert book.load().customers == {}

    book.add(FIRST)
    assert book.load().customers == {FIRST.name: FIRST}


WRITTEN = f"""\
# ours
gatepass: provider
version: 1
account: "{PROVIDER}"   # prod

customers:
    # the first one
    customer-1:   # with a remark
        company: Acme & Sons
        account: "{FIRST.account}"
        key: {FIRST.key}
        # inside

    # the second one
    customer-2: {{account: "{SECOND.account}", key: {SECOND.key}, company: >-
          Acme}}
# what follows is about teams
teams:
    netops: {{iam_groups: [NetOps]}}
"""


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_every_line_of_the_others_stays_where_it_is(tmp_path: Path, newline: str) -> None:
    text = WRITTEN.replace(">-\n          Acme", "Acme").replace("\n", newline)
    path = tmp_path / "customers.yml"
    path.write_bytes(text.encode())
    keeper = FileRegisterBook(path)

    keeper.add(replace(FIRST, company="New", roles={}, teams={}))
    keeper.add(THIRD)
    after = path.read_bytes().decode().split(newline)
    keeper.remove(THIRD.name)
    keeper.remove(FIRST.name)

    begin, end = text.split(newline).index("    customer-1:   # with a remark"), text.split(newline).index("")
    own = set(range(begin, begin + 5))
    others = [line for number, line in enumerate(text.split(newline)) if number not in own]
    lines = iter(after)
    assert end
    assert all(line in lines for line in others)
    assert path.read_bytes().decode().split(newline) == others
    if newline == "\r\n":
        assert path.read_bytes().count(b"\n") == path.read_bytes().count(b"\r\n")


@pytest.mark.parametrize(
    "customers",
    ["", "customers:\n", "customers: {}\n", "customers:   # none yet\n", "customers: null # none\n# more\n", "customers:\n  # acme:\n  #   account:\n"],
)  # fmt: skip
@pytest.mark.parametrize(
    "end", ["teams: {netops: {iam_groups: [NetOps]}}\n", "teams: {netops: {iam_groups: [NetOps]}}", "...\n"]
)
def test_the_first_customer_is_written_into_a_register_without_any(tmp_path: Path, customers: str, end: str) -> None:
    path = tmp_path / "customers.yml"
    path.write_text(f'gatepass: provider\nversion: 1\naccount: "{PROVIDER}"\n{customers}{end}', encoding="utf-8")
    first = replace(FIRST, teams={})

    if end == "...\n" and not customers:
        # The key would go behind the end of the document.
        with pytest.raises(GatepassError):
            FileRegisterBook(path).add(first)
        return
    FileRegisterBook(path).add(first)

    assert list(load_register(path).register.customers.values()) == [first]


def test_customers_in_braces_are_not_rewritten(tmp_path: Path) -> None:
    path = tmp_path / "customers.yml"
    text = f'gatepass: provider\nversion: 1\naccount: "{PROVIDER}"\ncustomers: {{customer-1: {{account: "{FIRST.account}", key: "{FIRST.key}"}}}}\n'
    path.write_text(text, encoding="utf-8")

    with pytest.raises(Conflict, match="in braces"):
        FileRegisterBook(path).add(replace(SECOND, teams={}))
    with pytest.raises(Conflict, match="in braces"):
        FileRegisterBook(path).remove(FIRST.name)

    assert path.read_text(encoding="utf-8") == text


def test_an_entry_that_others_refer_to_is_left(tmp_path: Path) -> None:
    path = tmp_path / "customers.yml"
    text = register_text(REGISTER).replace('company: "Acme & Sons"', "company: &us Acme", 1)
    text = text.replace('company: "Acme & Sons"', "company: *us")
    path.write_text(text, encoding="utf-8")

    with pytest.raises(Conflict, match="could not be read afterwards"):
        FileRegisterBook(path).remove(FIRST.name)

    assert path.read_text(encoding="utf-8") == text


@pytest.mark.parametrize("broken", [{"company": "two\nlines"}, {"key": "not a key"}])
def test_values_that_no_file_holds_are_not_written(tmp_path: Path, broken: dict[str, str]) -> None:
    with pytest.raises(GatepassError):
        file_book(tmp_path).add(customer(3, **broken))

    assert load_register(tmp_path / "customers.yml").register == REGISTER


def test_a_change_that_somebody_makes_meanwhile_is_not_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "customers.yml"
    keeper = file_book(tmp_path)

    def load_and_edit(where: Path, instead: object = None) -> RegisterFiles:
        found = load_register(where, instead)  # type: ignore[arg-type]
        if instead is not None:
            path.write_text(register_text(REGISTER) + "# mine\n", encoding="utf-8")
        return found

    monkeypatch.setattr(register_book, "load_register", load_and_edit)

    with pytest.raises(Conflict, match="changed meanwhile"):
        keeper.add(THIRD)

    assert path.read_text(encoding="utf-8").endswith("# mine\n")
    assert THIRD.name not in keeper.load().customers


def test_a_folder_keeps_each_customer_where_it_stands(tmp_path: Path) -> None:
    keeper = folder_book(tmp_path)
    folder = tmp_path / "customers"
    (folder / "customer-2.yml").rename(folder / "b.yaml")
    (folder / ".hidden.yml").write_text("not: ours", encoding="utf-8")
    (folder / "README.md").write_text("ours", encoding="utf-8")

    keeper.add(replace(SECOND, company="New"), THIRD)
    keeper.remove(FIRST.name)

    names = sorted(file.name for file in folder.iterdir())
    assert names == [".hidden.yml", "README.md", "b.yaml", "customer-3.yml", "provider.yml"]


def test_a_link_stays_a_link_and_the_mode_stays(tmp_path: Path) -> None:
    file_book(tmp_path)
    path = tmp_path / "customers.yml"
    path.chmod(0o640)
    link = tmp_path / "link.yml"
    link.symlink_to(path)

    FileRegisterBook(link).add(THIRD)

    assert link.is_symlink()
    assert path.stat().st_mode & 0o777 == 0o640
    assert sorted(file.name for file in tmp_path.iterdir()) == ["customers.yml", "link.yml"]


def test_a_link_in_a_folder_stays_a_link(tmp_path: Path) -> None:
    keeper = folder_book(tmp_path)
    path = tmp_path / "customers" / f"{FIRST.name}.yml"
    path.rename(tmp_path / "elsewhere.yml")
    path.symlink_to(tmp_path / "elsewhere.yml")

    keeper.add(replace(FIRST, company="New"))

    assert path.is_symlink()
    assert keeper.load().customers[FIRST.name].company == "New"


def test_a_file_that_cannot_be_written_is_told_and_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keeper = file_book(tmp_path)

    def refuse(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", refuse)

    with pytest.raises(GatepassError, match="No space left"):
        keeper.add(THIRD)

    monkeypatch.undo()
    assert keeper.load() == REGISTER
    assert [file.name for file in tmp_path.iterdir()] == ["customers.yml"]


NAMES = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,8}[a-z0-9])?", fullmatch=True)
GRANTS = st.from_regex(r"[A-Za-z][A-Za-z0-9-]{0,8}", fullmatch=True).map(GrantName)
INSTANTS = st.datetimes(datetime(2026, 1, 1), timezones=st.just(UTC)).map(lambda at: at.replace(microsecond=0))  # noqa: DTZ001 - the zone comes with it


def is_shown(text: str) -> bool:
    try:
        demand_line(text, "text", 30)
    except InvalidInput:
        return False
    return True


SHOWN = st.text(min_size=1, max_size=30).filter(is_shown)


@st.composite
def registers(draw: st.DrawFn) -> Register:
    """Draw registers that hold no contradiction, with all that their values may be."""
    roles = st.lists(st.from_regex(r"[A-Za-z0-9_+=,.@-]{1,10}", fullmatch=True), max_size=2).map(tuple)
    prefixes = st.none() | st.uuids().map(lambda unique: f"Policies+={unique}")
    teams = {
        TeamName(name): Team(TeamName(name), draw(roles), draw(roles), draw(SHOWN), draw(prefixes), draw(st.booleans()))
        for name in draw(st.lists(NAMES, max_size=3, unique=True))
    }
    customers = {}
    for number, name in enumerate(draw(st.lists(NAMES, max_size=4, unique=True))):
        account = f"{number:012d}"
        grants = draw(st.lists(GRANTS, max_size=3, unique_by=lambda grant: str(grant).lower()))
        path = draw(st.from_regex(r"/([!-~]{1,9}/)?", fullmatch=True))
        assigned = (
            st.lists(st.sampled_from(sorted(teams)), unique=True, max_size=2).map(tuple) if teams else st.just(())
        )
        customers[CustomerName(name)] = Customer(
            CustomerName(name),
            draw(SHOWN),
            AccountId(account),
            draw(st.from_regex(r"[A-Za-z0-9-]{8,20}", fullmatch=True)) + f"-{number}",
            {grant: RoleArn(f"arn:aws:iam::{account}:role{path}r{index}") for index, grant in enumerate(grants)},
            {grant: draw(assigned) for grant in grants},
            draw(st.sampled_from([None, *Access])),
            draw(st.none() | st.binary(min_size=32, max_size=32).map(PublicKey)),
            {grant: draw(INSTANTS) for grant in grants},
        )
    return Register(PROVIDER, teams, customers)


@settings(max_examples=150)
@given(register=registers())
def test_what_is_written_is_read_again(tmp_path_factory: pytest.TempPathFactory, register: Register) -> None:
    path = tmp_path_factory.mktemp("register") / "customers.yml"
    path.write_text(register_text(register), encoding="utf-8")

    assert load_register(path).register == register


def test_an_entry_reads_as_people_write_it() -> None:
    known = replace(FIRST, company="acme", signed_by=PublicKey(bytes(32)), last_pass={SUPPORT: MORNING})

    assert customer_text(known, 2) == (
        "  customer-1:\n"
        "    company: acme\n"
        '    account: "444455550001"\n'
        '    key: "7KQ2M9X001"\n'
        "    roles:\n"
        "      support: arn:aws:iam::444455550001:role/gatepass/ServiceProvider-support\n"
        "    teams:\n"
        "      support: [netops]\n"
        "    signed_by: ed25519:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"
        "    last_pass:\n"
        '      support: "2026-11-22T08:00:00Z"\n'
    )
