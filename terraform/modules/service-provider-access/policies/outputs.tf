output "account" {
  description = "The account that the file is for."
  value       = try(tostring(local.written.account), "")
}

output "roles" {
  description = "What each grant's role is, but its trust policy."
  value = {
    for name, grant in local.sound : name => {
      name            = local.role_names[name]
      permissions     = grant.permissions
      custom_policy   = local.custom_documents[name]
      limits          = local.limits[name]
      boundary        = grant.boundary
      session_seconds = grant.session_seconds
      tags            = local.role_tags[name]
      is_closed       = grant.is_closed
      # Neither opened nor closed by anybody's word.
      is_forgotten = grant.needs_second_factor && !contains(keys(local.counts), name)
    }
  }

  precondition {
    condition     = length(local.problems) == 0
    error_message = "${basename(var.file)} cannot be used:\n${join("\n", formatlist("  - %s", local.problems))}"
  }
}

output "trusts" {
  description = "The trust policy of each grant's role. It holds the external IDs in clear."
  value       = local.trusts
  sensitive   = true
}

output "switch_closed" {
  description = "The inline policy of a closed role: no session, old or new, can make another call."
  value       = local.switch_closed
}
