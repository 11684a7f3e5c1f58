output "roles" {
  description = "The roles that each team may enter."
  value       = module.policies.roles

  precondition {
    condition     = module.policies.account == data.aws_caller_identity.current.account_id
    error_message = "account: the register is of ${module.policies.account}, and your credentials are of ${data.aws_caller_identity.current.account_id}."
  }
}

output "left_out" {
  description = "Who is assigned and not let in by this module."
  value       = module.policies.left_out
}
