variable "file" {
  description = "Path of the customer's file, the same access.yml that Gatepass reads."
  type        = string
}

variable "external_ids" {
  description = "The external IDs by grant: one opens, two during an overlap (the new one first), none closes."
  type        = map(list(string))
  default     = {}
  sensitive   = true
}

variable "overlap_ends" {
  description = "Until when the second external ID of a grant opens, such as 2026-11-27T18:00:00Z; a grant with two has to have it."
  type        = map(string)
  default     = {}
}

variable "partition" {
  description = "The partition of the account: aws, aws-cn or aws-us-gov."
  type        = string
  default     = "aws"
}
