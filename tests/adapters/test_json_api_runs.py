"""How far a run is, in whichever words; and what it said, fit for a terminal."""

from __future__ import annotations

import pytest

from gatepass.adapters.json_api_documents import Resource
from gatepass.adapters.run_logs import last_lines, structured_lines
from gatepass.adapters.run_words import read_run
from gatepass.domain.platform_run import RunStage


@pytest.mark.parametrize(
    ("status", "auto_apply", "stage"),
    [
        ("a word of tomorrow", True, RunStage.PLANNING),
        ("", True, RunStage.PLANNING),
        ("policy_override", True, RunStage.NEEDS_CONFIRMATION),
        ("planned", False, RunStage.NEEDS_CONFIRMATION),
        ("cost_estimated", False, RunStage.NEEDS_CONFIRMATION),
        ("policy_checked", False, RunStage.NEEDS_CONFIRMATION),
        ("planned", True, RunStage.PLANNING),
        ("planned_and_saved", True, RunStage.NEEDS_CONFIRMATION),
        ("pending", True, RunStage.WAITING),
        ("fetching", True, RunStage.WAITING),
        ("plan_queued", True, RunStage.WAITING),
        ("planning", True, RunStage.PLANNING),
        ("policy_checking", True, RunStage.PLANNING),
        ("confirmed", True, RunStage.APPLYING),
        ("apply_queued", True, RunStage.APPLYING),
        ("applying", True, RunStage.APPLYING),
        ("applied", True, RunStage.APPLIED),
        ("planned_and_finished", True, RunStage.PLANNED_ONLY),
        ("errored", True, RunStage.FAILED),
        ("policy_soft_failed", True, RunStage.FAILED),
        ("discarded", True, RunStage.STOPPED),
        ("canceled", True, RunStage.STOPPED),
        ("force_canceled", True, RunStage.STOPPED),
    ],
)
def test_a_word_of_the_platform_means_a_stage(status: str, stage: RunStage, *, auto_apply: bool) -> None:
    found = Resource("runs", "run-1", {"status": status, "auto-apply": auto_apply, "message": "gatepass one"})

    run = read_run(found, "", is_dry=False)

    assert (run.stage, run.status, run.reason) == (stage, status, "gatepass one")


def test_a_run_that_only_plans_waits_for_nobody() -> None:
    found = Resource("runs", "run-1", {"status": "planned", "auto-apply": False})

    assert read_run(found, "", is_dry=True).stage is RunStage.PLANNING


@pytest.mark.parametrize(("status", "known"), [("pending", None), ("planning", None), ("applying", False)])
def test_whether_a_plan_changes_anything_is_not_known_before_it_ends(status: str, *, known: bool | None) -> None:
    found = Resource("runs", "run-1", {"status": status, "has-changes": False})

    assert read_run(found, "", is_dry=False).has_changes is known


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("\x1b[31mError:\x1b[0m no\x1b[K\n", "Error: no\n"),
        ("\x1b]0;title\x07plan\n", "plan\n"),
        ("\x1b]8;;https://example.com\x1b\\link\x1b]8;;\x1b\\\n", "link\n"),
        ("\x1b]0;never ended\nplan\n", "\nplan\n"),
        ("one\r\ntwo\r\n", "one\ntwo\n"),
        ("10%\r100%\n", "100%\n"),
        ("\x9b31mred\x02\x03\x00\n", "red\n"),
        ("a\u202eb\u200bc\n", "abc\n"),
        ("a\tb\n", "a\tb\n"),
        ("", ""),
        ("\n\n", ""),
    ],
)
def test_a_log_has_nothing_that_moves_a_terminal(said: str, shown: str) -> None:
    assert last_lines(said) == shown


@pytest.mark.parametrize(
    "line",
    [
        "doors = gp1.7KQ2M9XW4T.FMB4ZQ8N2R7C1V5X9K3J is no good",
        '"sts:ExternalId": "chosen-by-others-1"',
        '"sts:ExternalId" = ["gp1.7KQ2M9XW4T.FMB4ZQ8N2R7C1V5X9K3J", "chosen-by-others-1"]',
        '\\"sts:ExternalId\\": [\\"chosen-by-others-1\\"]',
    ],
)
def test_a_second_factor_in_a_log_is_hidden(line: str) -> None:
    shown = last_lines(f"Error: before\n{line}\nafter\n")

    assert "FMB4ZQ8N2R7C1V5X9K3J" not in shown
    assert "chosen-by-others" not in shown
    assert shown.startswith("Error: before\n")
    assert shown.endswith("after\n")


def test_of_a_long_log_the_last_two_hundred_lines_are_told() -> None:
    lines = last_lines("".join(f"line {number}\n" for number in range(1000))).splitlines()

    assert (len(lines), lines[0], lines[-1]) == (200, "line 800", "line 999")


def test_a_line_that_does_not_end_is_cut() -> None:
    assert len(last_lines("x" * 1_000_000)) == 2001


def test_the_messages_of_a_structured_log_are_told() -> None:
    log = (
        '\x02{"@level": "info", "@message": "Apply complete"}\n'
        '{"@level": "error", "@message": "Error: no role", "diagnostic": {"detail": "It is not there."}}\n'
        "{no json\n"
        '{"other": 1}\n'
        "a plain line\n\x03"
    )

    assert last_lines(structured_lines(log)).splitlines() == [
        "Apply complete",
        "Error: no role",
        "It is not there.",
        "{no json",
        '{"other": 1}',
        "a plain line",
    ]
