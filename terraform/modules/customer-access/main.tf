# Each team's policies, attached to its groups and roles. They stand under a path of their own, so that
# gatepass apply and Terraform never write the same policy.

data "aws_caller_identity" "current" {}

module "policies" {
  source = "./policies"

  register = var.register
}

locals {
  policies = module.policies.policies
  held = merge([
    for key, policy in local.policies : { for holder in policy.holders : "${key} ${holder}" => { policy = key, means = policy.means, holder = holder } }
  ]...)
}

resource "aws_iam_policy" "team" {
  for_each = local.policies

  name   = each.value.name
  path   = "/gatepass-terraform/"
  policy = each.value.document
  tags   = { "gatepass:engine" = "terraform", "gatepass:team" = each.value.team }
}

resource "aws_iam_group_policy_attachment" "team" {
  for_each = { for key, each in local.held : key => each if each.means == "group" }

  group      = each.value.holder
  policy_arn = aws_iam_policy.team[each.value.policy].arn
}

resource "aws_iam_role_policy_attachment" "team" {
  for_each = { for key, each in local.held : key => each if each.means == "role" }

  role       = each.value.holder
  policy_arn = aws_iam_policy.team[each.value.policy].arn
}
