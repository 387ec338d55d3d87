output "cluster_dns_service_ip" {
  value = cidrhost(var.service_cidr, 10)
}

# The bootstrap kubeconfig, /etc/kubernetes/kubeconfig on machines.
output "kubeconfig-kubelet" {
  value     = file("${local.assets}/auth/kubeconfig-bootstrap")
  sensitive = true
}

output "kubeconfig-admin" {
  value     = file("${local.assets}/auth/admin.conf")
  sensitive = true
}

# What controllers get: path => content.
output "assets_dist" {
  value     = { for name in local.distributed : name => file("${local.assets}/${name}") }
  sensitive = true
}

output "etcd_ca_cert" {
  value     = file("${local.assets}/tls/etcd/etcd-client-ca.crt")
  sensitive = true
}

output "etcd_client_cert" {
  value     = file("${local.assets}/tls/etcd/etcd-client.crt")
  sensitive = true
}

output "etcd_client_key" {
  value     = file("${local.assets}/tls/etcd/etcd-client.key")
  sensitive = true
}

output "etcd_server_cert" {
  value     = file("${local.assets}/tls/etcd/server.crt")
  sensitive = true
}

output "etcd_server_key" {
  value     = file("${local.assets}/tls/etcd/server.key")
  sensitive = true
}

output "etcd_peer_cert" {
  value     = file("${local.assets}/tls/etcd/peer.crt")
  sensitive = true
}

output "etcd_peer_key" {
  value     = file("${local.assets}/tls/etcd/peer.key")
  sensitive = true
}

output "service_account_public_key" {
  value = file("${local.assets}/tls/k8s/service-account.pub")
}
