"""The doors of an account as one page for a security officer: no script, no network, prints on A4."""

from __future__ import annotations

import html
from collections.abc import Iterable, Iterator

from gatepass.decision.powers import ANYTHING
from gatepass.domain.doors import DoorList, RoleDoor
from gatepass.domain.findings import Finding, Severity
from gatepass.domain.role import DIRECT_ENGINE
from gatepass.render import door_words as words
from gatepass.render.page_style import STYLE
from gatepass.render.shown_text import shown

# Pages begin so, and what does not is not ours to replace.
BEGINNING = (
    '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
    '<meta name="generator" content="gatepass doors">'
)

_MOST_EXAMPLES = 3
_MOST_PROOFS = 2
_OF_FIRST_RANK = ("administrator", "can make itself", "can open roles", "can make keys", "can start machines with the")
# Whatever a role is called or tagged, this page runs no script and fetches nothing.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


def doors_page(found: DoorList, *, with_inside: bool = False) -> str:
    """Return the page.

    Args:
        found: the doors.
        with_inside: whether to list the roles that nobody outside can enter.
    """
    return "\n".join(_page(found, with_inside=with_inside)) + "\n"


def _text(text: object) -> str:
    """Return a text as HTML shows it; everything that is not written here goes through this."""
    return html.escape(shown(str(text)))


def _page(found: DoorList, *, with_inside: bool) -> Iterator[str]:
    title = f"Doors into AWS account {_text(found.account)}"
    yield BEGINNING
    yield f'<meta http-equiv="Content-Security-Policy" content="{_text(_POLICY)}">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f"<title>{title}, {_text(words.day_and_time(found.at))}</title>"
    yield f"<style>\n{STYLE}</style>\n</head>\n<body>"
    yield '<a class="skip" href="#summary">Go to the summary</a>'
    yield f"<header>\n<h1>{title}</h1>"
    yield f'<p>Every role that somebody outside the account can enter, as of <time datetime="{found.at.isoformat()}">'
    yield f"{_text(words.day_and_time(found.at))}</time>. Made by Gatepass.</p>\n</header>\n<main>"
    yield from _summary(found)
    if found.doors:
        yield '<section aria-labelledby="each">\n<h2 id="each">Door by door</h2>'
        for number, door in enumerate(found.doors, start=1):
            yield from _door(number, door, found)
        yield "</section>"
    yield from _inside(found, listed=with_inside)
    yield "</main>"
    yield from _footer()
    yield "</body>\n</html>"


def _summary(found: DoorList) -> Iterator[str]:
    yield '<section aria-labelledby="summary">\n<h2 id="summary">Summary</h2>'
    if not found.doors:
        yield "<p>Nobody outside the account can enter any of its roles.</p>\n</section>"
        return
    open_now = [door for door in found.doors if door.state.lets_in]
    powerful = [door for door in open_now if door.worst.powers[0].words.startswith(_OF_FIRST_RANK)]
    yield '<ul class="figures">'
    for count, label, kind in (
        (len(open_now), "let somebody in", ""),
        (len(found.doors) - len(open_now), "let nobody in", ""),
        (len(powerful), "open doors lead to the whole account", "high" if powerful else ""),
        *((found.count(each), f"{each.value} findings", each.value) for each in Severity),
    ):
        yield f'<li class="{kind if count else ""}"><strong>{count}</strong> {_text(label)}</li>'
    yield "</ul>"
    yield from _first_things(found)
    yield from _table(found)
    yield "</section>"


def _first_things(found: DoorList) -> Iterator[str]:
    """Yield the doors with findings of high weight, in one sentence each."""
    urgent = [(number, door) for number, door in enumerate(found.doors, start=1) if door.severity is Severity.HIGH]
    if not urgent:
        yield "<p>Nothing of high weight was found.</p>"
        return
    yield '<h3 id="first">Look at these first</h3>\n<ul class="urgent" aria-labelledby="first">'
    for number, door in urgent:
        what = "; ".join(_text(each.what) for each in door.findings if each.severity is Severity.HIGH)
        yield f'<li><a href="#door-{number}">{_text(door.name)}</a>: {what}</li>'
    yield "</ul>"


