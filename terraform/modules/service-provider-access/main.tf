# One role for each grant of the customer's file, as gatepass apply would make it. Inline policies are single resources
# and never exclusive: the Deny that gatepass close attaches in an emergency stays where it is.

data "aws_partition" "current" {}

data "aws_caller_identity" "current" {}

module "policies" {
  source = "./policies"

  file         = var.file
  external_ids = var.external_ids
  overlap_ends = var.overlap_ends
  partition    = data.aws_partition.current.partition
}

locals {
  roles  = module.policies.roles
  trusts = module.policies.trusts
  switch = module.policies.switch_closed

  # Permissions by the words of the file; names are looked up in the account, ARNs are taken as they are.
  permissions = merge([
    for name, role in local.roles : { for word in role.permissions : "${name} ${word}" => { role = role.name, word = word } }
  ]...)
  policy_names = toset([for each in local.permissions : each.word if !startswith(each.word, "arn:")])
}

data "aws_iam_policy" "named" {
  for_each = local.policy_names

  name        = element(split("/", each.key), length(split("/", each.key)) - 1)
  path_prefix = strcontains(each.key, "/") ? "/${trimsuffix(each.key, element(split("/", each.key), length(split("/", each.key)) - 1))}" : null
}

resource "aws_iam_role" "grant" {
  for_each = local.roles

  name                 = each.value.name
  path                 = "/gatepass/"
  assume_role_policy   = local.trusts[each.key]
  max_session_duration = each.value.session_seconds
  permissions_boundary = each.value.boundary
  tags                 = each.value.tags

  # Destroying a role also takes off what gatepass close attached to it.
  force_detach_policies = true
}

resource "aws_iam_role_policy" "limits" {
  for_each = local.roles

  name   = "gatepass-limits"
  role   = each.value.name
  policy = each.value.limits

  depends_on = [aws_iam_role.grant]
}

# A closed door also stops the sessions that are under way.
resource "aws_iam_role_policy" "switch" {
  for_each = { for name, role in local.roles : name => role if role.is_closed }

  name   = "gatepass-switch"
  role   = each.value.name
  policy = local.switch

  depends_on = [aws_iam_role.grant]
}

# Limits stand before anything that they limit. Roles are named, not referred to: Terraform would look at all of them
# again for each one.
resource "aws_iam_role_policy" "permissions" {
  for_each = { for name, role in local.roles : name => role if role.custom_policy != null }

  name   = "gatepass-permissions"
  role   = each.value.name
  policy = each.value.custom_policy

  depends_on = [aws_iam_role_policy.limits, aws_iam_role_policy.switch]
}

resource "aws_iam_role_policy_attachment" "permissions" {
  for_each = local.permissions

  role       = each.value.role
  policy_arn = startswith(each.value.word, "arn:") ? each.value.word : data.aws_iam_policy.named[each.value.word].arn

  depends_on = [aws_iam_role_policy.limits, aws_iam_role_policy.switch]
}
