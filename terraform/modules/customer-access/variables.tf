variable "register" {
  description = "Path of your customers.yml, the same file that Gatepass reads, or of a folder with provider.yml and a file for each customer."
  type        = string
}
