"""A grant added to a customer's file: what people wrote stays, line by line."""

from __future__ import annotations

from pathlib import Path

import pytest

from gatepass.adapters.customer_file import load_customer_file
from gatepass.adapters.customer_writer import add_grant
from gatepass.domain.errors import Conflict, GatepassError, InvalidFile
from gatepass.domain.identifiers import AccountId, GrantName
from tests.people import CUSTOMER, PROVIDER

AUDIT = GrantName("audit")
ENTRY: dict[str, object] = {
    "provider": str(PROVIDER),
    "permissions": ["SecurityAudit"],
    "custom_policy": {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "sqs:*", "Resource": "*", "Condition": {"Bool": {"x:y": "true"}}}],
    },
}
WRITTEN = """\
# ours
gatepass: customer
version: 1
account: "444455556666"
grants:
    support:   # four spaces, and a remark
        provider: "111122223333"
        permissions:
            - ReadOnlyAccess   # for now
    # what follows is about tags

tags: {owner: security}
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "access.yml"
    path.write_text(text, encoding="utf-8")
    return path


def test_every_line_that_was_there_is_there_afterwards_in_its_order(tmp_path: Path) -> None:
    path = written(tmp_path, WRITTEN)

    add_grant(path, CUSTOMER, AUDIT, ENTRY)

    lines = iter(path.read_text(encoding="utf-8").splitlines())
    assert all(line in lines for line in WRITTEN.splitlines())
    names = [grant.name for grant in load_customer_file(path).declaration.grants]
    assert names == [GrantName("support"), AUDIT]


@pytest.mark.parametrize(
    "grants",
    [
        'grants:\n  support:\n    provider: "111122223333"\n    permissions: [ReadOnlyAccess]',
        'grants:\n  support: {provider: "111122223333",\n    permissions: [ReadOnlyAccess]}\n\n\n',
        "grants:\n  support:\n    permissions: [ReadOnlyAccess]\n    provider: >-\n      111122223333\n",
        'grants:\n  support:\n    permissions:\n    - ReadOnlyAccess\n    provider: "111122223333"   # last\n# end\n',
    ],
)
def test_however_the_last_grant_ends_the_new_one_comes_after_it(tmp_path: Path, grants: str) -> None:
    path = written(tmp_path, f'gatepass: customer\nversion: 1\naccount: "444455556666"\n{grants}')

    add_grant(path, CUSTOMER, AUDIT, ENTRY)

    support, audit = load_customer_file(path).declaration.grants
    assert (support.permissions, audit.permissions) == (("ReadOnlyAccess",), ("SecurityAudit",))
    assert audit.custom_policy is not None
    assert '"true"' in audit.custom_policy.text


def test_where_there_is_no_file_one_is_written(tmp_path: Path) -> None:
    path = tmp_path / "new.yml"

    add_grant(path, CUSTOMER, AUDIT, ENTRY)

    assert [grant.provider for grant in load_customer_file(path).declaration.grants] == [PROVIDER]


@pytest.mark.parametrize(
    ("text", "account", "error", "told"),
    [
        (WRITTEN.replace("support:", "Audit:"), CUSTOMER, Conflict, "has a grant audit already"),
        (WRITTEN, AccountId("777788889999"), Conflict, "is for account 444455556666"),
        (WRITTEN.replace("ReadOnlyAccess", "[]"), CUSTOMER, InvalidFile, "this must be text"),
        (
            (
                'gatepass: customer\nversion: 1\naccount: "444455556666"\n'
                'grants: {support: {provider: "111122223333", permissions: [ReadOnlyAccess]}}\n'
            ),
            CUSTOMER,
            Conflict,
            "in braces",
        ),
    ],
)
def test_a_file_that_cannot_take_it_stays_as_it_is(
    tmp_path: Path, text: str, account: AccountId, error: type[GatepassError], told: str
) -> None:
    path = written(tmp_path, text)

    with pytest.raises(error, match=told):
        add_grant(path, account, AUDIT, ENTRY)

    assert path.read_text(encoding="utf-8") == text
    assert [each.name for each in tmp_path.iterdir()] == ["access.yml"]


def test_an_entry_that_could_not_be_read_again_is_not_written(tmp_path: Path) -> None:
    path = written(tmp_path, WRITTEN)

    with pytest.raises(InvalidFile):
        add_grant(path, CUSTOMER, AUDIT, {"provider": str(PROVIDER)})

    assert path.read_text(encoding="utf-8") == WRITTEN
