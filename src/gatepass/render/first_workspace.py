"""The first file of a workspace: the lines that count, and every other key as a comment with its meaning."""

from __future__ import annotations

import json
import re

from gatepass.domain.workspace_setup import Platform

# What YAML reads as text without quotes, whatever stands around it.
_PLAIN = re.compile(r"[A-Za-z_./][A-Za-z0-9_./-]*", re.ASCII)
_SCALR = """\
# The workspace of Scalr that keeps the grants of {access} in place. Look before you leap:
#   gatepass render terraform {access} --for scalr     the root module for your repository
#   gatepass check {name}            every mistake in this file, with its line
#   gatepass scalr setup {name}      shows which objects would be made or changed, asks, and does it
#   gatepass scalr status {name}     what is there
gatepass: workspace
version: 1
platform: scalr
hostname: example.scalr.io           # your host of Scalr; default: SCALR_HOSTNAME
account: acc-EXAMPLE                 # your account of Scalr; default: SCALR_ACCOUNT
environment: aws-access              # is made when it is not there
workspace: {workspace}
access: {seen}                   # the customer's file, seen from here; the root module reads it too
repository:                          # where the root module lies
  connection: github                 # your connection to the repositories (VCS provider), by name or id
  identifier: acme/aws-access
  # All below is optional; what is shown is an example, not the default.
  # branch: main                     # default: the repository's own first branch
  # directory: customer              # where in it the root module lies; default: the top
# own_access: scalr                  # the grant by which Scalr itself enters; it stands in a file of its own
# schedule: "0 3 * * *"              # when it runs by itself, as cron in UTC; default: never
# terraform: 1.11.4                  # default: the platform's latest when the workspace is made
"""
_HCP = """\
# The workspace of HCP Terraform that keeps the grants of {access} in place. Look before you leap:
#   gatepass render terraform {access} --for hcp       the root module for your repository
#   gatepass check {name}            every mistake in this file, with its line
#   gatepass hcp setup {name}        shows which objects would be made or changed, asks, and does it
#   gatepass hcp status {name}       what is there
gatepass: workspace
version: 1
platform: hcp                        # HCP Terraform, and Terraform Enterprise
organization: acme                   # default: TFE_ORGANIZATION, TF_CLOUD_ORGANIZATION
project: aws-access                  # is made when it is not there
workspace: {workspace}
access: {seen}                   # the customer's file, seen from here; the root module reads it too
repository:                          # where the root module lies
  connection: github                 # your connection to the repositories (VCS provider), by name or id
  identifier: acme/aws-access
  # All below is optional; what is shown is an example, not the default.
  # branch: main                     # default: the repository's own first branch
  # directory: customer              # where in it the root module lies; default: the top
# hostname: tfe.example.com          # of Terraform Enterprise; default: TFE_HOSTNAME, else app.terraform.io
# own_access: platform               # the grant by which the runs enter your account; it stands in a file of its own
# terraform: 1.11.4                  # default: the platform's latest when the workspace is made
"""


def first_workspace(platform: Platform, workspace: str, access: str, name: str) -> str:
    """Return the text of a workspace's first file.

    Args:
        platform: where it will lie.
        workspace: what it will be called.
        access: the customer's file, as seen from the new one.
        name: what the new file will be called, for the commands in its head.
    """
    text = _SCALR if platform is Platform.SCALR else _HCP
    seen = access if _PLAIN.fullmatch(access) else json.dumps(access, ensure_ascii=False)
    return text.format(workspace=workspace, access=access, seen=seen, name=name)
