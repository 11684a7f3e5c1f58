"""The customer's file: every mistake at once, each with its place; what is right becomes grants."""

from __future__ import annotations

import contextlib
import json
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatepass.adapters.customer_file import customer_schema, load_customer_file
from gatepass.domain.errors import GatepassError, InvalidFile
from gatepass.domain.grant import Declaration, Naming, PrincipalPattern, Window
from gatepass.domain.identifiers import AccountId, PolicyArn, RoleName

HEAD = 'gatepass: customer\nversion: 1\naccount: "444455556666"\n'
SHORTEST = HEAD + 'grants:\n  support:\n    provider: "111122223333"\n    permissions: [SecurityAudit]\n'
LONGEST = """\
gatepass: customer
version: 1
account: "444455556666"
grants:
  support:
    provider: "111122223333"
    permissions: [AmazonS3FullAccess, arn:aws:iam::444455556666:policy/Own]
    custom_policy:
      Version: 2012-10-17
      Statement:
        - {Effect: Allow, Action: "sqs:*", Resource: "*", Condition: {Bool: {"aws:MultiFactorAuthPresent": true}}}
    boundary: arn:aws:iam::444455556666:policy/PartnerBoundary
    second_factor: none
    principals: [role/engineers/*]
    window: {from: 2026-11-23T08:00:00Z, until: "2026-11-27T19:00:00+01:00"}
    session: 12h
    source_ips: [203.0.113.0/24, "2001:db8::/32"]
    require_source_identity: true
naming: {org: HIO, lifecycle: dev, location: euw1}
tags: {owner: security}
"""


def load(folder: Path, text: str) -> Declaration:
    path = folder / "access.yml"
    path.write_text(text, encoding="utf-8")
    return load_customer_file(path).declaration


