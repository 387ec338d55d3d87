locals {
  # Names of components and images as the ClusterSpec has them.
  component_keys = {
    coredns    = "coredns"
    kube_proxy = "kubeProxy"
    flannel    = "flannel"
    approver   = "approver"
  }
  image_keys = {
    coredns                 = "coredns"
    flannel                 = "flannel"
    flannel_cni             = "flannelCni"
    kube_apiserver          = "kubeApiserver"
    kube_controller_manager = "kubeControllerManager"
    kube_scheduler          = "kubeScheduler"
    kube_proxy              = "kubeProxy"
    approver                = "approver"
  }
  spec = yamlencode(merge(
    {
      apiVersion            = "countersign.dev/v1alpha1"
      kind                  = "ClusterSpec"
      clusterName           = var.cluster_name
      apiServers            = var.api_servers
      externalApiserverPort = var.external_apiserver_port
      etcdServers           = var.etcd_servers
      networking            = var.networking
      podCidr               = var.pod_cidr
      serviceCidr           = var.service_cidr
      clusterDomainSuffix   = var.cluster_domain_suffix
      serviceAccountIssuer  = var.service_account_issuer
      cloudProvider         = var.cloud_provider == "external" ? "external" : "none"
      enableAggregation     = var.enable_aggregation
      daemonsetTolerations  = var.daemonset_tolerations
      bootstrapToken        = { expiresAfter = var.bootstrap_token_expires_after }
      components = merge(
        { enable = var.components.enable },
        {
          for name, key in local.component_keys : key => {
            enable = var.components[name] == null ? true : var.components[name].enable
          }
        },
      )
      containerImages = {
        for name, key in local.image_keys : key => var.container_images[name]
        if contains(keys(var.container_images), name)
      }
    },
    var.kubernetes_version == null ? {} : { kubernetesVersion = var.kubernetes_version },
  ))
}

# Renders when the spec changes. What exists, keys above all, stays as it is; destroying the resource
# deletes no file.
resource "terraform_data" "render" {
  input            = abspath(var.asset_dir)
  triggers_replace = [abspath(var.asset_dir), local.spec]

  provisioner "local-exec" {
    command = "umask 077 && mkdir -p \"$DIR\" && printf '%s' \"$SPEC\" >\"$DIR/cluster.yaml\" && \"$COUNTERSIGN\" render --spec \"$DIR/cluster.yaml\" --out \"$DIR\""
    environment = {
      COUNTERSIGN = var.countersign
      DIR         = abspath(var.asset_dir)
      SPEC        = local.spec
    }
  }
}

locals {
  # Known only once the files are rendered, so that nothing reads them before.
  assets = terraform_data.render.output
  distributed = toset(concat(
    tolist(fileset(local.assets, "auth/*.conf")),
    tolist(fileset(local.assets, "tls/{etcd,k8s}/*")),
    tolist(fileset(local.assets, "static-manifests/*.yaml")),
    tolist(fileset(local.assets, "manifests/**/*.yaml")),
  ))
}
