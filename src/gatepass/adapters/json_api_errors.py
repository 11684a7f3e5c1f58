"""What a platform says when it refuses, in our words and in its own, and never in a secret one."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from gatepass.adapters.json_api_documents import read_tree
from gatepass.domain.errors import (
    AccessRefused,
    Conflict,
    CredentialsRefused,
    GatepassError,
    InvalidInput,
    NotAnswered,
    NotThere,
)

# What the platform says is somebody else's text: so much of it, and on one line.
_LONGEST_WORDS = 400
_MOST_PROBLEMS = 5
# So many letters of a secret in a row are not there by chance.
_TELLING = 8
_NAME_TAKEN = re.compile(r"already (been taken|exists|in use)|must be unique|is taken|not unique", re.IGNORECASE)
_SECONDS = re.compile(r"[0-9]{1,6}(\.[0-9]{1,3})?", re.ASCII)
_LOCK = re.compile(r"\block(ed|s)?\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Told:
    """One problem as the platform tells it.

    Attributes:
        pointer: where in what was sent, such as ``/data/attributes/name``, or which parameter.
    """

    title: str = ""
    detail: str = ""
    pointer: str = ""


@dataclass(frozen=True, slots=True)
class Refusal:
    """One answer that is none.

    Attributes:
        platform: whose, in words.
        deed: what was asked for, such as ``make the workspace access``.
        status: of HTTP.
        words: what it says, fit to be shown.
        how_to_enter: how to give another token.
        wait: after how many seconds it says to ask again; empty where it does not.
    """

    platform: str
    deed: str
    status: int
    words: str
    how_to_enter: str = "give another token"
    wait: str = ""

    @property
    def is_taken(self) -> bool:
        """Whether it refuses because something of that name is there already."""
        return self.status in {409, 422} and bool(_NAME_TAKEN.search(self.words))

    def error(self) -> GatepassError:
        """Return it as one of the port's errors."""
        what = f"{self.platform} refused to {self.deed}"
        why = self.words or f"it answered with status {self.status}, and says no more"
        match self.status:
            case 401 | 402 | 403:
                return self._not_allowed(what, why)
            case 404:
                return NotThere(
                    f"{self.platform} did not {self.deed}",
                    why=f"{why}; it says the same of what the token may not see",
                    next_step="check the names in the file and what the token may see",
                )
            case 409 | 412:
                return Conflict(what, why=why, next_step=_after_conflict(self.words))
            case 422 if self.is_taken:
                next_step = "look what has that name there; run the command again to go by what is there now"
                return Conflict(what, why=why, next_step=next_step)
            case 400 | 405 | 413 | 415 | 422:
                return InvalidInput(what, why=why, next_step="mend what it names in the file, and run it again")
            case _:
                return self._unanswered()

    def _not_allowed(self, what: str, why: str) -> AccessRefused:
        if self.status == 401:
            what, why = (
                f"{self.platform} does not accept the token",
                f"{why}; it may have expired, or be of another host",
            )
            return CredentialsRefused(what, why=why, next_step=self.how_to_enter, code="401", message=self.words)
        next_step = "ask who administers it for that permission, or use the token of somebody who has it"
        return AccessRefused(what, why=why, next_step=next_step, code=str(self.status), message=self.words)

    def _unanswered(self) -> GatepassError:
        if self.status == 429 or self.status >= 500:
            return NotAnswered(
                f"{self.platform} did not {self.deed}",
                why=(self.words or f"it answered {self.status}, each time it was asked")
                + (f"; it says to ask again in {self.wait} seconds" if _SECONDS.fullmatch(self.wait) else ""),
                next_step="run the command again in some minutes; it goes on from where it was",
            )
        return GatepassError(
            f"{self.platform} did not {self.deed}",
            why=self.words or f"it answered {self.status}, and not as it is documented",
            next_step="check the hostname, and whether a proxy or a log-in page stands in between",
        )


def problems_told(body: bytes) -> tuple[Told, ...]:
    """Return the problems in the body of a refusal; none where they are not told as documented."""
    try:
        errors = read_tree(body).get("errors")
    except ValueError:
        return ()
    if not isinstance(errors, list):
        return ()
    return tuple(_told(each) for each in errors[:_MOST_PROBLEMS])


def words_of(problems: Iterable[Told], secrets: Iterable[str]) -> str:
    """Return what the platform says, on one line; a problem that repeats a part of a secret only by its place."""
    hidden = tuple(secrets)
    return _short("; ".join(filter(None, (_one_problem(each, hidden) for each in problems))))


def repeats(text: str, secrets: Iterable[str]) -> bool:
    """Say whether the text holds a secret, or so much of it that it cannot be chance."""
    folded = text.casefold()
    return any(
        secret[start : start + _TELLING].casefold() in folded
        for secret in secrets
        for start in range(max(len(secret) - _TELLING, 0) + 1)
        if secret
    )


def _one_problem(told: Told, secrets: tuple[str, ...]) -> str:
    place = "" if repeats(told.pointer, secrets) else told.pointer
    said = ": ".join(each.strip().rstrip(".") for each in (told.title, told.detail) if each.strip())
    if repeats(said, secrets):
        said = "" if repeats(told.title, secrets) else told.title
        said = f"{said or 'it found something wrong'} (its words repeat what was sent, and are left out)"
    return f"{said} ({place})" if place and said else said or place


def _told(tree: object) -> Told:
    if isinstance(tree, str):
        # Terraform Enterprise has a few answers with a list of plain texts.
        return Told(detail=tree)
    if not isinstance(tree, dict):
        return Told()
    source = tree.get("source")
    places = (source.get("pointer"), source.get("parameter")) if isinstance(source, dict) else ()
    place = next((each for each in places if isinstance(each, str) and each), "")
    title, detail = (tree.get(name) for name in ("title", "detail"))
    return Told(title if isinstance(title, str) else "", detail if isinstance(detail, str) else "", place)


def _short(text: str) -> str:
    plain = " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
    return plain if len(plain) <= _LONGEST_WORDS else f"{plain[:_LONGEST_WORDS]}…"


def _after_conflict(words: str) -> str:
    if _LOCK.search(words):
        return "wait for the run that holds the lock, or unlock the workspace on its page, and run it again"
    return "look at it on the platform's page, and run the command again once nothing stands against it"
