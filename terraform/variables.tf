variable "cluster_name" {
  type        = string
  description = "Name of the cluster, a DNS label"
}

variable "api_servers" {
  type        = list(string)
  description = "DNS names or addresses that reach kube-apiserver; kubeconfigs name the first"
}

variable "etcd_servers" {
  type        = list(string)
  description = "DNS names or addresses that reach etcd servers"
}

variable "asset_dir" {
  type        = string
  description = "Directory for the rendered files. It holds the cluster's keys: keep it, and keep it secret. What is there already, such as a CA, stays as it is"
}

# optional

variable "networking" {
  type        = string
  description = "flannel, or none to bring a network provider, such as cilium's own release"
  default     = "flannel"
  validation {
    condition     = contains(["flannel", "none"], var.networking)
    error_message = "networking must be flannel or none; for cilium set none and install its own release."
  }
}

variable "pod_cidr" {
  type        = string
  description = "Range of addresses for pods"
  default     = "10.20.0.0/14"
}

variable "service_cidr" {
  type        = string
  description = "Range of addresses for Services; the 1st is the API server's, the 10th cluster DNS's"
  default     = "10.3.0.0/24"
}

variable "container_images" {
  type        = map(string)
  description = "Images in place of the defaults: coredns, flannel, flannel_cni, kube_apiserver, kube_controller_manager, kube_scheduler, kube_proxy, approver. Others are ignored"
  default     = {}
}

variable "enable_aggregation" {
  type        = bool
  description = "Whether kube-apiserver passes requests on to extension API servers"
  default     = true
}

variable "daemonset_tolerations" {
  type        = list(string)
  description = "Keys of taints that kube-proxy and flannel tolerate beside the usual ones"
  default     = []
}

variable "external_apiserver_port" {
  type        = number
  description = "Port by which api_servers are reached"
  default     = 6443
}

variable "cluster_domain_suffix" {
  type        = string
  description = "Suffix of the names that cluster DNS answers"
  default     = "cluster.local"
}

variable "components" {
  description = "Which components to render; all but those with enable = false"
  type = object({
    enable     = optional(bool, true)
    coredns    = optional(object({ enable = optional(bool, true) }))
    kube_proxy = optional(object({ enable = optional(bool, true) }))
    flannel    = optional(object({ enable = optional(bool, true) }))
    approver   = optional(object({ enable = optional(bool, true) }))
  })
  default  = {}
  nullable = false
}

variable "service_account_issuer" {
  type        = string
  description = "Issuer of service account tokens, an https URL"
  default     = "https://kubernetes.default.svc.cluster.local"
}

variable "cloud_provider" {
  type        = string
  description = "external where a cloud controller manager runs"
  default     = null
}

# not in terraform-render-bootstrap

variable "kubernetes_version" {
  type        = string
  description = "Release of Kubernetes, as vX.Y.Z; countersign's default where it is null"
  default     = null
}

variable "bootstrap_token_expires_after" {
  type        = string
  description = "How long machines can join with the bootstrap token, such as 24h; never for groups that grow"
  default     = "never"
}

variable "countersign" {
  type        = string
  description = "The countersign command: a path, or a name on PATH"
  default     = "countersign"
}
