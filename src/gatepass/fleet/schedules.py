"""Runs that are begun by the clock; DBOS keeps them, and a worker begins them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gatepass.domain.errors import InvalidInput, NotThere
from gatepass.fleet.failing_database import told
from gatepass.fleet.ledger import APPLICATION, SCHEDULED, Ledger, queue_of
from gatepass.fleet.run import Order


@dataclass(frozen=True, slots=True)
class Schedules:
    """The schedules in one database, by name; a name begins with the kind of its runs."""

    ledger: Ledger

    def add(self, name: str, cron: str, order: Order) -> None:
        """Have the order begun by the clock, UTC, by whichever worker is there.

        Raises:
            InvalidInput: that is no cron expression, or a schedule has that name.
        """
        self.ledger.keep_queue(order.kind)
        if any(one["schedule_name"] == name for one in self.all()):
            raise InvalidInput(
                f"there is a schedule {name} already",
                why="one name is one schedule",
                next_step=f"gatepass fleet schedule --remove {name}, or name another with --name",
            )
        try:
            with told(self.ledger.database):
                self.ledger.client.create_schedule(
                    schedule_name=name, workflow_name=SCHEDULED, schedule=cron,
                    context=json.dumps(order.facts()), queue_name=queue_of(order.kind),
                )  # fmt: skip
        except Exception as error:
            if "cron" not in str(error):
                raise
            raise InvalidInput(
                f"{cron!r} is no time in cron's way",
                why="it has five fields: minute, hour, day, month, weekday, in UTC",
                next_step='write for example "0 3 * * *" for every night at three',
            ) from None

    def all(self) -> Sequence[Mapping[str, Any]]:
        """Return what is begun by the clock."""
        return [dict(one) for one in self.ledger.client.list_schedules(application_name=APPLICATION)]

    def remove(self, name: str) -> None:
        """Begin it no longer.

        Raises:
            NotThere: there is no such schedule.
        """
        if all(one["schedule_name"] != name for one in self.all()):
            raise NotThere(
                f"there is no schedule {name}", why="it may be spelled otherwise", next_step="gatepass fleet schedule"
            )
        with told(self.ledger.database):
            self.ledger.client.delete_schedule(name)
