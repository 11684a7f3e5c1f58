"""A customer who hands over and a provider who admits, for the tests of both."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from gatepass.adapters.locksmith import AgeLocksmith
from gatepass.adapters.memory import MemoryClock, MemoryRandomness, MemoryRoles, MemorySecrets, MemoryTokens
from gatepass.adapters.memory_admission import MemoryActTrial
from gatepass.adapters.memory_register import MemoryRegister
from gatepass.adapters.memory_requests import MemorySignatures, MemorySigningKey
from gatepass.adapters.sealing import AgeOpener, AgeSealer
from gatepass.domain.documents import document
from gatepass.domain.grant import Grant
from gatepass.domain.identifiers import AccountId, RoleArn
from gatepass.domain.offer import Offer
from gatepass.domain.register import Customer, CustomerName, Register, Team, TeamName
from gatepass.domain.session import Caller
from gatepass.domain.trust import accepted_external_id
from gatepass.usecases.admit_pass import Admission, Provider, Trust, admit, examine_pass
from gatepass.usecases.place_customer import Wish
from gatepass.usecases.read_pass import AdmissionDesk
from gatepass.usecases.shake_hands import Probers
from gatepass.usecases.verify_customers import Verified, chosen_grants, verify_customers
from gatepass.usecases.write_pass import PassTools, write_pass
from tests.people import GRANT, MORNING, PROVIDER
from tests.usecases.applied import applied, the_role

NAME, NETOPS = CustomerName("acme-prod"), TeamName("netops")
SECRET = "netops/acme-prod/support"
WITHHELD = "withheld-/acme-prod/support"
KEYS, OTHER_KEYS = AgeLocksmith().make(), AgeLocksmith().make()
SEAL_TO, SEAL_ELSEWHERE = (AgeLocksmith().public_halves(keys).seal_to for keys in (KEYS, OTHER_KEYS))
WISH = Wish(NAME, "acme", (NETOPS,))


@dataclass
class Scene:
    """A customer's account with the support role, and a provider with one team."""

    grant: Grant = GRANT
    offers: Sequence[Offer] = ()
    clock: MemoryClock = field(default_factory=lambda: MemoryClock(MORNING))
    randomness: MemoryRandomness = field(default_factory=lambda: MemoryRandomness(100))
    secrets: MemorySecrets = field(default_factory=MemorySecrets)
    register: MemoryRegister = field(
        default_factory=lambda: MemoryRegister(Register(PROVIDER, {NETOPS: Team(NETOPS, iam_groups=("NetOps",))}))
    )
    stranger: MemoryTokens | None = None

    def __post_init__(self) -> None:
        self.roles: MemoryRoles = applied(self.grant)
        self.verifier = self.somebody("gatepass-verifier")

    def somebody(self, name: str, account: AccountId = PROVIDER) -> MemoryTokens:
        return MemoryTokens(Caller(account, f"arn:aws:iam::{account}:user/{name}"), self.roles)

    @property
    def external_id(self) -> str:
        found = accepted_external_id(the_role(self.roles).trust)
        assert found is not None
        return found.reveal()

    def tools(self, seed: str = "one") -> PassTools:
        return PassTools(MemorySigningKey(seed), AgeSealer(), self.clock, self.randomness)

    def hands_over(self, seed: str = "one", recipient: str = SEAL_TO, offer: str | None = None) -> str:
        """Return the file that the customer writes, a second after anything before."""
        self.clock.instant += timedelta(seconds=1)
        return write_pass(self.grant.name, recipient, self.roles, self.tools(seed), offer)[1].text

    @property
    def provider(self) -> Provider:
        desk = AdmissionDesk(MemorySignatures(), AgeOpener([KEYS.identity]), self.clock)
        probers = Probers(self.verifier, MemoryActTrial(self.roles), self.clock, self.randomness, self.stranger)
        return Provider(self.register, self.secrets, self.offers, desk, probers)

    def examines(self, text: str, wish: Wish = WISH, trust: Trust = Trust()) -> Admission:  # noqa: B008 - frozen
        return examine_pass(text, wish, self.provider, trust)

    def admits(self, text: str, wish: Wish = WISH, trust: Trust = Trust()) -> Admission:  # noqa: B008 - frozen
        admission = self.examines(text, wish, trust)
        admit(admission, self.provider)
        return admission

    def verifies(self) -> Verified:
        grants = chosen_grants(self.register.load(), None, None)
        (found,) = verify_customers(grants, self.secrets, self.provider.probers)
        return found

    def registers(self, *customers: Customer) -> None:
        self.register.add(*customers)

    def only_role(self) -> RoleArn:
        (arn,) = self.roles.standing()
        return arn

    def keeps_nothing(self) -> bool:
        """Say whether the provider keeps nothing."""
        return not self.secrets.secrets and not self.register.load().customers

    def changes_role(self, **parts: Any) -> None:  # noqa: ANN401 - of every type
        """Let somebody change the role by hand."""
        role = the_role(self.roles)
        self.roles.roles[role.name] = replace(role, **parts)

    def opens_to_anybody(self) -> None:
        tree: Any = json.loads(the_role(self.roles).trust.text)
        for statement in tree["Statement"]:
            statement.pop("Condition", None)
        self.changes_role(trust=document(tree))
