# The register as it is written. Nothing here fails on a wrong file: problems.tf says what is wrong with it.
locals {
  parts = try(fileset(var.register, "*.{yml,yaml}"), [])
  head  = length(local.parts) > 0 ? "${var.register}/provider.yml" : var.register
  paths = length(local.parts) > 0 ? sort([for part in local.parts : "${var.register}/${part}"]) : sort([var.register])
  files = { for path in local.paths : basename(path) => yamldecode(file(path)) }

  written   = try({ for key, value in local.files[basename(local.head)] : key => value }, {})
  teams     = try({ for name, team in local.written.teams : name => try({ for key, value in team : key => value }, {}) }, {})
  listed    = flatten([for each in values(local.files) : try(keys(each.customers), [])])
  customers = merge([for each in values(local.files) : try({ for name, customer in each.customers : name => try({ for key, value in customer : key => value }, {}) }, {})]...)

  holders = {
    for name, team in local.teams : name => {
      group = [for each in try(team.iam_groups, []) : tostring(each)]
      role  = [for each in try(team.iam_roles, []) : tostring(each)]
    }
  }
  # Each customer's roles, and which team may use which of them by which means.
  roles = {
    for name, customer in local.customers : name => [
      for grant, arn in try({ for grant, arn in customer.roles : grant => arn }, {}) : { grant = grant, arn = try(tostring(arn), "") }
    ]
  }
  assigned = {
    for name, customer in local.customers : name => flatten([
      for grant, teams in try({ for grant, teams in customer.teams : grant => [for team in teams : tostring(team)] }, {}) : [
        for team in teams : {
          customer = name, grant = grant, team = team, arn = try(tostring(customer.roles[grant]), "")
          means = try(coalesce(customer.access), (
            try(length(local.holders[team].group), 0) > 0 ? "group" : try(length(local.holders[team].role), 0) > 0 ? "role" : "permission-set"
          ))
        }
      ]
    ])
  }
  assignments = flatten(values(local.assigned))
}
