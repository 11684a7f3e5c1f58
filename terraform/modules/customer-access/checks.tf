check "everybody_assigned_is_let_in" {
  assert {
    condition     = length(module.policies.left_out) == 0
    error_message = "Not let in, because this module knows IAM groups and roles only: ${join("; ", module.policies.left_out)}. Use gatepass apply for these."
  }
}
