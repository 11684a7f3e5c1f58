"""Checking, on the customer's side, the proof that a provider left."""

from __future__ import annotations

from gatepass.cli.output import ExitCode, json_result, note, result
from gatepass.wiring import audit as wired


def check_parting(text: str, key: str | None, *, as_json: bool) -> int:
    """Tell what the proof says and who signed it; exit 3 unless it proves something by a key that is known.

    Raises:
        InvalidInput: it is no such proof, or was changed after it was signed.
    """
    from gatepass.usecases.check_proof import check_proof
    from gatepass.usecases.know_signer import Known

    checked = check_proof(text, Known(wired.provider_pins(), wired.signatures(), key))
    code = ExitCode.DONE if checked.is_sound else ExitCode.FOUND_SOMETHING
    if as_json:
        signer = {"key": str(checked.key), "fingerprint": checked.key.fingerprint}
        known = {"standing": checked.standing.name.lower(), "sound": checked.is_sound}
        json_result({**checked.proof.body, **signer, **known})
        return code
    customer = checked.proof.customer
    result(f"customer:  {customer.name}, account {customer.account}")
    for arn in customer.roles.values():
        result(f"role:      {arn}")
    for line in checked.proof.lines:
        result(line)
    result(f"signed by: {checked.key.fingerprint}")
    result(f"           {checked.standing.value}")
    note("the provider says so, and its key shows that it does; your own side is: gatepass withdraw")
    return code
