"""The pass of a grant as a signed file."""

from __future__ import annotations

from pathlib import Path

from gatepass.cli.output import ExitCode, json_result, note, result
from gatepass.domain.errors import InvalidInput
from gatepass.domain.grant import Grant
from gatepass.domain.handed_pass import HandedPass, pass_body
from gatepass.domain.identifiers import GrantName
from gatepass.usecases.write_pass import write_pass
from gatepass.wiring import file_access, handover, own_account

_USUAL_FILE = Path("access.yml")


def write_pass_file(grant: GrantName, output: Path, seal_to: str | None, file: Path | None, *, as_json: bool) -> int:
    """Write the pass into a new file, tell what is in it, and return the exit code."""
    declared = _declared(grant, file)
    recipient = seal_to or (declared.seal_to if declared is not None else None)
    if recipient is None:
        raise InvalidInput(
            "there is nobody to seal the pass to",
            why="the second factor never stands in a file in clear, and the grant has no seal_to in access.yml",
            next_step="take the provider's recipient from its offer or ask for it, then add: --seal-to age1...",
        )
    # Whoever else it is sealed to has made no offer that this grant came from.
    offer = declared.offer if declared is not None and declared.seal_to == recipient else None
    handed, signed = write_pass(grant, recipient, own_account.own_roles(), handover.pass_tools(), offer)
    file_access.write_new_file(output, signed.text)
    if as_json:
        json_result({"file": str(output), "pass": pass_body(handed), "fingerprint": signed.key.fingerprint})
        return ExitCode.DONE
    result(f"written: {output}")
    for line in _lines(handed):
        note(line)
    note(f"your key:      {signed.key.fingerprint}")
    note("send it to the provider by any channel: the second factor in it is sealed to the provider's key")
    note(f"the provider admits it with: gatepass admit {output}")
    return ExitCode.DONE


def _declared(name: GrantName, file: Path | None) -> Grant | None:
    """Return what the customer's file says of the grant: to whom its pass is sealed, and which offer it answers."""
    if file is not None:
        return file_access.load_customer_file(file).declaration.grant(name)
    if not _USUAL_FILE.exists():
        return None
    # A grant of another file, or of none, can have a pass too.
    grants = file_access.load_customer_file(_USUAL_FILE).declaration.grants
    return next((grant for grant in grants if grant.name == name), None)


def _lines(handed: HandedPass) -> list[str]:
    lines = [f"grant:         {handed.grant} of account {handed.customer}", f"provider:      account {handed.provider}"]
    lines += [f"answers offer: {handed.offer}"] if handed.offer is not None else []
    for role in handed.roles:
        lines += [
            f"role ARN:      {role.arn}",
            f"second factor: {'sealed' if role.needs_second_factor else 'not asked for'}",
        ]
    return [*lines, f"usable until:  {handed.usable_until:%Y-%m-%d %H:%M:%SZ}, once"]