def problems(folder: Path, text: str) -> list[tuple[str, str]]:
    """Return the place (line:column) and the words of each problem."""
    with pytest.raises(InvalidFile) as caught:
        load(folder, text)
    for problem in caught.value.problems:
        assert problem.why
        assert problem.next_step
    return [(problem.place.partition("access.yml:")[2], problem.what) for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        (SHORTEST.replace('"111122223333"', "111122223333"), "6:15", "the account number is not quoted"),
        (SHORTEST.replace('"444455556666"', "444455556666"), "3:10", "the account number is not quoted"),
        (SHORTEST.replace('"111122223333"', "012345670123"), "6:15", "the account number is not quoted"),
        (SHORTEST.replace("111122223333", "11112222333"), "6:15", "'11112222333' is not an AWS account ID"),
        (SHORTEST + "    sesion: 1h\n", "8:5", "unknown key: sesion"),
        (SHORTEST + "    window: {form: 2026-11-23T08:00:00Z}\n", "8:14", "unknown key: form"),
        (SHORTEST + "color: red\n", "8:1", "unknown key: color"),
        (SHORTEST + "naming: {organization: HIO}\n", "8:10", "unknown key: organization"),
        (SHORTEST.replace("version: 1", "version: 2"), "2:10", "this version of the file is not known"),
        (SHORTEST.replace("gatepass: customer", "gatepass: provider"), "1:11", "this is not a customer's file"),
        (SHORTEST.replace("gatepass: customer\n", ""), "1:1", "gatepass is missing"),
        (SHORTEST.replace('    provider: "111122223333"\n', ""), "6:5", "provider is missing"),
        (SHORTEST.replace("[SecurityAudit]", "SecurityAudit"), "7:18", "permissions is not a list"),
        (SHORTEST.replace("[SecurityAudit]", "[Security Audit]"), "7:19", "'Security Audit' is not the name of a managed policy"),
        (SHORTEST.replace("[SecurityAudit]", "['arn:aws:iam::x:policy/P']"), "7:19", "'arn:aws:iam::x:policy/P' is not the ARN of a managed policy"),
        (SHORTEST.replace("[SecurityAudit]", "[]"), "5:3", "this grant gives no permission"),
        (SHORTEST + "    second_factor: maybe\n", "8:20", "second_factor is neither required nor none"),
        (SHORTEST + "    session: 30\n", "8:14", "30 is not a duration"),
        (SHORTEST + "    session: 30m\n", "8:14", "a session of 30m is out of range"),
        (SHORTEST + "    session: 13h\n", "8:14", "a session of 13h is out of range"),
        (SHORTEST + "    source_ips: [203.0.113.5/24]\n", "8:18", "'203.0.113.5/24' is not a range of IP addresses"),
        (SHORTEST + "    principals: [group/x]\n", "8:18", "'group/x' does not name principals of the provider"),
        (SHORTEST + "    require_source_identity: 'yes'\n", "8:30", "this is neither true nor false"),
        (SHORTEST + "    window: {until: 2026-11-27T18:00:00}\n", "8:21", "2026-11-27T18:00:00 has no time zone"),
        (SHORTEST + "    window: {until: 2026-13-27T18:00:00Z}\n", "8:21", "2026-13-27T18:00:00Z does not exist"),
        (SHORTEST + "    window: {from: 2026-11-27T18:00:00Z, until: 2026-11-26T18:00:00Z}\n", "8:13", "the window ends before it begins"),
        (SHORTEST + "    boundary: arn:aws:iam::999900001111:policy/B\n", "8:15", "the boundary of support stands in another account"),
        (SHORTEST + "    custom_policy: {Version: 2012-10-17, Statement: {Effect: Alow, Action: '*', Resource: '*'}}\n", "8:20", "custom_policy: "),
        (SHORTEST + "    custom_policy: nowhere.json\n", "8:20", "cannot be read"),
        (SHORTEST.replace("111122223333", "444455556666"), "6:15", "the provider of support is this account itself"),
        (SHORTEST.replace('"111122223333"', "scaler"), "6:15", "'scaler' is not a provider that is known by name"),
        (SHORTEST.replace('"111122223333"', "'9scalr'"), "6:15", "'9scalr' is not an AWS account ID"),
        (SHORTEST.replace("provider:", "role: a/b\n    provider:"), "6:11", "'a/b' is not a valid IAM role name"),
        (SHORTEST.replace("provider:", "role: X\n    provider:") + '  other: {role: x, provider: "111122223333", permissions: [SecurityAudit]}\n', "9:17", "other keeps the role of support"),
        (SHORTEST + "second_factor_store: drawer\n", "8:22", "this is no store for second factors"),
        (SHORTEST.replace("support", "1st"), "5:3", "'1st' cannot name a grant"),
        (SHORTEST + '  Support:\n    provider: "111122223333"\n    permissions: [SecurityAudit]\n', "8:3", "grant Support overlaps with support"),
        (SHORTEST + '  support:\n    provider: "111122223333"\n', "8:3", "support stands twice"),
        (SHORTEST + "tags: {'aws:x': y}\n", "8:8", "'aws:x' cannot be the key of a tag"),
        (SHORTEST + "tags: {'gatepass:grant': y}\n", "8:8", "'gatepass:grant' cannot be the key of a tag"),
        (SHORTEST + "tags: {cost: 12}\n", "8:14", "12 is read as a number, not as text"),
        (HEAD + "grants:\n  support:\n", "5:3", "support is not a mapping"),
        ("---\n" + SHORTEST + "---\nb: 1\n", "9:1", "this is not YAML"),
        (HEAD + "grants: {}\n", "4:9", "grants is empty"),
        (HEAD + "grants: [a]\n", "4:9", "grants is not a mapping"),
        ("grants: [\n", "2:1", "this is not YAML"),
        ("", "1:1", "the file is empty"),
        ("a: &x [*x]\n", "1:1", "missing"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_its_place(tmp_path: Path, text: str, place: str, words: str) -> None:
    found = problems(tmp_path, text)

    assert any(where == place and words in what for where, what in found), found


@pytest.mark.parametrize("written", ["scalr", "Scalr", '"919814621061"'])
def test_a_known_vendor_may_be_written_by_name(tmp_path: Path, written: str) -> None:
    (grant,) = load(tmp_path, SHORTEST.replace('"111122223333"', written)).grants

    assert grant.provider == AccountId("919814621061")


def test_a_role_to_keep_and_a_store_are_read(tmp_path: Path) -> None:
    text = SHORTEST.replace("provider:", "role: VendorAudit\n    provider:") + "second_factor_store: ssm\n"

    declaration = load(tmp_path, text)

    assert declaration.grants[0].adopted == RoleName("VendorAudit")
    assert declaration.second_factor_store == "ssm"


def test_every_mistake_is_told_at_once_in_the_order_of_the_file(tmp_path: Path) -> None:
    text = (
        SHORTEST.replace('"111122223333"', "111122223333")
        + "    sesion: 1h\n    custom_policy: {Statement: {Effect: Alow}}\n"
        + '  Support:\n    provider: "123"\n    permissions: [SecurityAudit]\n'
    )

    found = problems(tmp_path, text)

    assert [place for place, _ in found] == ["6:15", "8:5", "9:20", "10:3", "11:15"]


def test_an_account_number_is_never_put_back_together(tmp_path: Path) -> None:
    """What YAML made of an unquoted number may be another account; no error repeats it as if it were right."""
    path = tmp_path / "access.yml"
    path.write_text(SHORTEST.replace('"111122223333"', "012345670123"), encoding="utf-8")

    with pytest.raises(InvalidFile) as caught:
        load_customer_file(path)

    shown = "".join(problem.what + problem.next_step for problem in caught.value.problems)
    assert "012345670123" not in shown


def test_three_lines_are_enough(tmp_path: Path) -> None:
    (grant,) = load(tmp_path, SHORTEST).grants

    assert grant.needs_second_factor
    assert grant.session_limit == timedelta(hours=1)
    assert grant.window == Window()
    assert grant.principals == ()


def test_every_key_arrives(tmp_path: Path) -> None:
    file = load(tmp_path, LONGEST)
    (grant,) = file.grants

    assert file.naming == Naming("HIO", "dev", "euw1")
    assert file.tags == {"owner": "security"}
    assert grant.boundary == PolicyArn("arn:aws:iam::444455556666:policy/PartnerBoundary")
    assert not grant.needs_second_factor
    assert grant.principals == (PrincipalPattern("role/engineers/*"),)
    assert grant.window == Window(datetime(2026, 11, 23, 8, tzinfo=UTC), datetime(2026, 11, 27, 18, tzinfo=UTC))
    assert grant.session_limit == timedelta(hours=12)
    assert grant.source_networks == (ip_network("203.0.113.0/24"), ip_network("2001:db8::/32"))
    assert grant.requires_source_identity
    assert grant.custom_policy is not None
    assert grant.custom_policy.statements[0]["Condition"] == {"Bool": {"aws:MultiFactorAuthPresent": True}}


def test_a_custom_policy_is_read_beside_the_file(tmp_path: Path) -> None:
    document = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "sqs:*", "Resource": "*"}}
    (tmp_path / "extra.json").write_text(json.dumps(document), encoding="utf-8")

    (grant,) = load(tmp_path, SHORTEST + "    custom_policy: extra.json\n").grants

    assert grant.custom_policy is not None


