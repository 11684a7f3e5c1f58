"""The plain part of YAML, read more than ten times as fast: what is not plain goes to the full reader.

A register of ten thousand customers has a hundred thousand lines, and nearly all of them are plain: block mappings,
lists in brackets or with hyphens, braces on one line, words, and texts in quotes without escapes. A line that is
none of these sends its entry (such as one customer) to the full reader, and where even that does not stand for itself,
the whole file. So both readers say the same of every file, mistakes and places included; a test holds them equal.
"""

from __future__ import annotations

import re
from pathlib import Path

from ruamel.yaml.nodes import MappingNode

from gatepass.adapters.quick_values import NotPlain, Position, flow_value, key_text, quick_scalar
from gatepass.adapters.yaml_source import KeyPath, TreeBuilder, YamlSource, file_text, key_twice, nodes, parse_yaml

# A register of fifty thousand customers; more than any of our files, less than what exhausts the memory.
_MOST_BYTES = 50_000_000
# What YAML reads as a line break though it is none here, and what it refuses.
_NOT_PLAIN_CHARACTER = re.compile(
    "[^\t\n\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)
_BLANK = re.compile(r" *(?:#.*)?")
_LINE = re.compile(r'( *)(\w[\w-]{0,127}|"[\w-]{1,126}"):(?: +([^ #].*))?(?: +#.*| *)')
_ENTRY_OF_LIST = re.compile(r"( *)- +([^ #].*)")


def read_register_yaml(path: Path, text: str | None = None) -> YamlSource:
    """Read the file.

    Args:
        path: where it is.
        text: what it is to say, if that is not written yet.

    Raises:
        GatepassError: it cannot be read.
        InvalidFile: it is not YAML; the message holds the place, never the line.
    """
    text = file_text(path, _MOST_BYTES) if text is None else text
    if not _NOT_PLAIN_CHARACTER.search(text):
        source = YamlSource(str(path))
        try:
            source.data = _Reader(source, text.split("\n")).root()
        except NotPlain:
            pass
        else:
            return source
    return parse_yaml(text, str(path))


class _Reader:
    """Reads the lines of one file."""

    def __init__(self, source: YamlSource, lines: list[str]) -> None:
        """Note places and problems in the source."""
        self._source = source
        self._lines = lines
        self._builder = TreeBuilder(source)
        # The numbers of the lines on which something stands, and how far each is indented.
        self._full = [number for number, line in enumerate(lines) if not _BLANK.fullmatch(line)]
        self._indents = [len(lines[number]) - len(lines[number].lstrip(" ")) for number in self._full]

    def root(self) -> dict[str, object]:
        """Return what the file says."""
        first = 1 if self._full and self._lines[self._full[0]] == "---" else 0
        if first == len(self._full) or self._indents[first] != 0:
            raise NotPlain
        found: dict[str, object] = {}
        self._source.values[()] = (self._full[first] + 1, 1)
        for begin, end in self._runs(first, len(self._full), 0):
            key, value = self._head(begin)
            path: KeyPath = (key,)
            if key in found:
                self._skip_second(begin, end, 0, path)
                continue
            self._source.keys[path] = self._position(begin)
            found[key] = (
                self._entries(begin + 1, end, path)
                if value is None and end > begin + 1
                else self._mapping(begin, end, 0, ())[key]
            )
        return found

    def _entries(self, begin: int, end: int, path: KeyPath) -> dict[str, object]:
        """Return the entries below a key of the file, each read on its own."""
        indent = self._indents[begin]
        if indent == 0:
            raise NotPlain
        found: dict[str, object] = {}
        self._source.values[path] = self._position(begin)
        for first, last in self._runs(begin, end, indent):
            key, _ = self._head(first)
            below = (*path, key)
            if key in found:
                self._skip_second(first, last, indent, below)
                continue
            marks = self._marks()
            try:
                found[key] = self._mapping(first, last, indent, path)[key]
            except NotPlain:
                self._forget_since(marks)
                self._source.keys[below] = self._position(first)
                found[key] = self._in_full(first, last, below)
        return found

    def _skip_second(self, begin: int, end: int, indent: int, path: KeyPath) -> None:
        """Tell that a key stands twice; what is behind the second one has to be YAML, and says nothing."""
        self._source.problems.append(key_twice(self._source.name, path, self._position(begin)))
        marks = self._marks()
        self._mapping(begin, end, indent, ("",))
        self._forget_since(marks)

    def _marks(self) -> tuple[int, int]:
        return len(self._source.keys), len(self._source.values)

    def _forget_since(self, marks: tuple[int, int]) -> None:
        """Forget what was noted since: the newest places stand last."""
        for noted, length in zip((self._source.keys, self._source.values), marks, strict=True):
            while len(noted) > length:
                noted.popitem()

    def _runs(self, begin: int, end: int, indent: int) -> list[tuple[int, int]]:
        """Return where each thing at this indentation begins and ends."""
        indents = self._indents
        if any(indents[index] < indent for index in range(begin, end)):
            raise NotPlain
        starts = [index for index in range(begin, end) if indents[index] == indent]
        return list(zip(starts, [*starts[1:], end], strict=True))

    def _head(self, index: int) -> tuple[str, str | None]:
        match = _LINE.fullmatch(self._lines[self._full[index]])
        if match is None:
            raise NotPlain
        return key_text(match[2]), match[3]

    def _position(self, index: int) -> Position:
        return self._full[index] + 1, self._indents[index] + 1

    def _mapping(self, begin: int, end: int, indent: int, path: KeyPath) -> dict[str, object]:
        """Return the block mapping on these lines."""
        found: dict[str, object] = {}
        keys, values = self._source.keys, self._source.values
        index = begin
        while index < end:
            number = self._full[index]
            line = self._lines[number]
            match = _LINE.fullmatch(line)
            if match is None or self._indents[index] != indent:
                raise NotPlain
            key, written = key_text(match[2]), match[3]
            below = (*path, key)
            if key in found:
                # The full reader tells it, and reads on behind it.
                raise NotPlain
            keys[below] = (number + 1, indent + 1)
            index += 1
            if written is None:
                index, found[key] = self._below(index, end, indent, below)
            elif written[0] in "{[":
                found[key] = flow_value(line, match.start(3), number + 1, below, self._source)
            else:
                found[key] = quick_scalar(written)
                values[below] = (number + 1, match.start(3) + 1)
        return found

    def _below(self, begin: int, end: int, indent: int, path: KeyPath) -> tuple[int, object]:
        """Return what stands below a key without a value on its line, and where that ends."""
        indents = self._indents
        inner = indents[begin] if begin < end else -1
        is_list = inner >= indent and _ENTRY_OF_LIST.fullmatch(self._lines[self._full[begin]]) is not None
        if inner <= indent and not is_list:
            self._source.values[path] = self._source.keys[path]
            return begin, None
        last = begin
        while last < end and (indents[last] > indent or (is_list and indents[last] == inner and self._is_item(last))):
            last += 1
        self._source.values[path] = self._position(begin)
        if is_list:
            return last, [self._item(index, inner, (*path, index - begin)) for index in range(begin, last)]
        return last, self._mapping(begin, last, inner, path)

    def _is_item(self, index: int) -> bool:
        return _ENTRY_OF_LIST.fullmatch(self._lines[self._full[index]]) is not None

    def _item(self, index: int, indent: int, path: KeyPath) -> object:
        match = _ENTRY_OF_LIST.fullmatch(self._lines[self._full[index]])
        if match is None or self._indents[index] != indent:
            raise NotPlain
        self._source.values[path] = (self._full[index] + 1, match.start(2) + 1)
        return quick_scalar(match[2])

    def _in_full(self, begin: int, end: int, path: KeyPath) -> object:
        """Return an entry as the full reader reads it, if it stands for itself."""
        first = self._full[begin]
        after = self._full[end] if end < len(self._full) else len(self._lines)
        try:
            node = nodes("\n".join(self._lines[first:after]) + "\n")
        except Exception as error:
            if type(error).__module__.startswith("ruamel."):
                raise NotPlain from None
            raise
        if not isinstance(node, MappingNode) or len(node.value) != 1 or str(node.value[0][0].value) != path[-1]:
            raise NotPlain
        self._builder.first_line = first
        value = self._builder.build(node.value[0][1], path, len(path))
        if value is None:
            self._source.values[path] = self._source.keys[path]
        return value
