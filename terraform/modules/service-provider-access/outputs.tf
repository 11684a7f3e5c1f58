output "role_arns" {
  description = "The ARN of each grant's role. They are no secret: send them to your provider."
  value       = { for name, role in aws_iam_role.grant : name => role.arn }

  precondition {
    condition     = module.policies.account == data.aws_caller_identity.current.account_id
    error_message = "account: the file is for ${module.policies.account}, and your credentials are of ${data.aws_caller_identity.current.account_id}."
  }
}

output "closed" {
  description = "The grants whose door is closed."
  value       = [for name, role in local.roles : name if role.is_closed]
}
