# Every mistake in the register, by its key.
locals {
  known_keys = {
    file     = ["gatepass", "version", "account", "teams", "customers"]
    team     = ["iam_roles", "iam_groups", "identity_center_group", "policy", "arns_only"]
    customer = ["company", "account", "key", "roles", "teams", "access", "signed_by", "last_pass"]
  }
  role_arn = "^arn:(aws|aws-cn|aws-us-gov):iam::([0-9]{12}):role(/(?:[!-~]*/)?)([A-Za-z0-9_+=,.@-]{1,64})$"
  unquoted = "is not quoted, and YAML reads it as a number; put it in quotes"

  file_problems = [for check in concat(
    flatten([for file, each in local.files : [for key in try(keys(each), []) : { bad = !contains(local.known_keys.file, key), key = "${file}: ${key}", says = "unknown key; use only: ${join(", ", local.known_keys.file)}" }]]),
    [for file, each in local.files : { bad = try(each.gatepass, "") != "provider", key = "${file}: gatepass", says = "this is not a provider's file, which begins with: gatepass: provider" }],
    [for file, each in local.files : { bad = jsonencode(try(each.version, "")) != "1", key = "${file}: version", says = "this version is not known; write: version: 1" }],
    [
      { bad = !startswith(jsonencode(try(local.written.account, "")), "\""), key = "account", says = local.unquoted },
      { bad = startswith(jsonencode(try(local.written.account, "")), "\"") && !can(regex("^[0-9]{12}$", try(local.written.account, ""))), key = "account", says = "an account number has exactly 12 digits" },
    ],
    [for name in distinct(local.listed) : { bad = length([for each in local.listed : each if each == name]) > 1, key = "customers.${name}", says = "this customer stands in two files" } if length(local.listed) != length(local.customers)],
  ) : "${check.key}: ${check.says}" if check.bad]

  team_problems = flatten([for name, team in local.teams : [for check in concat(
    [for key in keys(team) : { bad = !contains(local.known_keys.team, key), key = key, says = "unknown key; use only: ${join(", ", local.known_keys.team)}" }],
    [for key in ["iam_roles", "iam_groups"] : { bad = contains(keys(team), key) && !startswith(jsonencode(try(team[key], null)), "["), key = key, says = "write a list of names" }],
    [for key in ["iam_roles", "iam_groups"] : { bad = try(anytrue([for each in team[key] : strcontains(each, "/")]), false), key = key, says = "write names alone, without path and ARN" }],
  ) : "teams.${name}.${check.key}: ${check.says}" if check.bad]])

  customer_problems = flatten([for name, customer in local.customers : [for check in concat(
    [for key in keys(customer) : { bad = !contains(local.known_keys.customer, key), key = key, says = "unknown key; use only: ${join(", ", local.known_keys.customer)}" }],
    [
      { bad = !startswith(jsonencode(try(customer.account, "")), "\""), key = "account", says = local.unquoted },
      { bad = startswith(jsonencode(try(customer.account, "")), "\"") && !can(regex("^[0-9]{12}$", try(customer.account, ""))), key = "account", says = "an account number has exactly 12 digits" },
      { bad = try(customer.account, "") == try(local.written.account, "-"), key = "account", says = "this is your own account" },
      { bad = !contains(["group", "role", "role-per-customer", "permission-set"], try(coalesce(customer.access), "group")), key = "access", says = "use one of: group, role, role-per-customer, permission-set" },
    ],
    [for each in local.roles[name] : { bad = !can(regex(local.role_arn, each.arn)), key = "roles.${each.grant}", says = "this is not the ARN of a role" }],
    [for each in local.roles[name] : { bad = try(split(":", each.arn)[4], "") != try(tostring(customer.account), ""), key = "roles.${each.grant}", says = "this role stands in another account than the customer's" } if can(regex(local.role_arn, each.arn))],
    [for each in local.assigned[name] : { bad = each.arn == "", key = "teams.${each.grant}", says = "the customer has no role for this grant" }],
    [for each in local.assigned[name] : { bad = !contains(keys(local.teams), each.team), key = "teams.${each.grant}", says = "there is no team ${each.team}" }],
  ) : "customers.${name}.${check.key}: ${check.says}" if check.bad]])

  # A role's name is unique in its account, whatever its path, and without regard to case.
  owners = {
    for each in flatten([for name, roles in local.roles : [for role in roles : { key = lower("${try(split(":", role.arn)[4], "")} ${reverse(split("/", role.arn))[0]}"), owner = "${name}.roles.${role.grant}" }]]) :
    each.key => each.owner...
  }
  shared = [for owners in values(local.owners) : "customers.${join(" and customers.", owners)}: one role belongs to one customer and one grant" if length(owners) > 1]

  problems = concat(local.file_problems, local.team_problems, local.customer_problems, local.shared)
}
