# The customer's file as it is written. Nothing here fails on a wrong file: problems.tf says what is wrong with it.
locals {
  raw      = yamldecode(file(var.file))
  written  = try({ for key, value in local.raw : key => value }, {})
  grants   = try({ for name, grant in local.written.grants : name => try({ for key, value in grant : key => value }, {}) }, {})
  naming   = try({ for key, value in local.written.naming : key => value }, {})
  tags     = try({ for key, value in local.written.tags : key => value }, {})
  tokens   = compact([for token in ["org", "lifecycle", "location"] : try(tostring(local.naming[token]), "")])
  known_as = jsondecode(file("${path.module}/known_providers.json"))

  providers = { for name, grant in local.grants : name => try(local.known_as[lower(grant.provider)], tostring(grant.provider), "") }
  role_names = {
    for name, grant in local.grants : name =>
    length(local.tokens) > 0 ? "${upper(join("-", local.tokens))}-ServiceProvider-${name}" : "ServiceProvider-${local.providers[name]}-${name}"
  }

  # Instants in UTC: date, hour and minute, second, and the offset to take away.
  instant = "^([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt ]([0-9]{2}:[0-9]{2})(:[0-9]{2})?(?:[Zz]|([+-])([0-9]{2}):([0-9]{2}))$"
  instants = {
    for name, grant in local.grants : name => {
      for end in ["from", "until"] : end => try([
        for part in [regex(local.instant, tostring(grant.window[end]))] :
        timeadd("${part[0]}T${part[1]}${part[2] == null ? ":00" : part[2]}Z", part[3] == null ? "0s" : "${part[3] == "+" ? "-" : ""}${part[4]}h${part[5]}m")
      ][0], null)
    }
  }
  overlap_instants = {
    for name, end in var.overlap_ends : name => try([
      for part in [regex(local.instant, end)] :
      timeadd("${part[0]}T${part[1]}${part[2] == null ? ":00" : part[2]}Z", part[3] == null ? "0s" : "${part[3] == "+" ? "-" : ""}${part[4]}h${part[5]}m")
    ][0], null)
  }

  minutes = {
    for name, grant in local.grants : name =>
    contains(keys(grant), "session") ? try(tonumber(regex("^([0-9]{1,4})[mh]$", grant.session)[0]) * (endswith(grant.session, "h") ? 60 : 1), 0) : 60
  }

  # An address without bits is one address.
  networks = {
    for name, grant in local.grants : name => [
      for network in try([for network in grant.source_ips : tostring(network)], []) :
      strcontains(network, "/") ? network : "${network}/${strcontains(network, ":") ? 128 : 32}"
    ]
  }

  # A policy of the customer's own as JSON: a file beside the customer's, or the document itself.
  custom_policies = {
    for name, grant in local.grants : name => try(
      can(keys(grant.custom_policy)) ? jsonencode(grant.custom_policy)
      : can(regex("[.]ya?ml$", grant.custom_policy)) ? jsonencode(yamldecode(file("${dirname(var.file)}/${grant.custom_policy}")))
      : jsonencode(jsondecode(file("${dirname(var.file)}/${grant.custom_policy}"))),
      null
    )
  }
  # YAML reads an unquoted Version as a date with a time.
  custom_documents = {
    for name, text in local.custom_policies : name =>
    try(jsonencode(merge(jsondecode(text), { Version = substr(jsondecode(text).Version, 0, 10) })), text)
  }
}
