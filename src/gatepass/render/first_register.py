"""The first register of a provider: the head that counts, and every other key as a comment with its meaning."""

from __future__ import annotations

from gatepass.domain.identifiers import AccountId

_FIRST_REGISTER = """\
# Which customers we serve, and which team may use which of their roles. Keep it in git: nothing in it is secret.
#   gatepass check {name}                           every mistake, with its line
#   gatepass customers list --file {name}           who is in it
#   gatepass customers import LIST --file {name}    take customers from a spreadsheet or a list of role ARNs
# It may also be a folder: this file as provider.yml, and beside it a file for each customer, which begins with
# "gatepass: provider" and "version: 1" too and holds only customers.
gatepass: provider
version: 1
account: "{account}"                 # our own; account numbers stand in quotes
teams:
  # A team is one or more of these; what is shown is an example.
  # netops:
  #   iam_roles: [NetOps]              # names of roles of our account
  #   iam_groups: [NetOps]             # names of IAM groups
  #   identity_center_group: NetOps    # the display name of a group in Identity Center
  #   policy: NetOpsCustomers          # its policies are NetOpsCustomers-1, ...; default: gatepass-netops
  #   arns_only: true                  # name every role in full, without a condition on accounts; default: false
customers:
  # acme-prod:
  #   company: acme                    # a company may have many accounts; default: the customer's name
  #   account: "444455556666"
  #   key: 7KQ2M9XW4T                  # the customer key, drawn by Gatepass; one for each account
  #   roles:                           # the role ARN of each grant, as the customer sent it
  #     support: arn:aws:iam::444455556666:role/gatepass/ServiceProvider-support
  #   teams:                           # which teams may use which grant
  #     support: [netops]
  #   access: group                    # group, role, role-per-customer or permission-set; default: what each team has
  #   signed_by: ed25519:11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=   # whose passes; gatepass admit writes this
  #   last_pass: {{support: 2026-11-22T08:00:00Z}}   # no older pass is admitted; the same
"""


def first_register(account: AccountId, name: str) -> str:
    """Return the text of a provider's first register.

    Args:
        account: the provider's account.
        name: what the file will be called, for the commands in its head.
    """
    return _FIRST_REGISTER.format(account=account, name=name)
