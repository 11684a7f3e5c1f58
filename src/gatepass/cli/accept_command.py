"""The command by which a customer takes a provider's offer, or less than it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import click

from gatepass.cli.options import Duration, Grant, confirmed, file_option, json_option, yes_option
from gatepass.cli.output import ExitCode, json_result, note, result
from gatepass.cli.review_command import show_judgement
from gatepass.cli.term_options import Words, patterns, policy_of
from gatepass.domain.grant import Grant as StandingGrant
from gatepass.domain.identifiers import AccountId, GrantName
from gatepass.render.declaration_data import grant_data
from gatepass.render.offer_words import key_lines, offer_lines, terms_lines
from gatepass.usecases.accept_offer import Narrowing, accepted_as, accepted_grant, demand_known_key, words_of
from gatepass.usecases.renew_grant import renewed_words, standing_grant, unlike
from gatepass.usecases.review_offer import ReadOffer, judge_offer, look_around, read_offer
from gatepass.wiring import file_access, handover, own_account


@click.command()
@click.argument("offer", type=click.Path(path_type=Path))
@click.option("--permissions", type=Words(), help="Only these managed policies.")
@click.option(
    "--custom-policy", type=click.Path(path_type=Path), help="This policy, a file of JSON, in place of theirs."
)
@click.option("--no-custom-policy", is_flag=True, help="Leave the offer's own policy out.")
@click.option("--principals", type=Words(), help="Only these principals of the provider: role/engineers/*.")
@click.option("--for", "duration", type=Duration(), help="Only so long from now: 30d.")
@click.option("--session", type=Duration(), help="The longest session, 1h to 12h.")
@click.option("--grant", type=Grant(), help="Another name for the grant.")
@click.option("--trust-key", is_flag=True, help="Take the key for the provider's, once you compared it.")
@file_option
@yes_option
@json_option
def accept(  # noqa: PLR0913 - one for each option
    offer: Path,
    *,
    permissions: tuple[str, ...] | None,
    custom_policy: Path | None,
    no_custom_policy: bool,
    principals: tuple[str, ...] | None,
    duration: timedelta | None,
    session: timedelta | None,
    grant: GrantName | None,
    trust_key: bool,
    file: Path,
    yes: bool,
    as_json: bool,
) -> int:
    """Write OFFER into your file as a grant, as it is or narrower; nothing in AWS is changed.

    What would go beyond the offer, or cannot be shown to lie within it, is refused. Of an offer for a grant that
    stands already, as after the provider lost its key, only the key is taken: the grant is never widened by it.
    """
    if custom_policy is not None and no_custom_policy:
        raise click.UsageError("--custom-policy and --no-custom-policy exclude each other")
    desk = handover.offer_desk()
    read = read_offer(file_access.read_handed_file(offer), desk)
    narrowing = Narrowing(
        permissions, policy_of(custom_policy), not no_custom_policy,
        patterns(principals) if principals is not None else None, duration, session, grant,
    )  # fmt: skip
    demand_known_key(read, trust_key=trust_key, asks=not yes)
    declaration = file_access.load_customer_file(file).declaration if file.exists() else None
    taken = accepted_as(read.offer, declaration)
    if taken is not None:
        return _done(read, taken, file, offer, as_json=as_json, changed=False)
    standing = standing_grant(read.offer, grant, declaration)
    if declaration is not None and standing is not None:
        _demand_no_terms(standing, narrowing)
        return _renew(read, standing, declaration.account, file, yes=yes, as_json=as_json)
    premises = look_around(words_of(read.offer, narrowing), own_account.own_roles())
    terms = accepted_grant(read.offer, narrowing, premises, desk.clock.now())
    for line in (*offer_lines(read.offer), "what you would grant of it:", *terms_lines(terms)):
        note(line)
    if not as_json:
        show_judgement(judge_offer(terms, premises, desk.clock), premises)
    for line in key_lines(read.offer, read.key, read.known_key, vouched=read.is_vouched):
        note(line)
    if not confirmed(f"Write this grant into {file}?", yes=yes):
        note("nothing was changed")
        return ExitCode.DONE
    # Before anything is written: the pass will be signed with it.
    handover.signing_key()
    file_access.add_grant(file, premises.account, terms.name, grant_data(terms))
    desk.pins.pin(read.offer.provider, read.key)
    return _done(read, terms.name, file, offer, as_json=as_json, changed=True)


def _renew(  # noqa: PLR0913 - what is renewed, and how
    read: ReadOffer, standing: StandingGrant, account: AccountId, file: Path, *, yes: bool, as_json: bool
) -> int:
    """Put the provider's new key into a grant that stands; what the grant allows stays as it is."""
    words = renewed_words(read.offer, standing, account)
    differences = list(unlike(read.offer, standing))
    for line in (*offer_lines(read.offer), *key_lines(read.offer, read.key, read.known_key, vouched=read.is_vouched)):
        note(line)
    note(f"the grant {standing.name} stands in {file}, and what it allows stays as it is; only its passes are")
    note("sealed to the provider's key in this offer from now on")
    for line in differences:
        note(f"  {line}")
    if not confirmed(f"Write the provider's key into grant {standing.name} of {file}?", yes=yes):
        note("nothing was changed")
        return ExitCode.DONE
    handover.signing_key()
    file_access.set_in_grant(file, standing.name, words)
    handover.offer_desk().pins.pin(read.offer.provider, read.key)
    if as_json:
        json_result({**_facts(read, standing.name, file, changed=True), "renewed": True, "not_taken": differences})
        return ExitCode.DONE
    result(f"renewed: the passes of grant {standing.name} are sealed to the key of this offer from now on")
    _tell_of_changed_key(read)
    note("nothing in AWS has changed, and nothing needs to; send the provider a new pass:")
    note(f"gatepass pass {standing.name} -o {standing.name}.pass.json")
    return ExitCode.DONE


