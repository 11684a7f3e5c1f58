"""Pages written as files: whole, for their owner, and never over something else."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from gatepass.adapters.page_file import write_page
from gatepass.domain.errors import Conflict, GatepassError
from gatepass.render.doors_page import BEGINNING

PAGE = f"{BEGINNING}\n<title>new</title>\n"


@pytest.mark.parametrize(
    "content", ["", "# my notes\n", BEGINNING[:-2], "<!DOCTYPE html>\n<html><title>Mine</title></html>"]
)
def test_a_file_that_is_no_page_of_ours_is_not_overwritten(tmp_path: Path, content: str) -> None:
    path = tmp_path / "notes.html"
    path.write_text(content, encoding="utf-8")

    with pytest.raises(Conflict, match="is not overwritten"):
        write_page(path, PAGE)

    assert path.read_text(encoding="utf-8") == content


def test_neither_a_folder_nor_a_pipe_nor_a_link_is_written_through(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "page").write_text(PAGE, encoding="utf-8")
    (tmp_path / "link").symlink_to(tmp_path / "page")
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")

    for name in ("folder", "pipe", "link", "dangling"):
        with pytest.raises(Conflict):
            write_page(tmp_path / name, PAGE + "more")

    assert (tmp_path / "page").read_text(encoding="utf-8") == PAGE
    assert sorted(each.name for each in tmp_path.iterdir()) == ["dangling", "folder", "link", "page", "pipe"]


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(GatepassError, match="cannot be written"):
        write_page(tmp_path / "missing" / "doors.html", PAGE)


def test_what_does_not_begin_as_a_page_of_ours_is_a_defect_of_the_caller(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="begins"):
        write_page(tmp_path / "doors.html", "<html></html>")


def test_a_page_is_for_its_owner_alone_and_replaces_an_earlier_one(tmp_path: Path) -> None:
    path = tmp_path / "doors.html"

    write_page(path, f"{BEGINNING}\n<title>old</title>\n")
    write_page(path, PAGE)

    assert path.read_text(encoding="utf-8") == PAGE
    assert path.stat().st_mode & 0o777 == 0o600
    assert [each.name for each in tmp_path.iterdir()] == ["doors.html"]
