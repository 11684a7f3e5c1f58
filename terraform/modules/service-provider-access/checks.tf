# What stands in AWS and is not what the variable says: gatepass close shuts a door without Terraform.

data "aws_iam_roles" "standing" {
  path_prefix = "/gatepass/"
}

data "aws_iam_role" "standing" {
  for_each = { for name, role in local.roles : name => role.name if contains(data.aws_iam_roles.standing.names, role.name) }

  name = each.value
}

locals {
  statements = {
    for name, role in data.aws_iam_role.standing : name => try(flatten([jsondecode(role.assume_role_policy).Statement]), [])
  }
  shut_elsewhere = [
    for name, statements in local.statements : name
    if !local.roles[name].is_closed && !anytrue([for each in statements : each.Effect == "Allow"])
  ]
  forgotten = [for name, role in local.roles : name if role.is_forgotten]
}

check "doors_shut_without_terraform" {
  assert {
    condition     = length(local.shut_elsewhere) == 0
    error_message = "Closed in AWS, while external_ids still opens: ${join(", ", local.shut_elsewhere)}. Applying writes the trust policy again; a Deny named gatepass-switch stays, so nobody can act. To keep the door closed, set external_ids[\"...\"] to []. To open it, do that first, apply, and then give a new external ID."
  }
}

check "doors_without_external_id" {
  assert {
    condition     = length(local.forgotten) == 0
    error_message = "Closed, because external_ids says nothing about: ${join(", ", local.forgotten)}. Give each an external ID to open it, or [] to close it by your word."
  }
}
