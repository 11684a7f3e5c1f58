"""A customer is left: nobody of the provider reaches it, nothing opens it, and a file proves it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest

from gatepass.adapters.memory import MemoryClock, MemorySecrets
from gatepass.adapters.memory_keys import MemoryPins
from gatepass.adapters.memory_permission_sets import MemoryPermissionSets
from gatepass.adapters.memory_register import MemoryRegister
from gatepass.adapters.memory_requests import MemorySignatures, MemorySigningKey
from gatepass.adapters.memory_teams import MemoryTeams
from gatepass.domain.errors import Conflict, InvalidInput, NotThere
from gatepass.domain.identifiers import RoleArn
from gatepass.domain.parting_proof import PartingProof
from gatepass.domain.register import CustomerName
from gatepass.fleet.memory_steps import Killed, MemorySteps, Moment
from gatepass.fleet.work import Result, Unit, UnitResult
from gatepass.fleet.works.offboard_customer import Parting, Signer, offboard_customer_kind, proof_lines, would_do
from gatepass.ports.teams import PermissionSets
from gatepass.usecases.apply_teams import apply_teams
from gatepass.usecases.check_proof import check_proof
from gatepass.usecases.depart_customer import OwnSide
from gatepass.usecases.know_signer import Known, Standing
from gatepass.usecases.plan_teams import plan_teams
from tests.people import MORNING
from tests.teams import NETOPS, STORAGE, account, allow, arn, customer, register, user

LEFT, OTHER = customer(1, NETOPS), customer(2, NETOPS, STORAGE)
UNIT = Unit("offboard", "customer-1", "run-1")
FACTORS = ("netops/customer-1/support", "none-/customer-1/old/netops", "withheld-/customer-1/support")


@dataclass
class Scene:
    """A provider whose two customers' roles are reached as its register says."""

    teams: MemoryTeams = field(default_factory=account)
    secrets: MemorySecrets = field(default_factory=MemorySecrets)
    proof: str | None = None
    forgotten: list[RoleArn] = field(default_factory=list)
    key: MemorySigningKey = field(default_factory=MemorySigningKey)

    def __post_init__(self) -> None:
        self.book = MemoryRegister(register(LEFT, OTHER))
        for _ in apply_teams(plan_teams(self.book.load(), self.teams), self.teams):
            pass
        for name in (*FACTORS, "netops/customer-2/support", "netops/customer-11/support"):
            self.secrets.put(name, "gp1.KEY.code")

    @property
    def parting(self) -> Parting:
        def center() -> PermissionSets:
            return MemoryPermissionSets()

        def forget(role: RoleArn) -> int:
            self.forgotten.append(role)
            return 1

        def write(text: str) -> None:
            self.proof = text

        own = OwnSide(self.book, self.teams, center, self.secrets, forget)
        signer = Signer(self.key)
        return Parting(
            LEFT.name, lambda: own, lambda: self.proof, write, "proof.json", MemoryClock(MORNING), lambda: signer,
            MemorySignatures(),
        )  # fmt: skip

    @property
    def proved(self) -> PartingProof:
        """What the file says, whose signature is right."""
        assert self.proof is not None
        checked = check_proof(self.proof, Known(MemoryPins(), MemorySignatures(), str(self.key.public_key)))
        assert checked.standing is Standing.GIVEN
        assert checked.is_sound is checked.proof.holds
        return checked.proof

    def leaves(self, steps: MemorySteps | None = None) -> UnitResult:
        kept = steps or MemorySteps()
        while True:
            kept.begin_again()
            try:
                return offboard_customer_kind(self.parting).work(UNIT, kept)
            except Killed:
                continue

    def is_left(self) -> bool:
        documents = "".join(one.document.text for one in self.teams.policies.values())
        assert str(arn(2).account) in documents, "the other customer is served as before"
        assert set(self.secrets.secrets) >= {"netops/customer-2/support", "netops/customer-11/support"}
        return (
            str(arn(1).account) not in documents
            and not set(FACTORS) & set(self.secrets.secrets)
            and set(self.forgotten) == {arn(1)}
            and set(self.book.load().customers) == {OTHER.name}
        )


