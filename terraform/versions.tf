# terraform_data is built in: the module needs no provider from a registry.
terraform {
  required_version = ">= 1.4"
}
