"""The command that explains what AWS, or a tool of anybody's, said when a call was refused."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import click

from gatepass.cli.options import json_option
from gatepass.cli.output import ExitCode, json_result, masked, note, result
from gatepass.domain.errors import AccessRefused, GatepassError, InvalidInput
from gatepass.domain.refused_call import RefusedCall, refused_calls
from gatepass.domain.register import Register
from gatepass.domain.session import Session
from gatepass.render.shown_text import shown
from gatepass.usecases.decode_refusal import decode_refusal, needs_decoding
from gatepass.usecases.explain_call import Around, Explanation, explain_call
from gatepass.wiring import file_access, machine, refusals, registers, sessions

# Errors are short; a whole log piped in by mistake is read so far.
_LONGEST_TEXT = 1_048_576
_USUAL_REGISTER = Path("customers.yml")


@click.command()
@click.option(
    "--register", type=click.Path(path_type=Path), envvar="GATEPASS_REGISTER", show_envvar=True,
    help="The provider's register, to name customer and grant; by default customers.yml, if it is there.",
)  # fmt: skip
@json_option
def why(*, register: Path | None, as_json: bool) -> int:
    """Explain a refused call: whose side says no, and what to ask whom for.

    Reads what the tool printed, as in: aws s3 ls 2>&1 | gatepass why
    """
    if sys.stdin.isatty():
        note("Paste what was said, then press Ctrl-D on a line of its own:")
    session = _session()
    calls = [_decoded(call, session) for call in refused_calls(sys.stdin.read(_LONGEST_TEXT))]
    if not calls:
        raise InvalidInput(
            "that text tells of no refused call",
            why="a refusal says that somebody is not authorized, or AccessDenied when calling an operation",
            next_step="pipe in the tool's errors too: COMMAND 2>&1 | gatepass why",
        )
    around = Around(machine.clock().now(), session, _register(register), file_access.action_catalogue())
    explained = [explain_call(call, around) for call in calls]
    if as_json:
        json_result({"refused": [_facts(each) for each in explained]})
        return ExitCode.DONE
    for number, each in enumerate(explained):
        if number:
            result("")
        for line in _lines(each):
            result(masked(shown(line)))
    return ExitCode.DONE


def _session() -> Session | None:
    try:
        return sessions.current_session()
    except GatepassError:
        # It has expired, which may be just what is asked about.
        return next(iter(reversed(sessions.shelf().sessions())), None)


def _register(path: Path | None) -> Register | None:
    if path is None and not _USUAL_REGISTER.exists():
        return None
    return registers.register_book(path or _USUAL_REGISTER).load()


def _decoded(call: RefusedCall, session: Session | None) -> RefusedCall:
    """Return the call with what an encoded message tells, where the plain words tell too little."""
    if not needs_decoding(call):
        return call
    try:
        return decode_refusal(call, refusals.message_decoder(session))
    except AccessRefused:
        note("AWS encoded the rest of the message; to read it, the grant needs sts:DecodeAuthorizationMessage on *")
    except GatepassError as error:
        note(f"AWS encoded the rest of the message, and it was not decoded: {masked(error.what)}")
    return call


def _lines(explained: Explanation) -> Iterator[str]:
    call = explained.call
    if call.action:
        service, _, name = call.action.partition(":")
        of = call.action if service else f"{name}, of a service that was not told"
        yield f"refused:  {of}" + (f" on {call.resource}" if call.resource else "")
    if call.caller:
        yield f"to:       {call.caller}"
    yield f"by:       {'' if explained.is_known else 'likely '}{explained.side.value}"
    yield from (f"          {line}" for line in explained.why)
    yield f"do:       {explained.next_step}"
    for number, line in enumerate(explained.entry):
        yield ("in file:  " if not number else "          ") + line
    if explained.offer:
        yield f"or offer: {explained.offer}"
        yield "          (a further grant; an offer never widens one that stands)"


def _facts(explained: Explanation) -> dict[str, object]:
    call = explained.call
    return {
        "action": call.action or None,
        "resource": call.resource or None,
        "caller": call.caller or None,
        "side": explained.side.name.lower(),
        "means": explained.side.value,
        "known": explained.is_known,
        "denied": call.is_denied,
        "policy": call.policy or None,
        "why": list(explained.why),
        "next": explained.next_step,
        "entry": "\n".join(explained.entry) or None,
        "offer": explained.offer or None,
    }
