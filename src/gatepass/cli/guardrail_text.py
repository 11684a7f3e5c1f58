"""What is to be said beside the policies of ``render guardrail``, and where they are written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from gatepass.domain.errors import GatepassError
from gatepass.render.guardrail import Declared


def guardrail_notes(kinds: tuple[str, ...], known: Declared, *, tag_exception: bool) -> Iterator[str]:
    """Yield what each policy does, what it cannot, and what to look at before it is attached."""
    if "rcp" in kinds:
        accounts = ", ".join(str(account) for account in known.providers)
        yield f"rcp: from outside the organisation only {accounts} can enter, in the accounts it is put on,"
        yield "  and only roles under /gatepass/ or adopted, with an external ID; which one, the trust policy says"
        if known.without_factor:
            yield f"  without one: {len(known.without_factor)} role pattern(s) of grants with second_factor: none"
        yield "  it leaves the organisation's own accounts, AWS services, SAML and web identity as they are"
        yield "  it does not bind the management account; every other vendor is shut out at once, so look before:"
        yield "  gatepass doors, and try it on one account first"
    if "scp" in kinds:
        yield "scp: in the accounts it is put on only --admins write on the roles that providers enter,"
        yield "  root users included; a role that Gatepass, Terraform or CloudFormation works as must be among them"
        yield "  it cannot look into trust policies, so it forbids no door elsewhere: the rcp keeps strangers out there"
        yield "  whoever can make a principal that matches --admins gets past it: protect those names too"
        yield "  it does not bind the management account"
    if tag_exception:
        yield "roles with the tag dp:exclude:identity=true are left alone by the rcp; only --admins may set that tag"


def write_policies(folder: Path, texts: Mapping[str, str]) -> list[Path]:
    """Write each policy into the folder, as scp.json and rcp.json, and return the files.

    Raises:
        GatepassError: the folder cannot be written to.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for kind, text in texts.items():
            (folder / f"{kind}.json").write_text(f"{text}\n", encoding="utf-8")
    except OSError as error:
        raise GatepassError(
            f"{folder} cannot be written to: {error.strerror}",
            why="the policies would go there",
            next_step="name another folder with -o",
        ) from None
    return [folder / f"{kind}.json" for kind in texts]
