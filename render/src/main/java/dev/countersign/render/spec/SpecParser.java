package dev.countersign.render.spec;

import dev.countersign.common.ParseError;
import dev.countersign.common.ParseResult;
import dev.countersign.common.document.ApiVersions;
import dev.countersign.common.document.Documents;
import dev.countersign.common.document.Fields;
import dev.countersign.common.kubernetes.KubernetesRelease;
import dev.countersign.common.kubernetes.KubernetesVersion;
import dev.countersign.common.name.DnsName;
import dev.countersign.common.name.IpRange;
import dev.countersign.common.time.Durations;
import dev.countersign.render.network.Host;
import java.time.Duration;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** Reads a spec and collects everything that is wrong with it. */
final class SpecParser {
  static final String KIND = "ClusterSpec";

  private static final Pattern GROUP =
      Pattern.compile("system:bootstrappers:[a-z0-9:-]{0,255}[a-z0-9]");

  private SpecParser() {}

  static ParseResult<ClusterSpec> parse(String yaml, Optional<String> kubeletImage) {
    if (yaml.length() <= Documents.LONGEST_SETTINGS
        && yaml.lines().allMatch(line -> line.isBlank() || line.startsWith("#"))) {
      return ParseResult.refused(
          new ParseError("file", "an empty document", "kind: " + KIND)
              .then("`countersign render --init` writes one to start from"));
    }
    return Fields.read(yaml, Documents.LONGEST_SETTINGS, fields -> cluster(fields, kubeletImage));
  }

  private static Optional<ClusterSpec> cluster(Fields fields, Optional<String> kubeletImage) {
    fields.constant("apiVersion", ApiVersions.V1ALPHA1);
    fields.constant("kind", KIND);
    Optional<String> name =
        SpecFields.required(fields, "clusterName", SpecFields.LABEL, SpecFields.LABEL_WANT);
    KubernetesRelease release = VersionRules.release(fields);
    List<Host> apiServers = SpecFields.hosts(fields, "apiServers");
    int port = fields.number("externalApiserverPort", 1, 65535).orElse(6443);
    List<Host> etcdServers = SpecFields.hosts(fields, "etcdServers");
    Networking networking = networking(fields);
    List<IpRange> podCidrs = SpecFields.cidrs(fields, "podCidr", "10.20.0.0/14");
    List<IpRange> serviceCidrs = SpecFields.cidrs(fields, "serviceCidr", "10.3.0.0/24");
    DnsName suffix =
        fields
            .parsed("clusterDomainSuffix", "a DNS name such as cluster.local", Host::dnsName)
            .orElse(DnsName.of("cluster.local"));
    String issuer =
        fields
            .parsed(
                "serviceAccountIssuer",
                "an https URL without query and fragment",
                Fields.matching(SpecFields::isIssuer))
            .orElse("https://kubernetes.default.svc." + suffix);
    CloudProvider cloudProvider =
        fields
            .choice("cloudProvider", List.of(CloudProvider.values()), SpecFields::word)
            .orElse(CloudProvider.NONE);
    boolean aggregation = fields.truth("enableAggregation").orElse(true);
    List<String> tolerations =
        SpecFields.texts(
            fields,
            "daemonsetTolerations",
            SpecFields.QUALIFIED,
            "the key of a taint, such as gpu-role");
    Set<Component> components = components(fields.child("components"), networking);
    Fields imageFields = fields.child("containerImages");
    Map<ContainerImage, String> images = images(imageFields);
    KubernetesVersion apiServer = VersionRules.apiServer(release, images);
    VersionRules.skew(imageFields, images, apiServer);
    VersionRules.skewOfApiServer(imageFields, images, release, apiServer);
    PkiSpec pki = PkiParser.pki(fields.child("pki"));
    Duration kubeletDuration =
        SpecFields.duration(fields, "kubeletCertificateDuration", Duration.ofDays(3));
    if (kubeletDuration.compareTo(Duration.ofMinutes(10)) < 0) {
      fields.wrong(
          "kubeletCertificateDuration",
          Durations.format(kubeletDuration),
          "at least 10m, the shortest that Kubernetes signs");
    }
    BootstrapTokenSpec token = token(fields.child("bootstrapToken"));
    JoinMode join =
        fields.choice("join", List.of(JoinMode.values()), JoinMode::key).orElse(JoinMode.OPEN);
    Optional<NodesSpec> nodes =
        fields.has("nodes")
            ? NodesParser.nodes(fields.child("nodes"), etcdServers, apiServer, kubeletImage)
            : Optional.empty();
    if (kubeletImage.isPresent() && !fields.has("nodes")) {
      fields.missing("nodes", "the machines, as --kubelet-image is for their units");
    }
    SpecRules.ranges(fields, podCidrs, serviceCidrs);
    nodes.ifPresent(machines -> NodeIpRules.check(fields, machines, podCidrs, serviceCidrs));
    SpecRules.addresses(fields, "apiServers", apiServers, podCidrs, serviceCidrs);
    SpecRules.addresses(fields, "etcdServers", etcdServers, podCidrs, serviceCidrs);
    if (fields.errorCount() > 0 || name.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new ClusterSpec(
            name.get(),
            release,
            apiServers,
            port,
            etcdServers,
            networking,
            podCidrs,
            serviceCidrs,
            suffix,
            issuer,
            cloudProvider,
            aggregation,
            tolerations,
            components,
            images,
            pki,
            kubeletDuration,
            token,
            join,
            nodes));
  }

  private static Networking networking(Fields fields) {
    Optional<String> written = fields.text("networking", "flannel or none");
    if (written.isEmpty()) {
      return Networking.FLANNEL;
    }
    if (written.get().equals("cilium")) {
      fields.wrong(
          "networking",
          "\"cilium\"",
          "flannel or none",
          "countersign renders no cilium manifests; set none and install cilium's own release");
      return Networking.NONE;
    }
    return fields
        .choice("networking", List.of(Networking.values()), SpecFields::word)
        .orElse(Networking.FLANNEL);
  }

  private static Set<Component> components(Fields fields, Networking networking) {
    boolean all = fields.truth("enable").orElse(true);
    Set<Component> result = EnumSet.noneOf(Component.class);
    for (Component component : Component.values()) {
      Fields nested = fields.child(component.key());
      boolean enabled = nested.truth("enable").orElse(true);
      nested.end();
      if (all && enabled && (component != Component.FLANNEL || networking == Networking.FLANNEL)) {
        result.add(component);
      }
    }
    fields.end();
    return result;
  }

  private static Map<ContainerImage, String> images(Fields fields) {
    Map<ContainerImage, String> result = new EnumMap<>(ContainerImage.class);
    for (ContainerImage image : ContainerImage.values()) {
      SpecFields.image(fields, image.key()).ifPresent(text -> result.put(image, text));
    }
    fields.end();
    return result;
  }

  private static BootstrapTokenSpec token(Fields fields) {
    Optional<Duration> expires = SpecFields.durationOrNever(fields, "expiresAfter");
    String description =
        fields
            .parsed(
                "description",
                "at most 200 printable ASCII characters",
                text ->
                    Optional.of(text)
                        .filter(
                            each ->
                                each.length() <= 200
                                    && each.chars().allMatch(c -> c >= ' ' && c < 127)))
            .orElse("bootstraps kubelets of the rendered cluster");
    List<String> groups =
        SpecFields.texts(
            fields, "extraGroups", GROUP, "a group such as system:bootstrappers:workers");
    fields.end();
    return new BootstrapTokenSpec(expires, description, groups);
  }
}
