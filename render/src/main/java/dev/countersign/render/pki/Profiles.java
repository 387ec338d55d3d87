package dev.countersign.render.pki;

import dev.countersign.common.name.DnsName;
import dev.countersign.common.name.IpAddress;
import dev.countersign.render.network.Host;
import dev.countersign.render.spec.AuthorityName;
import dev.countersign.render.spec.CertificateName;
import dev.countersign.render.spec.ClusterSpec;
import dev.countersign.x509.authority.CertificateProfile;
import dev.countersign.x509.request.DistinguishedName;
import dev.countersign.x509.request.SubjectAltName;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;

/** What each certificate of a cluster says. */
final class Profiles {
  private Profiles() {}

  static CertificateProfile authority(AuthorityName name, ClusterSpec spec) {
    String commonName =
        switch (name) {
          case KUBERNETES -> "kubernetes-ca";
          case ETCD -> "etcd-ca";
          case AGGREGATION -> "aggregation-ca";
        };
    return CertificateProfile.authority(
        DistinguishedName.of(List.of(spec.clusterName()), commonName),
        spec.pki().authorityValidity());
  }

  static AuthorityName issuer(CertificateName name) {
    return switch (name) {
      case APISERVER, APISERVER_KUBELET_CLIENT, ADMIN, CONTROLLER_MANAGER, SCHEDULER ->
          AuthorityName.KUBERNETES;
      case ETCD_CLIENT, ETCD_SERVER, ETCD_PEER -> AuthorityName.ETCD;
      case AGGREGATION_CLIENT -> AuthorityName.AGGREGATION;
    };
  }

  static CertificateProfile leaf(CertificateName name, ClusterSpec spec) {
    Duration validity = spec.pki().validityOf(name);
    return switch (name) {
      case APISERVER ->
          CertificateProfile.server(named("kube-apiserver"), apiServer(spec), validity);
      // No group: its rights are those of one ClusterRoleBinding, to system:kubelet-api-admin.
      case APISERVER_KUBELET_CLIENT ->
          CertificateProfile.client(named("kube-apiserver-kubelet-client"), validity);
      case AGGREGATION_CLIENT -> CertificateProfile.client(named("aggregation-client"), validity);
      case ADMIN ->
          CertificateProfile.client(
              DistinguishedName.of(List.of("system:masters"), "kubernetes-admin"), validity);
      case CONTROLLER_MANAGER ->
          CertificateProfile.client(named("system:kube-controller-manager"), validity);
      case SCHEDULER -> CertificateProfile.client(named("system:kube-scheduler"), validity);
      case ETCD_CLIENT -> CertificateProfile.client(etcd("etcd-client"), validity);
      // A client, too: etcd's gRPC gateway calls its own listener with the server's certificate.
      case ETCD_SERVER ->
          CertificateProfile.serverAndClient(etcd("etcd-server"), etcdServer(spec), validity);
      case ETCD_PEER ->
          CertificateProfile.serverAndClient(etcd("etcd-peer"), sans(spec.etcdServers()), validity);
    };
  }

  private static DistinguishedName named(String commonName) {
    return DistinguishedName.of(List.of(), commonName);
  }

  private static DistinguishedName etcd(String commonName) {
    return DistinguishedName.of(List.of("etcd"), commonName);
  }

  private static List<SubjectAltName> apiServer(ClusterSpec spec) {
    List<Host> hosts = new ArrayList<>(spec.apiServers());
    for (String name :
        List.of(
            "kubernetes",
            "kubernetes.default",
            "kubernetes.default.svc",
            "kubernetes.default.svc." + spec.clusterDomainSuffix())) {
      hosts.add(new Host(DnsName.of(name)));
    }
    spec.apiServerServiceIps().forEach(address -> hosts.add(new Host(address)));
    return sans(hosts);
  }

  private static List<SubjectAltName> etcdServer(ClusterSpec spec) {
    List<Host> hosts = new ArrayList<>(spec.etcdServers());
    for (String local : List.of("localhost", "127.0.0.1", "::1")) {
      hosts.add(Host.parse(local).orElseThrow());
    }
    return sans(hosts);
  }

  private static List<SubjectAltName> sans(List<Host> hosts) {
    List<SubjectAltName> result = new ArrayList<>();
    for (Host host : new LinkedHashSet<>(hosts)) {
      result.add(
          switch (host.value()) {
            case DnsName name -> new SubjectAltName.Dns(name.text());
            case IpAddress address -> new SubjectAltName.Ip(address.bytes());
          });
    }
    return result;
  }
}
