"""The provider's register, where it is kept."""

from __future__ import annotations

from typing import Protocol

from gatepass.domain.register import Customer, CustomerName, Register


class RegisterBook(Protocol):
    """The provider's register, where it is kept."""

    def load(self) -> Register:
        """Return all of it, checked as a whole.

        Raises:
            NotThere: there is none.
            InvalidFile: every problem in it.
        """

    def add(self, *customers: Customer) -> None:
        """Write these customers, each in place of one of the same name; everything else stays.

        Raises:
            InvalidFile: the register would contradict itself; nothing is written.
            Conflict: somebody else changed it meanwhile, or it cannot be changed without rewriting people's lines.
            GatepassError: it cannot be written.
        """

    def exchange(self, before: Customer | None, after: Customer) -> None:
        """Write the customer in place of who stood there when it was made; None for nobody of that name.

        Raises:
            Overtaken: somebody changed the entry since; nothing is written.
            InvalidFile: as for ``add``, and the others too.
        """

    def remove(self, name: CustomerName) -> None:
        """Take a customer out.

        Raises:
            NotThere: there is none of that name.
            Conflict: as for ``add``.
            GatepassError: it cannot be written.
        """