def test_a_file_that_is_no_proof_of_this_customer_is_not_written_over() -> None:
    earlier, stranger = Scene(), Scene(key=MemorySigningKey("somebody else"))
    assert (earlier.leaves().result, stranger.leaves().result) == (Result.DONE, Result.DONE)
    assert earlier.proof is not None
    assert stranger.proof is not None
    altered = earlier.proof.replace(str(arn(1)), str(arn(2)))
    assert altered != earlier.proof
    for text in ("{}", "my notes", altered, stranger.proof):
        scene = Scene(proof=text)
        with pytest.raises(InvalidInput, match="is no proof that customer-1 was left"):
            offboard_customer_kind(scene.parting).units({})
        assert scene.leaves().result is Result.FAILED
        assert (scene.proof, set(scene.book.load().customers)) == (text, {LEFT.name, OTHER.name})
        assert proof_lines(scene.parting) == ()


def test_a_customer_that_nobody_knows_is_named() -> None:
    scene = Scene()
    parting = replace(scene.parting, customer=CustomerName("customer-7"))
    with pytest.raises(NotThere):
        offboard_customer_kind(parting).units({})
    with pytest.raises(InvalidInput, match="one customer"):
        offboard_customer_kind(scene.parting).units({"customer": "*"})


def test_nobody_is_let_in_elsewhere_along_with_it() -> None:
    """The register has a third customer, whom nobody applied yet."""
    scene = Scene()
    scene.book.add(customer(3, STORAGE))

    with pytest.raises(Conflict, match="not as its register says"):
        would_do(scene.parting)
    result = scene.leaves()

    assert result.result is Result.FAILED
    assert str(arn(3).account) in result.cause
    assert set(FACTORS) <= set(scene.secrets.secrets)
    assert scene.proof is None


def test_who_still_gets_in_by_other_policies_is_named_and_nothing_is_called_proved() -> None:
    back_door = user("ivan", own=allow("sts:AssumeRole", str(arn(1))))
    root = user("root-like", own=allow("*"))
    scene = Scene(teams=account(back_door, root))

    result = scene.leaves()

    assert result.result is Result.FAILED
    assert "user/ivan" in result.cause
    proof = scene.proved
    assert not proof.holds
    assert proof.reached_by == (back_door.arn,)
    assert proof.administrators == (root.arn,)

    scene.teams.users = tuple(each for each in scene.teams.users if each.arn != back_door.arn)
    assert scene.book.load().customers[LEFT.name].teams == {}, "it stays in the register, and nobody may use it"
    assert scene.leaves().result is Result.DONE
    assert scene.is_left()
    assert scene.leaves().result is Result.DONE, "once more: by the proof, for the register knows it no more"
    assert scene.proved.holds
    assert scene.is_left()


def test_what_would_be_done_is_told_and_nothing_of_it_done() -> None:
    scene = Scene()
    before = (dict(scene.secrets.secrets), dict(scene.teams.policies), scene.book.load())

    told = "\n".join(would_do(scene.parting))

    assert "take out customer-1, account 400000000001" in told
    assert "use it no more: netops" in told
    assert all(f"store: delete {name}" in told for name in FACTORS)
    assert "customer-2" not in told
    assert (dict(scene.secrets.secrets), dict(scene.teams.policies), scene.book.load()) == before
    assert not scene.forgotten


def test_killed_anywhere_the_customer_is_left_all_the_same() -> None:
    number = 0
    while True:
        for moment in Moment:
            scene, steps = Scene(), MemorySteps(die_at=(number, moment))
            assert scene.leaves(steps).result is Result.DONE
            assert scene.is_left()
            assert scene.proved.holds
            assert "gp1." not in str(scene.proof)
        if number >= len(steps.done):
            return
        number += 1


def test_stopped_for_good_a_new_run_finishes_it() -> None:
    """The first run is never resumed; the entry without teams still tells whom to leave."""
    for number in range(6):
        for moment in Moment:
            scene, steps = Scene(), MemorySteps(die_at=(number, moment))
            with pytest.raises(Killed):
                offboard_customer_kind(scene.parting).work(UNIT, steps)
            assert scene.leaves(MemorySteps()).result is Result.DONE
            assert scene.is_left()
