"""The provider's register as files: every mistake at once with its place, the rules over all of it, and both places."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest
import ruamel.yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from gatepass.adapters.provider_file import load_register, provider_schema
from gatepass.domain.errors import Conflict, GatepassError, InvalidFile, NotThere
from gatepass.domain.identifiers import AccountId, GrantName, RoleArn
from gatepass.domain.register import Access, Customer, CustomerName, Team, TeamName

HEAD = """\
gatepass: provider
version: 1
account: "111122223333"
teams:
  netops: {iam_roles: [NetOps], iam_groups: [NetOps], identity_center_group: NetOps}
"""
ACME = """\
  acme-prod:
    company: acme
    account: "444455556666"
    key: 7KQ2M9XW4T
    roles: {support: arn:aws:iam::444455556666:role/gatepass/HIO-DEV-EUW1-ServiceProvider-support}
    teams: {support: [netops]}
    access: group
"""
BETA = """\
  beta:
    account: "444455557777"
    key: 8KQ2M9XW4T
    roles:
      support: arn:aws:iam::444455557777:role/gatepass/support
"""
WHOLE = HEAD + "customers:\n" + ACME + BETA
PART = "gatepass: provider\nversion: 1\ncustomers:\n"


def problems(path: Path) -> list[tuple[str, str, str]]:
    """Return the place, the words and the reason of each problem."""
    with pytest.raises(InvalidFile) as caught:
        load_register(path)
    for problem in caught.value.problems:
        assert problem.why
        assert problem.next_step
    return [(problem.place, problem.what, problem.why) for problem in caught.value.problems]


def written(folder: Path, text: str) -> Path:
    path = folder / "customers.yml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("old", "new", "place", "words"),
    [
        ('"444455556666"', "444455556666", "9:14", "the account number is not quoted"),
        ('"111122223333"', "012345670123", "3:10", "the account number is not quoted"),
        ('444455556666"', '44445555666"', "9:14", "'44445555666' is not an AWS account ID"),
        ("gatepass: provider", "gatepass: customer", "1:11", "this is not a provider's file"),
        ("version: 1", "version: 2", "2:10", "this version of the file is not known"),
        ("    company: acme\n", "    compny: acme\n", "8:5", "unknown key: compny"),
        ("teams:\n", "team: {}\nteams:\n", "4:1", "unknown key: team"),
        ("iam_groups", "iam_group", "5:33", "unknown key: iam_group"),
        ("{iam_roles: [NetOps], iam_groups: [NetOps], identity_center_group: NetOps}", "{}", "5:3", "this team is nobody"),
        ("iam_roles: [NetOps]", "iam_roles: NetOps", "5:23", "iam_roles is not a list"),
        ("iam_roles: [NetOps]", "iam_roles: [role/NetOps]", "5:24", "'role/NetOps' is not a name alone"),
        ("iam_groups: [NetOps]", "iam_groups: [12]", "5:46", "12 is read as a number, not as text"),
        ("  netops:", "  Net_Ops:", "5:3", "'Net_Ops' cannot name a team"),
        ("  netops:", "  provider:", "5:3", "no team can be named provider"),
        ("  netops:", "  customer:", "5:3", "no team can be named customer"),
        ("iam_roles: [NetOps]", "policy: a/b", "5:20", "'a/b' cannot begin the name of an IAM policy"),
        ("iam_roles: [NetOps]", f"policy: {'x' * 123}", "5:20", "cannot begin the name of an IAM policy"),
        ("iam_roles: [NetOps]", "arns_only: maybe", "5:23", "neither true nor false"),
        ("customers:\n", "  sre: {iam_groups: [SRE], policy: GATEPASS-netops}\ncustomers:\n", "6:36", "the policies of sre would have the names of those of netops"),
        ("  acme-prod:", "  Acme:", "7:3", "'Acme' cannot name a customer"),
        ('    account: "444455556666"\n', "", "8:5", "account is missing"),
        ("    key: 7KQ2M9XW4T\n", "", "8:5", "key is missing"),
        ("key: 7KQ2M9XW4T", "key: 12345678", "10:10", "this key is read as a number, not as text"),
        ("key: 7KQ2M9XW4T", "key: gp1.7KQ2M9XW4T.SECRET", "10:10", "that is not a customer key"),
        ("arn:aws:iam::444455556666:role", "arn:aws:iam::444455556666:user", "11:22", "is not the ARN of an IAM role"),
        ("{support: arn", "{1st: arn", "11:13", "'1st' cannot name a grant"),
        ("teams: {support: [netops]}", "teams: {support: netops}", "12:22", "support is not a list"),
        ("access: group", "access: groups", "13:13", "this is no means of access"),
        ("company: acme", 'company: "acme\\nsons"', "8:14", "the company cannot be shown"),
        ("access: group", "signed_by: ed25519:AAAA", "13:16", "this is no public key"),
        ("access: group", "signed_by: 12", "13:16", "this is no public key"),
        ("access: group", "last_pass: {support: yesterday}", "13:26", "yesterday is not an instant"),
        ("access: group", "last_pass: 2026-11-22T08:00:00Z", "13:16", "last_pass is not a mapping"),
        ("  acme-prod:\n", "  acme-prod: x\n  other:\n", "7:14", "acme-prod is not a mapping"),
        ("customers:\n", "customers: x\nmore:\n", "6:12", "customers is not a mapping"),
        ("  beta:\n", "  acme-prod:\n", "14:3", "acme-prod stands twice"),
        ("    key: 8KQ2M9XW4T\n", "    key: 8KQ2M9XW4T\n    key: 9KQ2M9XW4T\n", "17:5", "key stands twice"),
        ("customers:\n", "customers: [\n", "8:12", "this is not YAML"),
        # Rules over the whole register.
        ("{support: [netops]}", "{support: [nteops]}", "12:23", "there is no team nteops"),
        ("{support: [netops]}", "{support: [netops, netops]}", "12:31", "netops stands twice"),
        ("teams: {support: [netops]}", "teams: {suport: [netops]}", "12:21", "acme-prod has no role for suport, which teams are to use"),
        ('"444455556666"', '"444455558888"', "11:22", "the role of acme-prod for support stands in account 444455556666"),
        ('"444455556666"', '"111122223333"', "9:14", "the account of acme-prod is the provider's own"),
        ("8KQ2M9XW4T", "7kq2m9xw4t", "16:10", "beta has the customer key of acme-prod"),
        ('"444455557777"', '"444455556666"', "15:14", "beta has the account of acme-prod"),
        ("444455557777:role/gatepass/support", "444455556666:role/x/hio-dev-euw1-serviceprovider-support", "18:16", "the role of beta for support is that of acme-prod for support"),
        ("{support: arn", "{Support: arn:aws:iam::444455556666:role/x, support: arn", "11:65", "grant support overlaps with Support"),
        ("{support: arn", "{audit: arn:aws:iam::444455556666:role/HIO-DEV-EUW1-ServiceProvider-support, support: arn", "11:98", "the role of acme-prod for support is that of acme-prod for audit"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_its_place(tmp_path: Path, old: str, new: str, place: str, words: str) -> None:
    assert old in WHOLE

    found = problems(written(tmp_path, WHOLE.replace(old, new, 1)))

    assert any(where.endswith(f"customers.yml:{place}") and words in what for where, what, _ in found), found


@pytest.mark.parametrize(
    ("old", "new", "other"),
    [
        ("8KQ2M9XW4T", "7KQ2M9XW4T", "10:10"),
        ('"444455557777"', '"444455556666"', "9:14"),
        ("444455557777:role/gatepass/support", "444455556666:role/HIO-DEV-EUW1-ServiceProvider-support", "11:22"),
        ('"444455557777"', '"111122223333"', "3:10"),
        ("444455557777:role", "444455559999:role", "15:14"),
    ],
)
def test_two_things_that_cannot_both_hold_are_told_with_both_places(
    tmp_path: Path, old: str, new: str, other: str
) -> None:
    path = written(tmp_path, WHOLE.replace(old, new, 1))

    found = problems(path)

    assert any(why.endswith(f"the other stands at {path}:{other}") for _, _, why in found), found


def test_what_may_have_been_meant_is_said(tmp_path: Path) -> None:
    text = WHOLE.replace("[netops]}", "[nteops]}").replace("company:", "compny:")

    with pytest.raises(InvalidFile) as caught:
        load_register(written(tmp_path, text))

    steps = [problem.next_step for problem in caught.value.problems]
    assert steps[0].startswith("did you mean company? ")
    assert len(steps) == 1

    with pytest.raises(InvalidFile) as caught:
        load_register(written(tmp_path, WHOLE.replace("[netops]}", "[nteops]}")))
    assert caught.value.next_step == "did you mean netops? declared under teams: netops"


def test_every_mistake_is_told_at_once_in_the_order_of_the_file(tmp_path: Path) -> None:
    text = WHOLE.replace("version: 1", "version: 3").replace("8KQ2M9XW4T", "7KQ2M9XW4T").replace("[netops]}", "[x]}")
    text += '  gamma:\n    account: 123\n    key: "1"\n'

    found = [place.rsplit("customers.yml:")[1] for place, _, _ in problems(written(tmp_path, text))]

    assert found == ["2:10", "12:23", "16:10", "20:14", "21:10"]


def test_an_external_id_in_the_place_of_a_key_is_not_repeated(tmp_path: Path) -> None:
    found = problems(written(tmp_path, WHOLE.replace("key: 7KQ2M9XW4T", "key: gp1.7KQ2M9XW4T.SECRET")))

    assert "SECRET" not in str(found)


def test_every_key_arrives(tmp_path: Path) -> None:
    register = load_register(written(tmp_path, WHOLE)).register

    netops, support = TeamName("netops"), GrantName("support")
    assert register.account == AccountId("111122223333")
    assert register.teams == {netops: Team(netops, ("NetOps",), ("NetOps",), "NetOps")}
    acme, beta = register.customers.values()
    arn = RoleArn("arn:aws:iam::444455556666:role/gatepass/HIO-DEV-EUW1-ServiceProvider-support")
    assert acme == Customer(
        CustomerName("acme-prod"), "acme", AccountId("444455556666"), "7KQ2M9XW4T",
        {support: arn}, {support: (netops,)}, Access.GROUP,
    )  # fmt: skip
    assert (beta.company, beta.teams, beta.access) == ("beta", {}, None)


def test_a_new_register_has_nobody_yet(tmp_path: Path) -> None:
    text = 'gatepass: provider\nversion: 1\naccount: "111122223333"\n'

    for more in ("", "teams:\ncustomers:\n", "teams: {}\ncustomers: {}\n"):
        register = load_register(written(tmp_path, text + more)).register
        assert not register.teams
        assert not register.customers


def folder(where: Path, **files: str) -> Path:
    """Return a folder with these files."""
    path = where / "register"
    path.mkdir()
    for name, text in files.items():
        (path / f"{name}.yml").write_text(text, encoding="utf-8")
    return path


def test_a_folder_says_what_one_file_would(tmp_path: Path) -> None:
    path = folder(tmp_path, provider=HEAD, acme=PART + ACME, beta=PART + BETA)

    found = load_register(path)

    assert found.register == load_register(written(tmp_path, WHOLE)).register
    assert found.place(("customers", "beta", "key")) == f"{path}/beta.yml:6:10"
    assert found.place(("teams", "netops")) == f"{path}/provider.yml:5:11"


def test_the_head_of_a_folder_may_hold_customers_too(tmp_path: Path) -> None:
    path = folder(tmp_path, provider=HEAD + "customers:\n" + ACME, beta=PART + BETA)

    assert len(load_register(path).register.customers) == 2


@pytest.mark.parametrize(
    ("beta", "place", "words", "reason"),
    [
        (PART + ACME, "beta.yml:4:3", "acme-prod stands twice", "the other stands at {path}/acme.yml:4:3"),
        (PART + BETA.replace("8KQ", "7KQ"), "beta.yml:6:10", "beta has the customer key of acme-prod", "{path}/acme.yml:7:10"),
        (PART + BETA.replace('"444455557777"', '"111122223333"'), "beta.yml:5:14", "the account of beta is the provider's own", "{path}/provider.yml:3:10"),
        ('account: "111122223333"\n' + PART + BETA, "beta.yml:1:1", "unknown key: account", "account and teams stand in provider.yml"),
        (BETA, "beta.yml:1:3", "gatepass is missing", ""),
        ("gatepass: provider\nversion: 1\n", "beta.yml:1:1", "this file holds no customers", ""),
        ("a: [", "beta.yml", "this is not YAML", ""),
        ("", "beta.yml:1:1", "the file is empty", ""),
    ],
)  # fmt: skip
def test_a_mistake_in_one_file_of_a_folder_is_told_there(
    tmp_path: Path, beta: str, place: str, words: str, reason: str
) -> None:
    path = folder(tmp_path, provider=HEAD, acme=PART + ACME, beta=beta)

    found = problems(path)

    reason = reason.format(path=path)
    assert any(f"{path}/{place}" in where and words == what and reason in why for where, what, why in found), found


def test_mistakes_in_a_folder_come_file_by_file(tmp_path: Path) -> None:
    wrong = "    x: 1\n"
    path = folder(tmp_path, provider=HEAD + "y: 1\n", acme=PART + ACME + wrong, beta=PART + BETA + wrong)

    assert [Path(place.split(":")[0]).name for place, _, _ in problems(path)] == [
        "acme.yml",
        "beta.yml",
        "provider.yml",
    ]


def test_a_register_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(NotThere, match="there is no register"):
        load_register(tmp_path / "none.yml")
    with pytest.raises(NotThere, match=r"provider\.yml is not there"):
        load_register(tmp_path)


def test_one_file_of_a_folder_is_no_register(tmp_path: Path) -> None:
    path = folder(tmp_path, provider=HEAD, acme=PART + ACME)

    with pytest.raises(Conflict, match="is one file of the register"):
        load_register(path / "acme.yml")


@settings(max_examples=200)
@given(cut=st.integers(0, len(WHOLE)), put=st.text(alphabet="\n\t :-{}[]\"'&*!|>#%@`0aé\x00", max_size=4))
def test_no_mutilated_file_ends_in_a_traceback(tmp_path_factory: pytest.TempPathFactory, cut: int, put: str) -> None:
    path = written(tmp_path_factory.mktemp("file"), WHOLE[:cut] + put + WHOLE[cut + 1 :])

    with contextlib.suppress(GatepassError):
        assert load_register(path).register.account


def test_the_schema_accepts_what_the_loader_accepts() -> None:
    schema = provider_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    for text in (WHOLE, HEAD + "customers:\n", PART + ACME):
        data = ruamel.yaml.YAML(typ="safe").load(text)
        jsonschema.validate(data, schema)
        data["custmers"] = {}
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(data, schema)


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel tells the peak in /proc")
def test_ten_thousand_customers_fit_into_500_megabytes(tmp_path: Path) -> None:
    """Measured in a process of its own; the time is shown by the bench."""
    grants = ("support", "audit", "deploy")
    entries = "".join(
        f'  c{number}:\n    account: "{number:012}"\n    key: K{number:09}\n    roles:\n'
        + "".join(f"      {grant}: arn:aws:iam::{number:012}:role/gatepass/{grant}\n" for grant in grants)
        for number in range(10_000)
    )
    path = written(tmp_path, HEAD + "customers:\n" + entries)
    # getrusage would count what the process that started this one held: Linux keeps that across exec.
    program = (
        "import re, sys, pathlib; from gatepass.adapters.provider_file import load_register;"
        "print(len(load_register(pathlib.Path(sys.argv[1])).register.customers),"
        r"re.search(r'VmHWM:\s+(\d+) kB', pathlib.Path('/proc/self/status').read_text())[1])"
    )

    finished = subprocess.run([sys.executable, "-c", program, str(path)], check=True, capture_output=True, text=True)

    customers, peak_kilobytes = map(int, finished.stdout.split())
    assert customers == 10_000
    assert peak_kilobytes * 1024 < 500_000_000