def test_a_custom_policy_may_be_yaml(tmp_path: Path) -> None:
    text = "Version: 2012-10-17\nStatement:\n- {Effect: Allow, Action: 'sqs:*', Resource: '*'}\n"
    (tmp_path / "extra.yml").write_text(text, encoding="utf-8")

    (grant,) = load(tmp_path, SHORTEST + "    custom_policy: extra.yml\n").grants

    assert grant.custom_policy is not None
    assert grant.custom_policy.data["Version"] == "2012-10-17"


@pytest.mark.parametrize("text", ["", "a: [", "Version: 2012-10-17\nVersion: 2012-10-17\n", "- a\n", "Statement: x\n"])
def test_a_yaml_policy_with_a_mistake_is_told_at_the_line_that_names_it(tmp_path: Path, text: str) -> None:
    (tmp_path / "extra.yml").write_text(text, encoding="utf-8")

    ((place, _),) = problems(tmp_path, SHORTEST + "    custom_policy: extra.yml\n")

    assert place == "8:20"


def test_a_malformed_policy_in_a_file_is_told_at_the_line_that_names_it(tmp_path: Path) -> None:
    (tmp_path / "extra.json").write_text('{"Statement": [', encoding="utf-8")

    ((place, what),) = problems(tmp_path, SHORTEST + "    custom_policy: extra.json\n")

    assert place == "8:20"
    assert "not JSON" in what


def test_a_file_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(GatepassError, match="cannot be read"):
        load_customer_file(tmp_path / "none.yml")
    with pytest.raises(GatepassError, match="cannot be read"):
        load_customer_file(tmp_path)


def test_aliases_that_expand_without_end_are_refused(tmp_path: Path) -> None:
    laughs = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
    for level in range(1, 9):
        laughs += f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 10)}]\n"

    found = problems(tmp_path, laughs)

    assert found[0][1] == "this file is too large"


@settings(max_examples=150, deadline=None)
@given(cut=st.integers(0, len(LONGEST)), put=st.text(alphabet="\n\t :-{}[]\"'&*!|>#%@`0aé\x00", max_size=4))
def test_no_mutilated_file_ends_in_a_traceback(tmp_path_factory: pytest.TempPathFactory, cut: int, put: str) -> None:
    path = tmp_path_factory.mktemp("file") / "access.yml"
    path.write_text(LONGEST[:cut] + put + LONGEST[cut + 1 :], encoding="utf-8")

    with contextlib.suppress(GatepassError):
        assert load_customer_file(path).declaration.grants


def test_the_schema_accepts_what_the_loader_accepts() -> None:
    import ruamel.yaml  # noqa: PLC0415 - only to have plain data

    schema = customer_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    data = ruamel.yaml.YAML(typ="safe").load(SHORTEST)

    jsonschema.validate(data, schema)
    data["grants"]["support"]["sesion"] = "1h"
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(data, schema)
