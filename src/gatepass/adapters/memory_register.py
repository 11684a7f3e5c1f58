"""In-memory twin of the provider's register."""

from __future__ import annotations

from dataclasses import dataclass, replace

from gatepass.domain.register import Customer, CustomerName, Register
from gatepass.domain.register_rules import demand_expected, demand_whole, find_customer


@dataclass
class MemoryRegister:
    """A register that is forgotten with the process; its rules are those of the files."""

    register: Register

    def load(self) -> Register:
        """Return it, checked."""
        demand_whole(self.register)
        return self.register

    def add(self, *customers: Customer) -> None:
        """Keep the customers, unless the register would contradict itself."""
        wanted = replace(self.register, customers={**self.register.customers, **{one.name: one for one in customers}})
        demand_whole(wanted)
        self.register = wanted

    def exchange(self, before: Customer | None, after: Customer) -> None:
        """Keep the customer in place of the one before."""
        demand_expected(self.register, {after.name: before})
        self.add(after)

    def remove(self, name: CustomerName) -> None:
        """Forget the customer."""
        find_customer(self.register, name)
        left = {other: entry for other, entry in self.register.customers.items() if other != name}
        self.register = replace(self.register, customers=left)
