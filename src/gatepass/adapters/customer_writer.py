"""Put one more grant into a customer's file: the lines that people wrote stay as they are."""

from __future__ import annotations

import io
import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.nodes import MappingNode, Node
from ruamel.yaml.scalarstring import DoubleQuotedScalarString

from gatepass.adapters.customer_file import load_customer_file
from gatepass.domain.errors import Conflict, GatepassError
from gatepass.domain.identifiers import AccountId, GrantName

_INDENT = 2


def add_grant(path: Path, account: AccountId, name: GrantName, entry: Mapping[str, object]) -> None:
    """Write the grant at the end of the file's grants, or a new file that holds only it; whole or not at all.

    Args:
        path: the customer's file.
        account: whose file it is, for a new one.
        name: the grant.
        entry: its keys, as the file has them.

    Raises:
        Conflict: the file has a grant of that name, is for another account, or its grants stand in braces.
        InvalidFile: the file has mistakes, or would have them afterwards.
        GatepassError: it cannot be read or written.
    """
    if not path.exists():
        head = f'gatepass: customer\nversion: 1\naccount: "{account}"\ngrants:\n'
        _replace(path, head + _entry_text(name, entry, _INDENT))
        return
    declaration = load_customer_file(path).declaration
    if declaration.account != account:
        raise Conflict(
            f"{path} is for account {declaration.account}, the role is in {account}",
            why="a file is about one account",
            next_step="name another file with --file",
        )
    if any(str(grant.name).lower() == str(name).lower() for grant in declaration.grants):
        raise Conflict(
            f"{path} has a grant {name} already",
            why="a grant is never overwritten",
            next_step="give the new one another name with --grant",
        )
    _replace(path, _with_entry(path, name, entry))


def set_in_grant(path: Path, name: GrantName, words: Mapping[str, str]) -> None:
    """Write words into a grant that the file has: in place of what a key says, or on a new line at its end.

    Raises:
        InvalidInput: the file has no grant of that name.
        Conflict: the grant stands in braces.
        InvalidFile: the file has mistakes, or would have them afterwards.
        GatepassError: it cannot be read or written.
    """
    load_customer_file(path).declaration.grant(name)
    text = path.read_text(encoding="utf-8")
    for key, word in words.items():
        text = _with_word(text, path, name, key, word)
    _replace(path, text)


def _with_word(text: str, path: Path, name: GrantName, key: str, word: str) -> str:
    grants = _grants_node(YAML(typ="rt", pure=True).compose(text))
    entries = {} if grants is None else {child.value: value for child, value in grants.value}
    entry = entries.get(str(name))
    if not isinstance(entry, MappingNode) or entry.flow_style:
        raise Conflict(
            f"{path} has the grant {name} in braces",
            why="lines that people wrote are not rewritten",
            next_step=f"write it yourself, under {name}: {key}: {word}",
        )
    lines = text.splitlines(keepends=True)
    for child, value in entry.value:
        if child.value == key:
            line, begin, end = value.start_mark.line, value.start_mark.column, value.end_mark.column
            space = " " if begin == end else ""
            lines[line] = f"{lines[line][:begin]}{space}{_scalar(word)}{lines[line][end:]}"
            return "".join(lines)
    at = max(_last_lines(entry)) + 1
    if lines[at - 1][-1:] != "\n":
        lines[at - 1] += "\n"
    lines.insert(at, f"{' ' * entry.value[0][0].start_mark.column}{key}: {_scalar(word)}\n")
    return "".join(lines)


def _scalar(word: str) -> str:
    """Return the word in quotes where YAML could read something else in it: ids begin with digits."""
    return word if word[:1].islower() else f'"{word}"'


def _with_entry(path: Path, name: GrantName, entry: Mapping[str, object]) -> str:
    text = path.read_text(encoding="utf-8")
    grants = _grants_node(YAML(typ="rt", pure=True).compose(text))
    if grants is None or grants.flow_style:
        raise Conflict(
            f"{path} has its grants in braces",
            why="lines that people wrote are not rewritten",
            next_step=f"add it yourself:\n{_entry_text(name, entry, _INDENT)}",
        )
    first_key = grants.value[0][0]
    lines = text.splitlines(keepends=True)
    end = max(_last_lines(grants)) + 1
    if lines[end - 1][-1:] != "\n":
        lines[end - 1] += "\n"
    lines.insert(end, _entry_text(name, entry, first_key.start_mark.column))
    return "".join(lines)


def _grants_node(root: Node | None) -> MappingNode | None:
    for key, value in root.value if isinstance(root, MappingNode) else ():
        if key.value == "grants" and isinstance(value, MappingNode):
            return value
    return None


def _last_lines(node: Node) -> Iterator[int]:
    """Yield the line on which each scalar in the node ends, counted from 0."""
    if isinstance(node.value, str):
        mark = node.end_mark
        # A block of text ends where the next line begins.
        yield mark.line - 1 if mark.column == 0 and mark.line > node.start_mark.line else mark.line
        return
    if getattr(node, "flow_style", False):
        yield node.end_mark.line
    for child in node.value:
        for part in child if isinstance(child, tuple) else (child,):
            yield from _last_lines(part)


def _entry_text(name: GrantName, entry: Mapping[str, object], indent: int) -> str:
    """Return the entry as YAML, shifted to the column of its neighbours."""
    yaml = YAML(typ="rt", pure=True)
    yaml.width = 4096
    written = io.StringIO()
    yaml.dump(CommentedMap({str(name): _styled(entry)}), written)
    return "".join(" " * indent + line for line in written.getvalue().splitlines(keepends=True))


def _styled(value: object) -> object:
    """Return the value with lists in brackets, and account numbers in quotes."""
    if isinstance(value, Mapping):
        return CommentedMap({name: _styled(entry) for name, entry in value.items()})
    if isinstance(value, list) and all(isinstance(entry, str) for entry in value):
        listed = CommentedSeq(value)
        listed.fa.set_flow_style()
        return listed
    if isinstance(value, list):
        return CommentedSeq([_styled(entry) for entry in value])
    return DoubleQuotedScalarString(value) if isinstance(value, str) and value.isdigit() else value


def _replace(path: Path, text: str) -> None:
    """Write the file, whole or not at all, and only if what it would say can be read."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        draft.write_text(text, encoding="utf-8")
        if path.exists():
            shutil.copymode(path, draft)
        load_customer_file(draft)
        draft.replace(path)
    except OSError as error:
        raise GatepassError(
            f"{path} cannot be written: {error.strerror}",
            why="it would hold the grant",
            next_step="name another file with --file",
        ) from None
    finally:
        draft.unlink(missing_ok=True)