def _table(found: DoorList) -> Iterator[str]:
    yield '<table class="doors">\n<caption>All doors; those that let somebody in come first</caption>'
    heads = ("Role", "State", "Who can enter", "External ID", "At worst", "Last used", "Ends", "Findings")
    yield "<thead><tr>" + "".join(f'<th scope="col">{each}</th>' for each in heads) + "</tr></thead>\n<tbody>"
    for number, door in enumerate(found.doors, start=1):
        weight = door.severity.value if door.severity is not None else "none"
        yield (
            f'<tr><th scope="row"><a href="#door-{number}">{_text(door.name)}</a></th>'
            f"<td>{_state(door)}</td><td>{_lines(words.who_words(door))}</td><td>{_text(door.factor.words)}</td>"
            f"<td>{_text(door.worst.words)}</td><td>{_text(words.last_use_words(door, found.at))}</td>"
            f'<td>{_text(words.end_words(door))}</td><td class="counts {weight}">{_counts(door)}</td></tr>'
        )
    yield "</tbody>\n</table>"


def _state(door: RoleDoor) -> str:
    kind = "open" if door.state.lets_in else "shut"
    return f'<span class="state {kind}">{_text(door.state.value)}</span>'


def _counts(door: RoleDoor) -> str:
    return "<br>".join(f"<span>{_text(each)}</span>" for each in words.count_words(door).split(", "))


def _lines(texts: Iterable[str]) -> str:
    return "<br>".join(_text(each) for each in texts)


def _list(texts: Iterable[str]) -> str:
    return "<ul>" + "".join(f"<li>{_text(each)}</li>" for each in texts) + "</ul>"


def _door(number: int, door: RoleDoor, found: DoorList) -> Iterator[str]:
    yield f'<article id="door-{number}" aria-labelledby="name-{number}">'
    yield f'<h3 id="name-{number}">{number}. {_text(door.name)} {_state(door)}</h3>'
    yield f'<p class="arn"><code>{_text(door.arn)}</code></p>'
    yield "<dl>"
    for term, description in _facts(door, found):
        yield f"<div><dt>{term}</dt><dd>{description}</dd></div>"
    yield "</dl>"
    yield from _findings(door)
    yield from _trust(door)
    yield "</article>"


def _facts(door: RoleDoor, found: DoorList) -> Iterator[tuple[str, str]]:
    """Yield terms and their descriptions, escaped."""
    yield "Who can enter", _list(words.who_words(door))
    yield "External ID", _text(door.factor.words) + _also_in(door)
    yield "At worst", _powers(door)
    yield "Last used", _text(words.last_use_words(door, found.at))
    ends = words.session_end_words(door)
    yield "Ends", _text(words.end_words(door)) + (f"; {_text(ends)}" if ends else "")
    if door.grant is not None:
        keeper = f"; written by {_text(door.engine)}" if door.engine not in (None, DIRECT_ENGINE) else ""
        yield "Kept by Gatepass", f"grant {_text(door.grant)}; the switch is {_text(door.switch)}{keeper}"
    if door.permissions:
        yield "Policies on it", _list(door.permissions)
    yield "Boundary", f"<code>{_text(door.boundary)}</code>" if door.boundary else "none"
    if door.created is not None:
        yield "Made", _text(words.day_and_time(door.created))
    if door.tags:
        yield "Tags", _list(f"{key} = {text}" for key, text in sorted(door.tags.items()))


def _also_in(door: RoleDoor) -> str:
    return f" ({_text(', '.join(door.factor.also_in))})" if door.factor.also_in else ""


def _powers(door: RoleDoor) -> str:
    items = []
    for power in door.worst.powers:
        proof = _examples(power.proof[:_MOST_PROOFS], "Shown by")
        items.append(f"<li>{_text(power.words)}{proof}</li>")
    before = "nothing while it is closed; once open:" if door.worst.is_while_open else ""
    unread = f"<p>Not known: {_text(', '.join(door.worst.unread))}</p>" if door.worst.unread else ""
    return f"{before}<ul>{''.join(items)}</ul>{unread}"


