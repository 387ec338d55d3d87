package dev.countersign.render.spec;

import dev.countersign.common.kubernetes.KubernetesRelease;
import dev.countersign.common.kubernetes.KubernetesVersion;
import dev.countersign.common.name.DnsName;
import dev.countersign.common.name.IpRange;
import dev.countersign.common.text.SafeText;
import dev.countersign.common.time.Durations;
import dev.countersign.render.network.Host;
import dev.countersign.render.spec.FieldReader.Scalar;
import java.io.StringReader;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.Node;

/** Reads a spec and collects everything that is wrong with it. */
final class SpecParser {
  /** Characters. SnakeYAML takes time that grows with the square of one long word. */
  private static final int LONGEST = 1024 * 1024;

  static final String API_VERSION = "countersign.dev/v1alpha1";
  static final String KIND = "ClusterSpec";

  private static final Pattern GROUP =
      Pattern.compile("system:bootstrappers:[a-z0-9:-]{0,255}[a-z0-9]");
  private final List<SpecProblem> problems = new ArrayList<>();

  private final Optional<String> kubeletImage;

  private SpecParser(Optional<String> kubeletImage) {
    this.kubeletImage = kubeletImage;
  }

  static SpecReading parse(String yaml, Optional<String> kubeletImage) {
    return new SpecParser(kubeletImage).read(yaml);
  }

  private SpecReading read(String yaml) {
    if (yaml.length() > LONGEST) {
      return rejected(
          new SpecProblem(
              OptionalInt.empty(),
              "",
              yaml.length() + " characters",
              "at most " + LONGEST,
              Optional.empty()));
    }
    LoaderOptions options = new LoaderOptions();
    options.setMaxAliasesForCollections(0);
    options.setNestingDepthLimit(20);
    options.setCodePointLimit(LONGEST);
    Node root;
    try {
      root = new Yaml(options).compose(new StringReader(yaml));
    } catch (MarkedYAMLException e) {
      OptionalInt line =
          e.getProblemMark() == null
              ? OptionalInt.empty()
              : OptionalInt.of(e.getProblemMark().getLine() + 1);
      return rejected(
          new SpecProblem(
              line, "", SafeText.quote(String.valueOf(e.getProblem())), "YAML", Optional.empty()));
    } catch (YAMLException e) {
      return rejected(
          new SpecProblem(
              OptionalInt.empty(),
              "",
              SafeText.quote(String.valueOf(e.getMessage())),
              "YAML",
              Optional.empty()));
    }
    if (root == null) {
      return rejected(
          new SpecProblem(
              OptionalInt.empty(),
              "",
              "an empty document",
              "kind: " + KIND,
              Optional.of("`countersign render --init` writes one to start from")));
    }
    FieldReader fields = FieldReader.of(root, "", problems);
    ClusterSpec spec = cluster(fields);
    if (spec == null || !problems.isEmpty()) {
      problems.sort(
          Comparator.comparingInt((SpecProblem problem) -> problem.line().orElse(0))
              .thenComparing(SpecProblem::path));
      return new SpecReading.Rejected(problems.stream().distinct().toList());
    }
    return new SpecReading.Valid(spec);
  }

  private static SpecReading rejected(SpecProblem problem) {
    return new SpecReading.Rejected(List.of(problem));
  }

