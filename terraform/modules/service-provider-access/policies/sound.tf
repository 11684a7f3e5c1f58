# The grants with every default filled in; none at all while anything is wrong.
locals {
  sound = {
    for name, grant in local.grants : name => {
      provider                = local.providers[name]
      permissions             = [for word in try(grant.permissions, []) : word]
      boundary                = try(grant.boundary, null)
      needs_second_factor     = try(grant.second_factor, "required") == "required"
      principals              = [for word in try(grant.principals, []) : "arn:${var.partition}:iam::${local.providers[name]}:${word}"]
      from                    = local.instants[name].from
      until                   = local.instants[name].until
      networks                = [for network in local.networks[name] : cidrsubnet(network, 0, 0)]
      require_source_identity = try(grant.require_source_identity, false)
      session_seconds         = local.minutes[name] * 60
      overlap_end             = try(local.overlap_instants[name], null)
      count                   = lookup(local.counts, name, 0)
      is_closed = (
        try(grant.second_factor, "required") == "required" ? lookup(local.counts, name, 0) == 0 : contains(keys(local.counts), name)
      )
    } if length(local.problems) == 0
  }
  # The provider's part of an external ID of the form gp1.<customer key>.<code> is no secret.
  customer_keys = {
    for name, grant in local.sound : name => nonsensitive(try(
      coalesce(local.grants[name].customer_key),
      regex("^gp1[.]([^.]+)[.][^.]+$", var.external_ids[name][0])[0],
      null
    ))
  }
  role_tags = {
    for name, grant in local.sound : name => merge(local.tags, {
      for key, value in {
        "gatepass:grant"        = name
        "gatepass:provider"     = grant.provider
        "gatepass:engine"       = "terraform"
        "gatepass:customer-key" = local.customer_keys[name]
        "gatepass:declared" = substr(sha256(jsonencode({
          account = local.written.account, role = local.role_names[name], tags = local.tags, grant = local.grants[name], custom_policy = local.custom_documents[name]
        })), 0, 32)
      } : key => value if value != null
    })
  }
}
