"""Plans in files: they come back as they went, and nothing else is taken for one."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatepass.adapters.saved_plans import is_plan, load_plan, save_plan
from gatepass.domain.documents import policy
from gatepass.domain.errors import Conflict, GatepassError, InvalidFile, InvalidInput
from gatepass.domain.grant import Declaration, Grant, Naming, PrincipalPattern, Window
from gatepass.domain.identifiers import GrantName, RoleName
from gatepass.domain.saved_plan import SavedPlan
from tests.people import BOUNDARY, CUSTOMER, MORNING, OTHER_PROVIDER, PROVIDER, declaration

HOUR = timedelta(hours=1)
PLAN = SavedPlan(declaration(), prune=False, made_at=MORNING, account_digest="0" * 64, changes=("role: + attach X",))
GRANTS = st.builds(
    Grant,
    name=st.just(GrantName("support")),
    provider=st.sampled_from([PROVIDER, OTHER_PROVIDER]),
    permissions=st.sampled_from([("SecurityAudit",), ("a/b/Own", "arn:aws:iam::aws:policy/ReadOnlyAccess")]),
    custom_policy=st.sampled_from(
        [None, policy({"Effect": "Allow", "Action": "sqs:*", "Resource": "*", "Condition": {"Bool": {"a:b": "true"}}})]
    ),
    boundary=st.sampled_from([None, BOUNDARY]),
    needs_second_factor=st.booleans(),
    principals=st.sampled_from([(), (PrincipalPattern("role/engineers/*"), PrincipalPattern("user/x"))]),
    window=st.sampled_from([Window(), Window(MORNING, MORNING + HOUR), Window(None, MORNING)]),
    session_limit=st.sampled_from([HOUR, 1.5 * HOUR, 12 * HOUR]),
    source_networks=st.sampled_from([(), (ip_network("203.0.113.0/24"), ip_network("2001:db8::/32"))]),
    requires_source_identity=st.booleans(),
    adopted=st.sampled_from([None, RoleName("VendorAudit")]),
)
FILES = st.builds(
    Declaration,
    account=st.just(CUSTOMER),
    grants=GRANTS.map(lambda grant: (grant,)),
    naming=st.sampled_from([Naming(), Naming("HIO", "dev", "euw1"), Naming(location="euw1")]),
    tags=st.sampled_from([{}, {"owner": "security", "cost": "077"}]),
)


@given(FILES)
def test_a_declaration_comes_back_as_it_went(file: Declaration) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "access.plan"
        save_plan(path, replace(PLAN, declaration=file))

        assert load_plan(path).declaration == file


def test_a_plan_comes_back_as_it_went(tmp_path: Path) -> None:
    path = tmp_path / "access.plan"

    save_plan(path, PLAN)

    assert is_plan(path)
    assert load_plan(path) == PLAN


def test_only_an_older_plan_is_overwritten(tmp_path: Path) -> None:
    mine, other = tmp_path / "access.plan", tmp_path / "access.yml"
    save_plan(mine, PLAN)
    other.write_text("gatepass: customer\n", encoding="utf-8")

    with pytest.raises(Conflict, match="is no plan"):
        save_plan(other, PLAN)
    save_plan(mine, PLAN)

    assert other.read_text(encoding="utf-8") == "gatepass: customer\n"


def test_a_plan_that_cannot_be_written_is_an_error_with_a_next_step(tmp_path: Path) -> None:
    with pytest.raises(GatepassError, match="cannot be written"):
        save_plan(tmp_path / "none" / "access.plan", PLAN)


def test_what_is_no_plan_is_not_taken_for_one(tmp_path: Path) -> None:
    other = tmp_path / "access.yml"
    other.write_text("gatepass: plan\n", encoding="utf-8")

    assert not is_plan(other)
    assert not is_plan(tmp_path / "absent")


@pytest.mark.parametrize(
    ("old", "new", "error"),
    [
        ("  }\n}\n", "", InvalidInput),
        ('"version": 1,\n  "made_at"', '"version": 2,\n  "made_at"', InvalidInput),
        ('"prune": false', '"prune": "no"', InvalidInput),
        ('"provider"', '"provdier"', InvalidFile),
    ],
)
def test_a_plan_that_somebody_broke_is_refused(tmp_path: Path, old: str, new: str, error: type[GatepassError]) -> None:
    path = tmp_path / "access.plan"
    save_plan(path, PLAN)
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")

    with pytest.raises(error):
        load_plan(path)
