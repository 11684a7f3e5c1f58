"""Where rendered configurations go: to standard output, or into a folder, never over what somebody else wrote."""

from __future__ import annotations

from pathlib import Path

from gatepass.cli.output import note, result
from gatepass.domain.errors import Conflict, GatepassError
from gatepass.wiring import file_access


def hand_out(text: str, mark: str, folder: Path | None, name: str) -> None:
    """Print the text, or write it into the folder; an earlier one of ours, which bears the mark, is replaced.

    Raises:
        Conflict: something else bears that name.
        GatepassError: it cannot be written.
    """
    if folder is None:
        result(text.removesuffix("\n"))
        return
    path = folder / name
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if path.is_symlink() or (
            path.exists() and mark not in path.read_text(encoding="utf-8", errors="replace")[:500]
        ):
            raise Conflict(
                f"{path} is not overwritten",
                why="it is there already, and it is not one that this command wrote",
                next_step="name another folder with -o, or move it away",
            )
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise GatepassError(
            f"{path} cannot be written: {error.strerror}", why="it would go there", next_step="name another folder"
        ) from None
    result(f"written: {path}")


def hand_out_secret(text: str, folder: Path, name: str, visible: str) -> None:
    """Write what holds external IDs into a new file for its owner alone, and say where they will be seen.

    Raises:
        Conflict: something bears that name.
    """
    path = folder / name
    file_access.write_new_file(path, text, private=True)
    result(f"written: {path}")
    note(f"{path} holds external IDs in clear, for you alone: keep it out of git, and remove it when it was used")
    note(f"from then on they can be read in {visible}")
