output "account" {
  description = "The provider's own account."
  value       = try(tostring(local.written.account), "")
}

output "policies" {
  description = "The policies that let teams in, with the groups and roles that hold them."
  value = {
    for key, policy in local.policies : key => {
      name     = policy.name
      team     = policy.team
      means    = policy.means
      document = local.documents[key]
      holders  = local.holders[policy.team][policy.means]
    }
  }

  precondition {
    condition     = length(local.problems) == 0
    error_message = "${basename(var.register)} cannot be used:\n${join("\n", formatlist("  - %s", local.problems))}"
  }
  precondition {
    condition     = alltrue([for document in values(local.documents) : length(document) <= local.largest_policy])
    error_message = "A role's ARN is so long that its policy does not fit into IAM's ${local.largest_policy} characters."
  }
  precondition {
    # "IAM and AWS STS quotas", IAM User Guide.
    condition = alltrue([
      for holder in distinct([for policy in values(local.policies) : "${policy.team} ${policy.means}"]) :
      length([for policy in values(local.policies) : policy if "${policy.team} ${policy.means}" == holder]) <= 10
    ])
    error_message = "A team has more customers than fit into the 10 policies that a group or a role can hold. Split the team, or use gatepass apply, which packs tighter."
  }
}

output "roles" {
  description = "The roles that each team may enter."
  value       = { for team in distinct([for each in local.sound : each.team]) : team => sort([for each in local.sound : each.arn if each.team == team]) }
}

output "left_out" {
  description = "Who is assigned and not let in by this module: teams of Identity Center, and roles for single customers."
  value       = [for each in local.left_out : "${each.team} to ${each.customer} ${each.grant} by ${each.means}"]
}
