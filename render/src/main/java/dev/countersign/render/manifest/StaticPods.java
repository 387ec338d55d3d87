package dev.countersign.render.manifest;

import dev.countersign.common.name.IpFamily;
import dev.countersign.common.name.IpRange;
import dev.countersign.common.text.YamlText;
import dev.countersign.common.time.Durations;
import dev.countersign.render.spec.CloudProvider;
import dev.countersign.render.spec.ClusterSpec;
import dev.countersign.render.spec.ContainerImage;
import dev.countersign.render.template.Template;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** The control plane, as the kubelets of controllers run it from files. */
public final class StaticPods {
  private static final String PKI = "/etc/kubernetes/pki/";

  private StaticPods() {}

  /** File name to content. */
  public static Map<String, String> render(ClusterSpec spec) {
    Map<String, String> files = new TreeMap<>();
    files.put(
        "kube-apiserver.yaml",
        template("kube-apiserver", spec.image(ContainerImage.KUBE_APISERVER))
            .with("flags", YamlText.list(apiServerFlags(spec)))
            .render());
    files.put(
        "kube-controller-manager.yaml",
        template("kube-controller-manager", spec.image(ContainerImage.KUBE_CONTROLLER_MANAGER))
            .with("flags", YamlText.list(controllerManagerFlags(spec)))
            .with("loopback", loopback(spec))
            .render());
    files.put(
        "kube-scheduler.yaml",
        template("kube-scheduler", spec.image(ContainerImage.KUBE_SCHEDULER))
            .with("flags", YamlText.list(schedulerFlags()))
            .with("loopback", loopback(spec))
            .render());
    return files;
  }

  private static Template template(String name, String image) {
    return Template.resource(StaticPods.class, "static/" + name + ".yaml")
        .with("image", YamlText.scalar(image));
  }

  private static List<String> apiServerFlags(ClusterSpec spec) {
    List<String> flags = new ArrayList<>();
    flags.add("--advertise-address=$(POD_IP)");
    flags.add("--allow-privileged=true");
    flags.add("--anonymous-auth=false");
    flags.add("--authorization-mode=Node,RBAC");
    flags.add("--client-ca-file=" + PKI + "ca.crt");
    flags.add("--enable-admission-plugins=NodeRestriction");
    flags.add("--enable-bootstrap-token-auth=true");
    flags.add("--etcd-cafile=" + PKI + "etcd-client-ca.crt");
    flags.add("--etcd-certfile=" + PKI + "etcd-client.crt");
    flags.add("--etcd-keyfile=" + PKI + "etcd-client.key");
    flags.add(
        "--etcd-servers="
            + spec.etcdServers().stream()
                .map(host -> "https://" + host.inUrl() + ":2379")
                .collect(Collectors.joining(",")));
    flags.add("--kubelet-certificate-authority=" + PKI + "ca.crt");
    flags.add("--kubelet-client-certificate=" + PKI + "apiserver-kubelet-client.crt");
    flags.add("--kubelet-client-key=" + PKI + "apiserver-kubelet-client.key");
    flags.add("--kubelet-preferred-address-types=InternalIP,ExternalIP,Hostname");
    flags.add("--profiling=false");
    if (spec.enableAggregation()) {
      flags.add("--proxy-client-cert-file=" + PKI + "aggregation-client.crt");
      flags.add("--proxy-client-key-file=" + PKI + "aggregation-client.key");
      flags.add("--requestheader-allowed-names=aggregation-client");
      flags.add("--requestheader-client-ca-file=" + PKI + "aggregation-ca.crt");
      flags.add("--requestheader-extra-headers-prefix=X-Remote-Extra-");
      flags.add("--requestheader-group-headers=X-Remote-Group");
      flags.add("--requestheader-username-headers=X-Remote-User");
    }
    flags.add("--secure-port=6443");
    flags.add("--service-account-issuer=" + spec.serviceAccountIssuer());
    flags.add("--service-account-jwks-uri=" + spec.serviceAccountIssuer() + "/openid/v1/jwks");
    flags.add("--service-account-key-file=" + PKI + "service-account.pub");
    flags.add("--service-account-signing-key-file=" + PKI + "service-account.key");
    flags.add("--service-cluster-ip-range=" + ranges(spec.serviceCidrs()));
    flags.add("--tls-cert-file=" + PKI + "apiserver.crt");
    flags.add("--tls-private-key-file=" + PKI + "apiserver.key");
    return flags;
  }

  private static List<String> controllerManagerFlags(ClusterSpec spec) {
    List<String> flags = new ArrayList<>();
    flags.add("--allocate-node-cidrs=true");
    flags.add("--authentication-kubeconfig=" + PKI + "controller-manager.conf");
    flags.add("--authorization-kubeconfig=" + PKI + "controller-manager.conf");
    flags.add("--client-ca-file=" + PKI + "ca.crt");
    if (spec.cloudProvider() == CloudProvider.EXTERNAL) {
      flags.add("--cloud-provider=external");
    }
    flags.add("--cluster-cidr=" + ranges(spec.podCidrs()));
    flags.add("--cluster-signing-cert-file=" + PKI + "ca.crt");
    flags.add("--cluster-signing-duration=" + Durations.format(spec.kubeletCertificateDuration()));
    flags.add("--cluster-signing-key-file=" + PKI + "ca.key");
    flags.add("--configure-cloud-routes=false");
    flags.add("--controllers=*,tokencleaner");
    flags.add("--kubeconfig=" + PKI + "controller-manager.conf");
    flags.add("--leader-elect=true");
    flags.add("--profiling=false");
    flags.add("--root-ca-file=" + PKI + "ca.crt");
    flags.add("--service-account-private-key-file=" + PKI + "service-account.key");
    flags.add("--service-cluster-ip-range=" + ranges(spec.serviceCidrs()));
    flags.add("--use-service-account-credentials=true");
    return flags;
  }

  private static List<String> schedulerFlags() {
    return List.of(
        "--authentication-kubeconfig=" + PKI + "scheduler.conf",
        "--authorization-kubeconfig=" + PKI + "scheduler.conf",
        "--kubeconfig=" + PKI + "scheduler.conf",
        "--leader-elect=true",
        "--profiling=false");
  }

  static String ranges(List<IpRange> ranges) {
    return ranges.stream().map(IpRange::toString).collect(Collectors.joining(","));
  }

  private static String loopback(ClusterSpec spec) {
    return YamlText.quoted(
        spec.serviceCidrs().stream().anyMatch(range -> range.family() == IpFamily.IPV4)
            ? "127.0.0.1"
            : "::1");
  }
}
