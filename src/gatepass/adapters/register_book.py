"""The provider's register in a file or a folder of files: what people wrote stays, and every change is whole."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from gatepass.adapters.provider_file import RegisterFiles, load_register
from gatepass.adapters.register_lines import with_customers, without_customer
from gatepass.domain.errors import Conflict, GatepassError, InvalidFile
from gatepass.domain.register import Customer, CustomerName, Register
from gatepass.domain.register_rules import Expected, demand_expected, demand_whole, find_customer
from gatepass.render.register_text import customers_file_text


class FileRegisterBook:
    """A register in files; see ``provider_file`` for their form."""

    def __init__(self, path: Path) -> None:
        """Keep it in the file or the folder at that path."""
        # A link stays a link: what it leads to is replaced.
        self._path = path.resolve() if path.is_symlink() else path

    def load(self) -> Register:
        """Return what the files say, checked as a whole."""
        return self._read().register

    def add(self, *customers: Customer) -> None:
        """Write the customers' entries; in a folder a new customer gets a file of its own.

        Each file is replaced whole. In a folder an interruption can leave some of several customers unwritten.
        """
        self._change(customers, {})

    def exchange(self, before: Customer | None, after: Customer) -> None:
        """Write the customer's entry in place of the one before."""
        self._change((after,), {after.name: before})

    def _change(self, customers: Sequence[Customer], expected: Expected) -> None:
        with self._sole_writer():
            found = self._read()
            demand_expected(found.register, expected)
            changed = {one.name: one for one in customers if found.register.customers.get(one.name) != one}
            if not changed:
                return
            wanted = replace(found.register, customers={**found.register.customers, **changed})
            # Contradictions are told of the values first: the texts would tell them at lines that are not there yet.
            demand_whole(wanted)
            old: dict[Path, bytes] = {}
            new: dict[Path, str | None] = {}
            for file, entries in self._by_file(found, changed).items():
                old[file] = _content(file)
                new[file] = _with(file, old[file], found, entries)
            self._replace(old, new, wanted)

    def remove(self, name: CustomerName) -> None:
        """Take the customer's entry out; a file beside provider.yml that holds nothing else goes."""
        with self._sole_writer():
            found = self._read()
            find_customer(found.register, name)
            file = found.files[name]
            content = _content(file)
            is_last = file != found.head and list(found.files.values()).count(file) == 1
            text = None if is_last else without_customer(_text(content), found.source(file), name)
            left = {other: entry for other, entry in found.register.customers.items() if other != name}
            self._replace({file: content}, {file: text}, replace(found.register, customers=left))

    def _by_file(self, found: RegisterFiles, changed: Mapping[CustomerName, Customer]) -> Mapping[Path, list[Customer]]:
        """Return which customers are to be written into which file."""
        sorted_out: dict[Path, list[Customer]] = {}
        for name, customer in changed.items():
            own = self._path / f"{name}.yml" if self._path.is_dir() else self._path
            sorted_out.setdefault(found.files.get(name, own), []).append(customer)
        return sorted_out

    def _replace(self, old: Mapping[Path, bytes], new: Mapping[Path, str | None], wanted: Register) -> None:
        """Replace the files if they still are as they were read and would say what is wanted, no more and no less."""
        read_as = {file: text and text.replace("\r\n", "\n").replace("\r", "\n") for file, text in new.items()}
        try:
            afterwards = load_register(self._path, read_as)
        except InvalidFile as error:
            raise Conflict(
                "the register is not changed: it could not be read afterwards",
                why=f"{error.problems[0].what}; {error.why}",
                next_step="mend what is named; an entry that others refer to has to be written out first",
            ) from None
        if afterwards.register != wanted:
            raise Conflict(
                "the register is not changed: the entry cannot be told from the lines around it",
                why="lines that people wrote are not rewritten",
                next_step="write the entry in a plain form, one key a line, and run it again",
            )
        written: dict[Path, os.stat_result | None] = {}
        for file, text in new.items():
            if _content(file) != old[file]:
                raise Conflict(
                    f"{file} was changed meanwhile",
                    why="it is not as it was when this command read it",
                    next_step="run the command again",
                )
            written[file] = _write(file, text)
        self._has_written(afterwards, written)

    def _read(self) -> RegisterFiles:
        """Return what the files say."""
        return load_register(self._path)

    def _has_written(self, files: RegisterFiles, written: Mapping[Path, os.stat_result | None]) -> None:
        """Hear what the files say now, and how each that was written looks; None for one that is gone."""

    @contextmanager
    def _sole_writer(self) -> Iterator[None]:
        """Let one command change the register at a time; the lock lies on its folder and leaves no file behind."""
        folder = self._path if self._path.is_dir() else self._path.parent
        try:
            descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except OSError:
            # There is no such folder: reading the register tells so.
            yield
            return
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)


def _with(file: Path, content: bytes, found: RegisterFiles, entries: list[Customer]) -> str:
    if not content and not file.exists():
        return customers_file_text(entries[0])
    return with_customers(_text(content), found.source(file), entries)


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except FileNotFoundError:
        return b""
    except OSError as error:
        raise GatepassError(
            f"{file} cannot be read: {error.strerror}", why="it is to be changed", next_step=f"ls -l {file}"
        ) from None


def _text(content: bytes) -> str:
    return content.decode("utf-8")


def _write(file: Path, text: str | None) -> os.stat_result | None:
    """Replace the file whole, or delete it, and return how the new one looks."""
    if text is not None and file.is_symlink():
        file = file.resolve()
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        if text is None:
            file.unlink(missing_ok=True)
            return None
        with draft.open("xb") as opened:
            opened.write(text.encode())
            opened.flush()
            os.fsync(opened.fileno())
        if file.exists():
            shutil.copymode(file, draft)
        looks = draft.stat()
        draft.replace(file)
    except OSError as error:
        raise GatepassError(
            f"{file} cannot be written: {error.strerror}",
            why="the register is kept there",
            next_step="make the file and its folder writable for you",
        ) from None
    finally:
        draft.unlink(missing_ok=True)
    return looks
