# What every role is denied, whatever its permissions say.
locals {
  limits = {
    for name, grant in local.sound : name => jsonencode({
      Version = "2012-10-17"
      Statement = [
        for each in [
          {
            # The principal as which a provider proves that a role cannot be misused: it enters and does nothing.
            when = true
            statement = {
              Sid       = "VerifierDoesNothing", Effect = "Deny", Action = "*", Resource = "*"
              Condition = { StringEquals = { "aws:SourceIdentity" = "gatepass-verifier" } }
            }
          },
          {
            # A session that could change these roles could undo its own revocation.
            when = true
            statement = {
              Sid      = "RolesOfGatepassStay", Effect = "Deny", NotAction = ["iam:Get*", "iam:List*"]
              Resource = "arn:${var.partition}:iam::${local.written.account}:role/gatepass/*"
            }
          },
          {
            when = grant.from != null
            statement = {
              Sid       = "NotYet", Effect = "Deny", Action = "*", Resource = "*"
              Condition = { DateLessThan = { "aws:CurrentTime" = grant.from } }
            }
          },
          {
            when = grant.until != null
            statement = {
              Sid       = "Over", Effect = "Deny", Action = "*", Resource = "*"
              Condition = { DateGreaterThanEquals = { "aws:CurrentTime" = grant.until } }
            }
          },
        ] : each.statement if each.when
      ]
    })
  }
  switch_closed = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Sid = "Closed", Effect = "Deny", Action = "*", Resource = "*" }]
  })
}
