"""The option for where a customer's second factors lie whose file does not say it."""

from __future__ import annotations

import click

from gatepass.domain.kept_secrets import STORES, USUAL_STORE

customer_store_option = click.option(
    "--customer-store",
    type=click.Choice(STORES),
    default=USUAL_STORE,
    envvar="GATEPASS_CUSTOMER_STORE",
    show_default=True,
    help="Where second factors lie if the file names no second_factor_store; the same for rotating and withdrawing.",
)
