# Runs without credentials: terraform init && terraform test

mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "111122223333" }
  }
  mock_resource "aws_iam_policy" {
    defaults = { arn = "arn:aws:iam::111122223333:policy/gatepass-terraform/made-up" }
  }
}

variables {
  register = "../../examples/provider/example.yml"
}

run "each_team_has_its_roles_and_no_others" {
  command = plan

  assert {
    condition     = output.roles["netops"] == tolist(["arn:aws:iam::444455556666:role/gatepass/ServiceProvider-111122223333-support", "arn:aws:iam::777788889999:role/legacy/Vendor"])
    error_message = "netops serves two customers"
  }
  assert {
    condition     = !strcontains(aws_iam_policy.team["netops group gatepass 1"].policy, "audit")
    error_message = "netops does not audit"
  }
  assert {
    condition     = length(aws_iam_group_policy_attachment.team) == 2 && length(aws_iam_role_policy_attachment.team) == 2
    error_message = "every policy is held by its team"
  }
}
