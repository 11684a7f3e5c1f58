variable "register" {
  description = "Path of the provider's file, the same customers.yml that Gatepass reads, or of a folder with provider.yml and a file for each customer."
  type        = string
}