def _findings(door: RoleDoor) -> Iterator[str]:
    yield "<h4>Findings</h4>"
    if not door.findings:
        yield "<p>None.</p>" if door.state.lets_in else "<p>None: nobody gets in.</p>"
        return
    yield '<ul class="findings">'
    yield from (_finding(each) for each in door.findings)
    yield "</ul>"


def _finding(finding: Finding) -> str:
    weight = finding.severity.value
    text = f'<span class="weight {weight}">{weight}</span> <strong>{_text(finding.what)}</strong>'
    if finding.severity is Severity.LOW:
        # As everywhere, what weighs little is told in short.
        return f"<li>{text}. Next: {_text(finding.next_step)}</li>"
    text += f"<br>Why: {_text(finding.why)}<br>Next: {_text(finding.next_step)}"
    return f"<li>{text}{_examples(finding.counterexamples, 'What gets through')}</li>"


def _examples(texts: tuple[str, ...], label: str) -> str:
    if not texts:
        return ""
    shortened = [each.replace(ANYTHING, "any action at all") for each in texts[:_MOST_EXAMPLES]]
    items = "".join(f"<li>{_text(each)}</li>" for each in shortened)
    more = len(texts) - _MOST_EXAMPLES
    items += f"<li>and {more} more; gatepass doors --json tells all</li>" if more > 0 else ""
    return f'<div class="examples">{_text(label)}:<ul>{items}</ul></div>'


def _trust(door: RoleDoor) -> Iterator[str]:
    yield '<table class="trust">\n<caption>Trust policy, statement by statement</caption>'
    heads = ("Statement", "Effect", "Who", "May", "Only if")
    yield "<thead><tr>" + "".join(f'<th scope="col">{each}</th>' for each in heads) + "</tr></thead>\n<tbody>"
    for line in door.trust:
        yield (
            f'<tr><th scope="row">{_text(line.label)}</th><td>{_text(line.effect)}</td>'
            f"<td>{_lines(line.principals)}</td><td>{_lines(line.actions)}</td>"
            f"<td>{_lines(line.conditions) or 'no condition'}</td></tr>"
        )
    yield "</tbody>\n</table>"


def _inside(found: DoorList, *, listed: bool) -> Iterator[str]:
    if not found.inside:
        return
    yield '<section aria-labelledby="inside">\n<h2 id="inside">Roles that nobody outside can enter</h2>'
    count = len(found.inside)
    yield f"<p>{count} more: only the account itself or AWS's own services can enter.</p>"
    if listed:
        yield '<table class="inside">\n<thead><tr><th scope="col">Role</th><th scope="col">Entered by</th></tr></thead>'
        yield "<tbody>"
        for role in found.inside:
            yield f'<tr><th scope="row">{_text(role.arn)}</th><td>{_lines(role.entered_by)}</td></tr>'
        yield "</tbody></table>"
    yield "</section>"


# One item a paragraph.
_HOW_TO_READ = f"""\
Who gets in was found by asking the role's own policies with calls of many kinds: with no, a wrong and the right
external ID, now and at every date that the policies name. Nothing was sent to the roles.

Policies of an organisation (SCPs and RCPs) are not read: they may let in less than this page says.

At worst: what the role's policies and its boundary allow, whoever holds the session. Words without an example are an
upper bound, read from the names of the allowed actions.

Names of accounts are from AWS Organizations or from a public list of vendors' accounts (fwdcloudsec, September 2025).
They help reading and prove nothing.

External IDs are not on this page. AWS does not treat them as secrets: whoever may read the role sees them.

Last used is what IAM tells; it looks back {words.LOOKS_BACK_DAYS} days."""


def _footer() -> Iterator[str]:
    yield "<footer>\n<h2>How to read this page</h2>\n<ul>"
    yield from (f"<li>{_text(sentence)}</li>" for sentence in _HOW_TO_READ.split("\n\n"))
    yield "</ul>\n</footer>"