  private @Nullable ClusterSpec cluster(FieldReader fields) {
    SpecFields.constant(fields, "apiVersion", API_VERSION);
    SpecFields.constant(fields, "kind", KIND);
    Optional<String> name =
        SpecFields.required(fields, "clusterName", SpecFields.LABEL, SpecFields.LABEL_WANT);
    KubernetesRelease release = VersionRules.release(fields);
    List<Host> apiServers = SpecFields.hosts(fields, "apiServers");
    int port = SpecFields.number(fields, "externalApiserverPort", 6443, 1, 65535);
    List<Host> etcdServers = SpecFields.hosts(fields, "etcdServers");
    Networking networking = networking(fields);
    List<IpRange> podCidrs = SpecFields.cidrs(fields, "podCidr", "10.20.0.0/14");
    List<IpRange> serviceCidrs = SpecFields.cidrs(fields, "serviceCidr", "10.3.0.0/24");
    DnsName suffix =
        fields
            .scalar("clusterDomainSuffix")
            .flatMap(
                scalar -> {
                  Optional<DnsName> parsed = Host.dnsName(scalar.text());
                  if (parsed.isEmpty()) {
                    fields.problem(scalar, "a DNS name such as cluster.local");
                  }
                  return parsed;
                })
            .orElse(DnsName.of("cluster.local"));
    String issuer =
        fields
            .scalar("serviceAccountIssuer")
            .filter(scalar -> SpecFields.issuer(fields, scalar))
            .map(Scalar::text)
            .orElse("https://kubernetes.default.svc." + suffix);
    CloudProvider cloudProvider =
        SpecFields.choice(
            fields,
            "cloudProvider",
            CloudProvider.NONE,
            Map.of("none", CloudProvider.NONE, "external", CloudProvider.EXTERNAL));
    boolean aggregation = SpecFields.flag(fields, "enableAggregation", true);
    List<String> tolerations =
        SpecFields.texts(
            fields,
            "daemonsetTolerations",
            SpecFields.QUALIFIED,
            "the key of a taint, such as gpu-role");
    Set<Component> components = components(fields.mapping("components"), networking);
    FieldReader imageFields = fields.mapping("containerImages");
    Map<ContainerImage, String> images = images(imageFields);
    KubernetesVersion apiServer = VersionRules.apiServer(release, images);
    VersionRules.skew(imageFields, apiServer);
    VersionRules.skewOfApiServer(imageFields, release, apiServer);
    PkiSpec pki = PkiParser.pki(fields.mapping("pki"));
    Duration kubeletDuration =
        SpecFields.duration(fields, "kubeletCertificateDuration", Duration.ofDays(3));
    if (kubeletDuration.compareTo(Duration.ofMinutes(10)) < 0) {
      fields.problem(
          "kubeletCertificateDuration",
          Durations.format(kubeletDuration),
          "at least 10m, the shortest that Kubernetes signs");
    }
    BootstrapTokenSpec token = token(fields.mapping("bootstrapToken"));
    JoinMode join =
        SpecFields.choice(
            fields,
            "join",
            JoinMode.OPEN,
            Map.of(JoinMode.OPEN.key(), JoinMode.OPEN, JoinMode.STRICT.key(), JoinMode.STRICT));
    Optional<NodesSpec> nodes =
        fields.has("nodes")
            ? NodesParser.nodes(fields.mapping("nodes"), etcdServers, apiServer, kubeletImage)
            : Optional.empty();
    fields.refuseUnknown();
    if (kubeletImage.isPresent() && !fields.has("nodes")) {
      fields.missing("nodes", "the machines, as --kubelet-image is for their units");
    }
    SpecRules.ranges(fields, podCidrs, serviceCidrs);
    SpecRules.addresses(fields, "apiServers", apiServers, podCidrs, serviceCidrs);
    SpecRules.addresses(fields, "etcdServers", etcdServers, podCidrs, serviceCidrs);
    if (!problems.isEmpty() || name.isEmpty()) {
      return null;
    }
    return new ClusterSpec(
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
        nodes);
  }

  private Networking networking(FieldReader fields) {
    Optional<Scalar> scalar = fields.scalar("networking");
    if (scalar.isPresent() && scalar.get().text().equals("cilium")) {
      fields.problem(
          scalar.get(),
          "flannel or none",
          Optional.of(
              "countersign renders no cilium manifests; set none and install cilium's own"
                  + " release"));
      return Networking.NONE;
    }
    return SpecFields.choice(
        fields,
        "networking",
        Networking.FLANNEL,
        Map.of("flannel", Networking.FLANNEL, "none", Networking.NONE));
  }

  private Set<Component> components(FieldReader fields, Networking networking) {
    boolean all = SpecFields.flag(fields, "enable", true);
    Set<Component> result = EnumSet.noneOf(Component.class);
    for (Component component : Component.values()) {
      FieldReader nested = fields.mapping(component.key());
      boolean enabled = SpecFields.flag(nested, "enable", true);
      nested.refuseUnknown();
      if (all && enabled && (component != Component.FLANNEL || networking == Networking.FLANNEL)) {
        result.add(component);
      }
    }
    fields.refuseUnknown();
    return result;
  }

  private Map<ContainerImage, String> images(FieldReader fields) {
    Map<ContainerImage, String> result = new EnumMap<>(ContainerImage.class);
    for (ContainerImage image : ContainerImage.values()) {
      fields
          .scalar(image.key())
          .flatMap(scalar -> SpecFields.image(fields, scalar))
          .ifPresent(text -> result.put(image, text));
    }
    fields.refuseUnknown();
    return result;
  }

  private BootstrapTokenSpec token(FieldReader fields) {
    Optional<Duration> expires =
        fields
            .scalar("expiresAfter")
            .filter(scalar -> !scalar.text().equals("never"))
            .flatMap(scalar -> SpecFields.duration(fields, scalar));
    String description =
        fields
            .scalar("description")
            .filter(
                scalar -> {
                  boolean plain =
                      scalar.text().length() <= 200
                          && scalar.text().chars().allMatch(c -> c >= ' ' && c < 127);
                  if (!plain) {
                    fields.problem(scalar, "at most 200 printable ASCII characters");
                  }
                  return plain;
                })
            .map(Scalar::text)
            .orElse("bootstraps kubelets of the rendered cluster");
    List<String> groups =
        SpecFields.texts(
            fields, "extraGroups", GROUP, "a group such as system:bootstrappers:workers");
    fields.refuseUnknown();
    return new BootstrapTokenSpec(expires, description, groups);
  }
}
