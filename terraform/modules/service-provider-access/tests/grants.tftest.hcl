# Runs without credentials: terraform init && terraform test

mock_provider "aws" {
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
  mock_data "aws_caller_identity" {
    defaults = { account_id = "444455556666" }
  }
  mock_data "aws_iam_policy" {
    defaults = { arn = "arn:aws:iam::aws:policy/Named" }
  }
  mock_data "aws_iam_roles" {
    defaults = { names = [] }
  }
}

variables {
  file = "../../examples/customer/example.yml"
}

run "without_external_ids_every_door_stays_closed" {
  command = plan

  assert {
    condition     = alltrue([for role in aws_iam_role.grant : strcontains(nonsensitive(role.assume_role_policy), "\"Deny\"")])
    error_message = "a role without an external ID has to deny everybody"
  }
  assert {
    condition     = length(aws_iam_role_policy.switch) == 2
    error_message = "a closed role has to stop the sessions that are under way"
  }

  expect_failures = [check.doors_without_external_id]
}

run "one_external_id_opens" {
  command = plan

  variables {
    external_ids = { support = ["gp1.7KQ2M9XW4T.made-up"], audit = [] }
  }

  assert {
    condition     = strcontains(nonsensitive(aws_iam_role.grant["support"].assume_role_policy), "\"sts:ExternalId\":\"gp1.7KQ2M9XW4T.made-up\"")
    error_message = "the role has to ask for its external ID"
  }
  assert {
    condition     = output.closed == ["audit"]
    error_message = "an empty list closes"
  }
  assert {
    condition     = aws_iam_role.grant["support"].tags["gatepass:engine"] == "terraform"
    error_message = "the role has to say who keeps it"
  }
  assert {
    condition     = aws_iam_role.grant["support"].max_session_duration == 7200
    error_message = "sessions are as long as the file says"
  }
}

run "credentials_of_another_account_change_nothing" {
  command = plan

  variables {
    external_ids = { support = ["gp1.7KQ2M9XW4T.made-up"], audit = [] }
  }

  override_data {
    target = data.aws_caller_identity.current
    values = { account_id = "999900001111" }
  }

  expect_failures = [output.role_arns]
}
