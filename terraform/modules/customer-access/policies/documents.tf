# One simple packing: every role by its full ARN, so many to a policy as fit into IAM's 6,144 characters for sure.
locals {
  largest_policy = 6144
  # All of a document but its ARNs.
  frame = 900

  sound = [
    for each in local.assignments : merge(each, { is_ours = startswith(each.arn, "${join(":", slice(split(":", each.arn), 0, 5))}:role/gatepass/") })
    if length(local.problems) == 0 && contains(["group", "role"], each.means) && try(length(local.holders[each.team][each.means]), 0) > 0
  ]
  left_out = [
    for each in local.assignments : each
    if length(local.problems) == 0 && !(contains(["group", "role"], each.means) && try(length(local.holders[each.team][each.means]), 0) > 0)
  ]

  # Roles under another path than ours need two statements: a Deny for all of that path would reach further than they do.
  doors = { for each in local.sound : "${each.team} ${each.means} ${each.is_ours ? "gatepass" : "other"}" => each... }
  arns = {
    for door, entries in local.doors : door => sort(distinct([
      # What a Resource takes for a pattern or a variable is made plain.
      for each in entries : replace(replace(replace(each.arn, "$", "$${$}"), "*", "$${*}"), "?", "$${?}")
    ]))
  }
  chunks = {
    for door, arns in local.arns : door =>
    chunklist(arns, floor((local.largest_policy - local.frame) / ((max([for arn in arns : length(arn)]...) + 3) * (endswith(door, "other") ? 2 : 1))))
  }
  policies = merge([
    for door, chunks in local.chunks : {
      for number, arns in chunks : "${door} ${number + 1}" => {
        team = split(" ", door)[0], means = split(" ", door)[1], is_ours = endswith(door, "gatepass"), arns = arns
        name = "gatepass-${join("-", split(" ", door))}-${number + 1}"
      }
    }
  ]...)

  # An engineer's own name: the user's where users call, any where roles do, which have no user's name to compare with.
  documents = {
    for key, policy in local.policies : key => jsonencode({
      Version = "2012-10-17"
      Statement = [
        for each in [
          {
            when      = policy.is_ours
            statement = { Effect = "Allow", Action = ["sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession"], Resource = policy.arns }
          },
          {
            when = policy.is_ours && policy.means == "group"
            statement = {
              Sid       = "OwnNameOnly", Effect = "Deny", Action = ["sts:AssumeRole", "sts:SetSourceIdentity"]
              Resource  = distinct([for arn in policy.arns : "arn:${split(":", arn)[1]}:iam::*:role/gatepass/*"])
              Condition = { StringNotEquals = { "sts:SourceIdentity" = "$${aws:username}" } }
            }
          },
          {
            when = policy.is_ours && policy.means == "role"
            statement = {
              Sid       = "OwnNameOnly", Effect = "Deny", Action = ["sts:AssumeRole", "sts:SetSourceIdentity"]
              Resource  = distinct([for arn in policy.arns : "arn:${split(":", arn)[1]}:iam::*:role/gatepass/*"])
              Condition = { Null = { "sts:SourceIdentity" = "true" } }
            }
          },
          {
            when = !policy.is_ours
            statement = {
              Effect    = "Allow", Action = ["sts:AssumeRole", "sts:SetSourceIdentity"], Resource = policy.arns
              Condition = { for operator, name in { StringEquals = "$${aws:username}", StringLike = "?*" } : operator => { "sts:SourceIdentity" = name } if(operator == "StringEquals") == (policy.means == "group") }
            }
          },
          {
            when      = !policy.is_ours
            statement = { Effect = "Allow", Action = ["sts:TagSession"], Resource = policy.arns }
          },
        ] : each.statement if each.when
      ]
    })
  }
}
