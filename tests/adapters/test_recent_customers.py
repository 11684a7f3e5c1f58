"""Who was entered lately: the last first, for oneself alone, and never in the way."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from gatepass.adapters.recent_customers import RecentCustomers
from gatepass.wiring import choosing


def test_the_last_comes_first_and_once(tmp_path: Path) -> None:
    recent = RecentCustomers(tmp_path)
    for name in (
        "acme-prod/support",
        "blue/audit",
        "acme-prod/support",
        *(f"c{number}/support" for number in range(60)),
    ):
        recent.add(name)

    assert recent.names()[0] == "c59/support"
    assert len(recent.names()) == 50
    assert stat.S_IMODE((tmp_path / "recent-customers").stat().st_mode) == 0o600


def test_what_cannot_be_read_or_written_stops_nobody(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_text("x\n", encoding="utf-8")
    (tmp_path / "linked").mkdir(mode=0o700)
    (tmp_path / "linked" / "recent-customers").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "file").write_text("no folder", encoding="utf-8")

    for folder in (tmp_path / "linked", tmp_path / "file" / "deeper"):
        assert RecentCustomers(folder).names() == ()
        RecentCustomers(folder).add("acme-prod/support")

    assert (tmp_path / "elsewhere").read_text(encoding="utf-8") == "x\n"


def test_only_what_can_be_chosen_is_offered_by_name_or_by_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    for way in ("gone/support", "acme-dev/audit", "acme-prod/support", "acme-prod/audit"):
        choosing.remember(way)

    assert choosing.entered_lately(["acme-dev", "acme-prod", "acme-test"]) == ("acme-prod", "acme-dev")
    assert choosing.entered_lately(["acme-prod/audit", "acme-prod/support"]) == ("acme-prod/audit", "acme-prod/support")
