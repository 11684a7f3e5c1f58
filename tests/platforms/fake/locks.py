"""The lock of a workspace, which a person holds, or a run until it is over."""

from __future__ import annotations

from dataclasses import dataclass

from tests.platforms.fake.store import Ref, Thing


@dataclass(frozen=True, slots=True)
class Locks:
    """How a platform shows who holds a lock.

    Attributes:
        user: the person behind the token.
        by_user: the relation of a workspace to a person.
        by_run: the relation to a run; on one platform it is the same.
        reason: the attribute that says why.
    """

    user: Ref
    by_user: str
    by_run: str
    reason: str

    def holder(self, workspace: Thing) -> Ref | None:
        """Return the person or the run."""
        return workspace.one(self.by_user) or workspace.one(self.by_run)

    def hold(self, workspace: Thing, run: Thing) -> None:
        """Let a run take the lock."""
        workspace.attributes["locked"] = True
        workspace.relations[self.by_run] = run.ref

    def let_go(self, workspace: Thing, run: Thing) -> None:
        """Let a run give back the lock, if it holds it."""
        if self.holder(workspace) == run.ref:
            self.unlock(workspace)

    def lock(self, workspace: Thing, reason: str | None) -> bool:
        """Let the person take the lock; say whether it was free."""
        if workspace.attributes["locked"]:
            return False
        workspace.attributes |= {"locked": True, self.reason: reason}
        workspace.relations[self.by_user] = self.user
        return True

    def give_back(self, workspace: Thing) -> bool:
        """Let the person give back the lock; say whether they held it."""
        if self.holder(workspace) != self.user:
            return False
        self.unlock(workspace)
        return True

    def unlock(self, workspace: Thing) -> None:
        """Take the lock from whoever holds it."""
        workspace.attributes |= {"locked": False, self.reason: None}
        workspace.relations |= {self.by_user: None, self.by_run: None}