def _demand_no_terms(standing: StandingGrant, narrowing: Narrowing) -> None:
    if replace(narrowing, grant=None) != Narrowing():
        raise click.UsageError(
            f"the grant {standing.name} stands already, and keeps its terms; to narrow it, edit the file and apply it"
        )


def _tell_of_changed_key(read: ReadOffer) -> None:
    """Say it when nothing but a person's word connects the new key with the known one."""
    if read.key_is_other and read.known_key is not None:
        note(f"the provider's key has changed from {read.known_key.fingerprint}")
        note(f"to {read.key.fingerprint}, and the old key did not sign the new one;")
        note("only your call vouches for it: if you did not compare it on a number you know, take this back now")


def _facts(read: ReadOffer, grant: GrantName, file: Path, *, changed: bool) -> dict[str, object]:
    return {
        "changed": changed,
        "file": str(file),
        "grant": str(grant),
        "provider": str(read.offer.provider),
        "fingerprint": read.key.fingerprint,
        "key_is_vouched": read.is_vouched,
        "key_replaces": read.known_key.fingerprint if read.key_is_other and read.known_key is not None else None,
    }


def _done(read: ReadOffer, grant: GrantName, file: Path, offer: Path, *, as_json: bool, changed: bool) -> int:  # noqa: PLR0913 - what happened, and how to tell it
    if as_json:
        json_result(_facts(read, grant, file, changed=changed))
        return ExitCode.DONE
    if changed:
        result(f"written: grant {grant} in {file}")
        _tell_of_changed_key(read)
    else:
        result(f"accepted already: {offer} is grant {grant} in {file}; nothing was changed")
        note("to narrow it now, edit the file; an offer is taken once")
    note(f"nothing in AWS has changed; next: gatepass plan {file}, then gatepass apply {file}")
    note(f"then send the provider its pass: gatepass pass {grant} -o {grant}.pass.json")
    return ExitCode.DONE
