"""YAML as people write it: plain values, and for each key and value the line and column where it stands."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field
from pathlib import Path

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, ReusedAnchorWarning
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from gatepass.domain.errors import GatepassError, InvalidFile, Problem

KeyPath = tuple[str | int, ...]
# Deeper nesting than any file of ours needs, and far less than what exhausts the stack.
_DEEPEST = 40
# Aliases can make a short file expand without end ("billion laughs").
_MOST_NODES = 1_000_000
_MOST_BYTES = 10_000_000


@dataclass
class YamlSource:
    """One file's content.

    Attributes:
        name: the file's name as the person gave it.
        data: what it says; numbers and dates that are not quoted keep their text in ``Bare``.
        problems: keys that stand twice and the like, found while reading.
        keys: line and column of each key, by its path; both count from 1.
        values: line and column of each value, by its path.
    """

    name: str
    data: object = None
    problems: list[Problem] = field(default_factory=list)
    keys: dict[KeyPath, tuple[int, int]] = field(default_factory=dict)
    values: dict[KeyPath, tuple[int, int]] = field(default_factory=dict)

    def place(self, path: KeyPath, *, of_key: bool = False) -> str:
        """Return ``file:line:column`` of the value at the path, or of the nearest thing around it."""
        if of_key and path in self.keys:
            return self._text(self.keys[path])
        for length in range(len(path), -1, -1):
            position = self.values.get(path[:length])
            if position is not None:
                return self._text(position)
        return self.name

    def _text(self, position: tuple[int, int]) -> str:
        return f"{self.name}:{position[0]}:{position[1]}"


@dataclass(frozen=True, slots=True)
class Bare:
    """A number, date or truth value that stands unquoted, with its text as written."""

    text: str
    kind: str

    @property
    def read_as(self) -> str:
        """What YAML takes it for, in words."""
        return {"int": "a number", "float": "a number", "bool": "true or false", "timestamp": "a date"}.get(
            self.kind, f"a {self.kind}"
        )

    def __str__(self) -> str:
        return self.text


def read_yaml(path: Path) -> YamlSource:
    """Read the file.

    Raises:
        GatepassError: it cannot be read.
        InvalidFile: it is not YAML; the message holds the place, never the line.
    """
    return parse_yaml(file_text(path, _MOST_BYTES), str(path))


def parse_yaml(text: str, name: str) -> YamlSource:
    """Return what the text of a file says.

    Raises:
        InvalidFile: it is not YAML; the message holds the place, never the line.
    """
    source = YamlSource(name)
    node = _compose(text, name)
    if node is None:
        raise InvalidFile((_problem(name, 1, 1, "the file is empty", "there is nothing to apply"),))
    source.data = TreeBuilder(source).build(node, (), 0)
    return source


def file_text(path: Path, most_bytes: int) -> str:
    """Return the whole text of a file.

    Raises:
        GatepassError: it cannot be read, is not text, or is larger than that.
    """
    name = str(path)
    try:
        if path.stat().st_size > most_bytes:
            raise GatepassError(
                f"{name} is larger than {most_bytes // 1_000_000} MB",
                why="no file of ours is",
                next_step="name the right file",
            )
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise GatepassError(f"{name} is not text", why="it is not UTF-8", next_step="save it as UTF-8") from None
    except OSError as error:
        raise GatepassError(
            f"{name} cannot be read: {error.strerror}",
            why="it must be a file that you may read",
            next_step="name the file, such as: access.yml",
        ) from None


def _compose(text: str, name: str) -> Node | None:
    try:
        return nodes(text)
    except MarkedYAMLError as error:
        # str(error) quotes the offending line, which may hold a secret; these two parts are the parser's own words.
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        why = " ".join(part for part in (error.context, error.problem) if part) or "it cannot be read"
        raise InvalidFile((_problem(name, line, column, "this is not YAML", why),)) from None
    except Exception as error:
        if type(error).__module__.startswith("ruamel."):
            raise InvalidFile(
                (_problem(name, 1, 1, "this is not YAML", "it holds characters YAML does not allow"),)
            ) from None
        raise


def nodes(text: str) -> Node | None:
    """Return what the full reader makes of the text; its errors and warnings quote the text."""
    with warnings.catch_warnings():
        # An anchor that is used twice is allowed, and telling so would quote the file.
        warnings.simplefilter("ignore", ReusedAnchorWarning)
        composed: Node | None = YAML(typ="rt", pure=True).compose(text)
    return composed


def key_twice(name: str, path: KeyPath, position: tuple[int, int]) -> Problem:
    """Return that a key stands at this position and stood before."""
    return Problem(
        path,
        f"{path[-1]} stands twice",
        "only one would count, and nobody could tell which",
        "join the two, or give one another name",
        f"{name}:{position[0]}:{position[1]}",
    )


class TreeBuilder:
    """Turns nodes into plain values and notes where each stands.

    Attributes:
        first_line: the line of the file on which the text of the nodes begins, counted from 0.
    """

    def __init__(self, source: YamlSource) -> None:
        """Note places and problems in the source."""
        self.first_line = 0
        self._source = source
        self._nodes = 0

    def build(self, node: Node, path: KeyPath, depth: int) -> object:
        """Return the plain value of the node."""
        self._nodes += 1
        if self._nodes > _MOST_NODES:
            place = self._place(node)
            why = "its aliases expand to more than a million values"
            raise InvalidFile((Problem(path, "this file is too large", why, "write it without aliases", place),))
        self._source.values[path] = self._position(node)
        if depth > _DEEPEST:
            self._complain(node, path, "this is nested too deeply", "no file of ours needs that", "write it flatter")
            return None
        if isinstance(node, MappingNode):
            return self._mapping(node, path, depth)
        if isinstance(node, SequenceNode):
            return [self.build(entry, (*path, index), depth + 1) for index, entry in enumerate(node.value)]
        return _scalar(node)

    def _mapping(self, node: MappingNode, path: KeyPath, depth: int) -> dict[str, object]:
        found: dict[str, object] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, ScalarNode):
                self._complain(key_node, path, "a key must be text", "a list or mapping names nothing", "write a word")
                continue
            key = str(key_node.value)
            below = (*path, key)
            if key in found:
                self._source.problems.append(key_twice(self._source.name, below, self._position(key_node)))
                continue
            self._source.keys[below] = self._position(key_node)
            found[key] = self.build(value_node, below, depth + 1)
            if found[key] is None:
                # Nothing stands behind the key: what is wrong is shown at the key, not on the next line.
                self._source.values[below] = self._source.keys[below]
        return found

    def _complain(self, node: Node, path: KeyPath, what: str, why: str, next_step: str) -> None:
        self._source.problems.append(Problem(path, what, why, next_step, self._place(node)))

    def _position(self, node: Node) -> tuple[int, int]:
        return self.first_line + node.start_mark.line + 1, node.start_mark.column + 1

    def _place(self, node: Node) -> str:
        line, column = self._position(node)
        return f"{self._source.name}:{line}:{column}"


def _scalar(node: Node) -> object:
    kind = str(node.tag).rsplit(":", 1)[-1]
    text = str(node.value)
    if kind == "null":
        return None
    if kind == "str" or getattr(node, "style", None) in ("'", '"', "|", ">"):
        return text
    return Bare(text, kind)


def _problem(name: str, line: int, column: int, what: str, why: str) -> Problem:
    return Problem((), what, why, "mend the file at that place", f"{name}:{line}:{column}")
