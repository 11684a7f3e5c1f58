"""Print every measured speed."""

from __future__ import annotations

from bench import (
    audit,
    commands,
    customer,
    decisions,
    engineer,
    fleet,
    packing,
    register,
    render,
    rotation,
    sandbox,
    teams,
    terraform,
)


def main() -> None:
    """Run the benches one after the other; machines differ, so the ratios count."""
    for title, bench in (
        ("Decisions", decisions.main),
        ("Embedded AWS", sandbox.main),
        ("A large customer's account", customer.main),
        ("A team of thousands of customers", packing.main),
        ("A provider's register", register.main),
        ("Teams of a large provider", teams.main),
        ("What an engineer waits for", engineer.main),
        ("The log", audit.main),
        ("The fleet", fleet.main),
        ("Rotations by the fleet", rotation.main),
        ("Other engines", render.main),
        ("Terraform", terraform.main),
        ("Commands", commands.main),
    ):
        print(f"\n== {title}")  # noqa: T201 - printing is the purpose
        bench()


main()
