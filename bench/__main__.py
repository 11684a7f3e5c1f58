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
    platforms,
    register,
    render,
    rotation,
    sandbox,
    second_worker,
    teams,
    terraform,
    waiting,
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
        ("A second worker", second_worker.main),
        ("Units that wait", waiting.main),
        ("Other engines", render.main),
        ("Terraform", terraform.main),
        ("Platforms that run Terraform", platforms.main),
        ("Commands", commands.main),
    ):
        print(f"\n== {title}")  # noqa: T201 - printing is the purpose
        bench()


main()
