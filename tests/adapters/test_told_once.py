"""A hint is given once, and where that cannot be remembered it is given again."""

from __future__ import annotations

import os
from pathlib import Path

from gatepass.adapters.told_once import ToldOnce


def test_where_nothing_can_be_kept_the_hint_is_given_each_time(tmp_path: Path) -> None:
    (tmp_path / "told").write_text("a file in its place", encoding="utf-8")
    told = ToldOnce(tmp_path)

    assert [told.is_new_here("hint"), told.is_new_here("hint")] == [True, True]


def test_a_hint_is_new_once_and_another_terminal_hears_its_own(tmp_path: Path) -> None:
    told = ToldOnce(tmp_path)

    assert [told.is_new_here("hint"), told.is_new_here("hint"), told.is_new_here("other")] == [True, False, True]
    assert [told.is_new_in_terminal("hint"), told.is_new_in_terminal("hint")] == [True, False]
    child = os.fork()
    if child == 0:
        # Another session leader is another terminal.
        os.setsid()
        os._exit(0 if ToldOnce(tmp_path).is_new_in_terminal("hint") else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_old_hints_make_room(tmp_path: Path) -> None:
    told = ToldOnce(tmp_path)

    for number in range(501):
        assert told.is_new_here(f"hint-{number}")

    assert len(list((tmp_path / "told").iterdir())) == 251
    assert not told.is_new_here("hint-500")
