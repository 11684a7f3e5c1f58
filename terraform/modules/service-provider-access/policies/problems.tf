# Every mistake in the customer's file and in the external IDs, by its key. An unread key would be a permission that
# somebody thinks is set, so unknown keys are mistakes too.
locals {
  known_keys = {
    file   = ["gatepass", "version", "account", "grants", "naming", "tags", "notify", "second_factor_store"]
    grant  = ["provider", "permissions", "custom_policy", "boundary", "second_factor", "principals", "window", "session", "source_ips", "require_source_identity", "customer_key", "seal_to", "offer", "role", "keeps_roles"]
    window = ["from", "until"]
    naming = ["org", "lifecycle", "location"]
  }
  account_digits = "^[0-9]{12}$"
  policy_arn     = "^arn:(aws|aws-cn|aws-us-gov):iam::([0-9]{12}|aws):policy/[!-~]{1,512}$"
  policy_name    = "^([A-Za-z0-9_+=,.@-]+/)*[A-Za-z0-9_+=,.@-]{1,128}$"
  unquoted       = "is not quoted, and YAML reads it as a number or a word of its own; put it in quotes"

  file_problems = [for check in concat(
    [for key in keys(local.written) : { bad = !contains(local.known_keys.file, key), key = key, says = "unknown key; use only: ${join(", ", sort(local.known_keys.file))}" }],
    [
      { bad = try(local.written.gatepass, "") != "customer", key = "gatepass", says = "this is not a customer's file, which begins with: gatepass: customer" },
      { bad = jsonencode(try(local.written.version, "")) != "1", key = "version", says = "this version is not known; write: version: 1" },
      { bad = !contains(keys(local.written), "account"), key = "account", says = "the account number is missing" },
      { bad = !startswith(jsonencode(try(local.written.account, "")), "\""), key = "account", says = local.unquoted },
      { bad = startswith(jsonencode(try(local.written.account, 0)), "\"") && !can(regex(local.account_digits, local.written.account)), key = "account", says = "an account number has exactly 12 digits" },
      { bad = length(local.grants) == 0, key = "grants", says = "no grant is written below it" },
      { bad = length(distinct([for name in keys(local.grants) : lower(name)])) < length(local.grants), key = "grants", says = "two names differ by case only, and IAM would take both for one role" },
      { bad = length(local.tags) > 40, key = "tags", says = "at most 40 tags" },
      { bad = try(local.written.naming != null && !can(keys(local.written.naming)), false), key = "naming", says = "write org, lifecycle and location below it" },
      { bad = try(!can(keys(local.written.tags)), false) && contains(keys(local.written), "tags"), key = "tags", says = "write keys and values below it" },
    ],
    [for key, value in local.tags : { bad = !startswith(jsonencode(value), "\""), key = "tags.${key}", says = local.unquoted }],
    [for key, value in local.tags : { bad = try(length(value) > 256, false), key = "tags.${key}", says = "IAM takes up to 256 characters" }],
    [for key in keys(local.tags) : { bad = !can(regex("^.{1,128}$", key)) || can(regex("^(?i:aws:)|^gatepass:", key)), key = "tags.${key}", says = "a key has 1 to 128 characters, and aws: and gatepass: are reserved" }],
    [for key in keys(local.naming) : { bad = !contains(local.known_keys.naming, key), key = "naming.${key}", says = "unknown key; use only: ${join(", ", local.known_keys.naming)}" }],
    [for key, value in local.naming : { bad = value != null && !can(regex("^[A-Za-z0-9]{1,12}$", value)), key = "naming.${key}", says = "a token has 1 to 12 letters and digits" }],
    [for key, value in local.naming : { bad = value != null && !startswith(jsonencode(value), "\""), key = "naming.${key}", says = local.unquoted }],
  ) : "${check.key}: ${check.says}" if check.bad]

  grant_problems = flatten([for name, grant in local.grants : [for check in concat(
    [for key in keys(grant) : { bad = !contains(local.known_keys.grant, key), key = key, says = "unknown key; use only: ${join(", ", sort(local.known_keys.grant))}" }],
    [for key, value in grant : { bad = value == null && !contains(["boundary", "window", "customer_key", "seal_to", "offer", "role"], key), key = key, says = "nothing is written behind it; leave the key out, or give a value" }],
    [
      { bad = !can(regex("^[A-Za-z][A-Za-z0-9-]{0,31}$", name)), key = "", says = "a grant's name has a letter, then letters, digits and hyphens, at most 32" },
      { bad = length(local.role_names[name]) > 64, key = "", says = "the role's name would have more than 64 characters; shorten the name or the naming tokens" },
      { bad = !can(keys(local.written.grants[name])), key = "", says = "write provider and permissions below it" },
      { bad = !contains(keys(grant), "provider"), key = "provider", says = "the provider is missing" },
      { bad = !startswith(jsonencode(try(grant.provider, "")), "\""), key = "provider", says = local.unquoted },
      { bad = can(regex("^[0-9]", try(grant.provider, ""))) && !can(regex(local.account_digits, local.providers[name])), key = "provider", says = "an account number has exactly 12 digits" },
      { bad = can(regex("^[^0-9]", try(grant.provider, ""))) && !can(local.known_as[lower(grant.provider)]), key = "provider", says = "no provider is known by this name; write its account number, or one of: ${join(", ", sort(keys(local.known_as)))}" },
      { bad = local.providers[name] == try(local.written.account, ""), key = "provider", says = "this is your own account; a provider acts from an account of its own" },
      { bad = length(try([for each in grant.permissions : each], [])) == 0 && !contains(keys(grant), "custom_policy"), key = "permissions", says = "this grant gives no permission; add permissions: [SecurityAudit] or a custom_policy" },
      { bad = contains(keys(grant), "permissions") && !startswith(jsonencode(try(grant.permissions, null)), "["), key = "permissions", says = "write a list: [SecurityAudit]" },
      { bad = contains(keys(grant), "custom_policy") && !can(jsondecode(local.custom_documents[name]).Statement), key = "custom_policy", says = "no policy with a Statement can be read here; name a JSON or YAML file beside ${basename(var.file)}, or write the policy itself" },
      { bad = !contains(["required", "none"], try(grant.second_factor, "required")), key = "second_factor", says = "write required or none" },
      { bad = try(grant.boundary, null) != null && !can(regex(local.policy_arn, grant.boundary)), key = "boundary", says = "a boundary is the ARN of a managed policy" },
      { bad = can(regex(local.policy_arn, try(grant.boundary, null))) && !contains(["aws", try(local.written.account, "")], try(split(":", grant.boundary)[4], "")), key = "boundary", says = "it stands in another account" },
      { bad = local.minutes[name] < 60 || local.minutes[name] > 720, key = "session", says = "write hours or minutes with their unit, from 1h to 12h" },
      { bad = contains(keys(grant), "require_source_identity") && !contains(["true", "false"], jsonencode(try(grant.require_source_identity, null))), key = "require_source_identity", says = "write true or false" },
      { bad = try(grant.window, null) != null && !can(keys(grant.window)), key = "window", says = "write from and until below it" },
      { bad = try(timecmp(local.instants[name].from, local.instants[name].until) >= 0, false), key = "window", says = "it ends before it begins" },
      { bad = try(grant.customer_key, null) != null && !can(regex("^\"[0-9A-Z]{8,32}\"$", jsonencode(grant.customer_key))), key = "customer_key", says = "a customer key has 8 to 32 capital letters and digits, in quotes" },
      { bad = try(grant.role, null) != null, key = "role", says = "Terraform makes its own roles and keeps no role that stands already; use gatepass apply for this grant" },
      { bad = try(grant.keeps_roles, false) != false, key = "keeps_roles", says = "Terraform does not keep the role by which it may enter itself; use gatepass apply for this grant" },
    ],
    [for index, word in try([for word in grant.permissions : word], []) : { bad = !startswith(jsonencode(word), "\"") || !(startswith(tostring(word), "arn:") ? can(regex(local.policy_arn, word)) : can(regex(local.policy_name, word))), key = "permissions[${index}]", says = "a policy is written by name, by path and name, or by ARN" }],
    [for index, word in try([for word in grant.principals : word], []) : { bad = !can(regex("^(role|user)/[A-Za-z0-9_+=,.@/*?-]{1,512}$", word)), key = "principals[${index}]", says = "write role/PATH/NAME or user/PATH/NAME; * and ? are allowed" }],
    [for key in ["principals", "source_ips"] : { bad = contains(keys(grant), key) && !startswith(jsonencode(try(grant[key], null)), "["), key = key, says = "write a list" }],
    [for key in try(keys(grant.window), []) : { bad = !contains(local.known_keys.window, key), key = "window.${key}", says = "unknown key; use only: from, until" }],
    [for end in ["from", "until"] : { bad = try(grant.window[end], null) != null && local.instants[name][end] == null, key = "window.${end}", says = "write an instant with its zone: 2026-11-27T18:00:00Z" }],
    [for index, network in local.networks[name] : { bad = try(cidrhost("${split("/", network)[0]}/${strcontains(network, ":") ? 128 : 32}", 0) != cidrhost(network, 0) || (!strcontains(network, ":") && split("/", network)[0] != cidrhost(network, 0)), true), key = "source_ips[${index}]", says = "write a range as address/bits, with zeros behind the bits: 203.0.113.0/24" }],
  ) : "grants.${name}${check.key == "" ? "" : "."}${check.key}: ${check.says}" if check.bad]])

  # Which grants have which external IDs may be told; what they are, never.
  counts = nonsensitive({ for name, ids in var.external_ids : name => length(ids) })
  id_problems = flatten([for name, count in local.counts : [for check in [
    { bad = !contains(keys(local.grants), name), says = "${basename(var.file)} has no grant of this name; it has: ${join(", ", keys(local.grants))}" },
    { bad = count > 2, says = "at most two: the new one first, then the old one" },
    { bad = count == 2 && !contains(keys(var.overlap_ends), name), says = "two external IDs: say in overlap_ends until when the second one opens" },
    { bad = nonsensitive(length(distinct(var.external_ids[name]))) < count, says = "the same external ID stands twice" },
    { bad = nonsensitive(!alltrue([for id in var.external_ids[name] : can(regex("^[A-Za-z0-9_+=,.@:/-]{2,}$", id)) && length(id) <= 1224])), says = "STS takes 2 to 1,224 letters, digits and _+=,.@:/- without spaces" },
    { bad = count > 0 && try(local.grants[name].second_factor, "required") == "none", says = "the file says second_factor: none for this grant; take the external ID out, or that line" },
  ] : "external_ids[\"${name}\"]: ${check.says}" if check.bad]])
  overlap_problems = flatten([for name, end in local.overlap_instants : [for check in [
    { bad = !contains(keys(local.grants), name), says = "${basename(var.file)} has no grant of this name" },
    { bad = end == null, says = "write an instant with its zone: 2026-11-27T18:00:00Z" },
  ] : "overlap_ends[\"${name}\"]: ${check.says}" if check.bad]])

  problems = concat(local.file_problems, local.grant_problems, local.id_problems, local.overlap_problems)
}
