# Who may enter. sts:ExternalId is a condition key of sts:AssumeRole only, so session tags and source identity have a
# statement of their own. The principal is the account root narrowed by aws:PrincipalArn, which survives that the
# provider deletes and re-creates a role.
locals {
  entering = {
    for name, grant in local.sound : name => [
      for id in [
        { sid = "Enter", index = 0, when = !grant.is_closed, until = grant.until },
        {
          sid   = "EnterWithOldId", index = 1, when = grant.count == 2,
          until = try(timecmp(grant.until, grant.overlap_end) <= 0, grant.overlap_end == null) ? grant.until : grant.overlap_end
        },
        ] : merge(id, {
          condition = {
            for each in [
              { operator = "StringEquals", when = grant.needs_second_factor, block = { "sts:ExternalId" = try(var.external_ids[name][id.index], "") } },
              { operator = "ArnLike", when = length(grant.principals) > 0, block = { "aws:PrincipalArn" = grant.principals } },
              { operator = "StringLike", when = grant.require_source_identity, block = { "sts:SourceIdentity" = "?*" } },
              { operator = "IpAddress", when = length(grant.networks) > 0, block = { "aws:SourceIp" = grant.networks } },
              { operator = "DateGreaterThanEquals", when = grant.from != null, block = { "aws:CurrentTime" = grant.from } },
              { operator = "DateLessThan", when = id.until != null, block = { "aws:CurrentTime" = id.until } },
            ] : each.operator => each.block if each.when
          }
      }) if id.when
    ]
  }

  trusts = {
    for name, grant in local.sound : name => jsonencode({
      Version = "2012-10-17"
      Statement = [
        for each in concat(
          [{ when = grant.is_closed, statement = { Sid = "Closed", Effect = "Deny", Principal = { AWS = "*" }, Action = "sts:AssumeRole" } }],
          [for id in local.entering[name] : {
            when = true
            statement = {
              for key, value in {
                Sid       = id.sid
                Effect    = "Allow"
                Principal = { AWS = "arn:${var.partition}:iam::${grant.provider}:root" }
                Action    = "sts:AssumeRole"
                Condition = id.condition
              } : key => value if key != "Condition" || length(id.condition) > 0
            }
          }],
          [{
            when = !grant.is_closed
            statement = {
              for key, value in {
                Sid       = "LabelSession"
                Effect    = "Allow"
                Principal = { AWS = "arn:${var.partition}:iam::${grant.provider}:root" }
                Action    = ["sts:SetSourceIdentity", "sts:TagSession"]
                Condition = { ArnLike = { "aws:PrincipalArn" = grant.principals } }
              } : key => value if key != "Condition" || length(grant.principals) > 0
            }
          }],
        ) : each.statement if each.when
      ]
    })
  }
}
