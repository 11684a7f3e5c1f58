"""The first file of a customer: three lines that count, and every other key as a comment with its meaning."""

from __future__ import annotations

from gatepass.domain.identifiers import AccountId, GrantName

_FIRST_FILE = """\
# What service providers may do in account {account}. Look before you leap:
#   gatepass check {name}     every mistake, with its line
#   gatepass plan {name}      what would change; nothing is changed
#   gatepass apply {name}     shows the plan, asks, and does it
gatepass: customer
version: 1
account: "{account}"                 # account numbers stand in quotes
grants:
  {grant}:                               # a name of your choice
    provider: "{provider}"           # the provider's account, or a known vendor: scalr
    permissions: [SecurityAudit]         # managed policies, by name or ARN
    # All below is optional; what is shown is an example, not the default.
    # custom_policy: policies/extra.json # a policy of your own beside this file, or the policy itself
    # boundary: arn:aws:iam::{account}:policy/PartnerBoundary
    # principals: [role/engineers/*]     # which of the provider's principals; default: any that its account allows
    # window: {{from: 2026-11-23T08:00:00Z, until: 2026-11-27T18:00:00Z}}
    # session: 1h                        # the longest session, 1h to 12h
    # source_ips: [203.0.113.0/24]       # where sessions may be started
    # require_source_identity: true      # sessions must name their engineer
    # second_factor: none                # opens without an external ID; a finding says what that means
    # role: VendorAudit                  # a role that stands already, to be kept; gatepass adopt writes this
    # customer_key: 7KQ2M9XW4T           # the provider's part of new external IDs; gatepass accept writes this
    # seal_to: age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p   # whose key opens passes; the same
    # offer: 0123456789ABCDEFGHJKMNPQRS  # the offer that the grant came from; gatepass accept writes this
    # keeps_roles: true                  # may change the roles that Gatepass made; for a platform that runs Terraform
# naming: {{org: HIO, lifecycle: dev, location: euw1}}   # role HIO-DEV-EUW1-ServiceProvider-{grant}
# tags: {{owner: security}}
# notify: {{sns: arn:aws:sns:eu-west-1:{account}:gatepass}}   # who is told; or email: {{to:, from:}}, webhook: https://...
# second_factor_store: ssm             # keep second factors beside AWS too: file, keyring, ssm, secrets-manager, vault
"""


def first_file(account: AccountId, provider: AccountId, grant: GrantName, name: str) -> str:
    """Return the text of a customer's first file.

    Args:
        account: the customer's account.
        provider: the provider's account.
        grant: the name of the one grant in it.
        name: what the file will be called, for the commands in its head.
    """
    return _FIRST_FILE.format(account=account, provider=provider, grant=grant, name=name)
