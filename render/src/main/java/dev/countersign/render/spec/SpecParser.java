package dev.countersign.render.spec;

import dev.countersign.common.name.DnsName;
import dev.countersign.common.name.IpRange;
import dev.countersign.common.text.SafeText;
import dev.countersign.common.text.Suggestion;
import dev.countersign.common.time.Durations;
import dev.countersign.render.network.Host;
import dev.countersign.render.spec.FieldReader.Scalar;
import dev.countersign.render.spec.NodesSpec.NodeSpec;
import dev.countersign.render.spec.PkiSpec.AuthorityFiles;
import dev.countersign.x509.key.KeySpec;
import java.io.StringReader;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
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

  private static final Pattern LABEL = Pattern.compile("[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?");
  private static final String LABEL_WANT =
      "1 to 63 lower-case letters, digits or hyphens, a letter or digit at both ends";
  private static final Pattern QUALIFIED =
      Pattern.compile(
          "(?:[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?/)?"
              + "[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?");
  private static final Pattern LABEL_VALUE =
      Pattern.compile("(?:[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?)?");
  private static final Pattern GROUP =
      Pattern.compile("system:bootstrappers:[a-z0-9:-]{0,255}[a-z0-9]");
  private static final Pattern SSH_KEY =
      Pattern.compile(
          "(?:ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(?:256|384|521)|sk-ssh-ed25519@openssh\\.com"
              + "|sk-ecdsa-sha2-nistp256@openssh\\.com) [A-Za-z0-9+/]+={0,2}(?: [\\x20-\\x7e]*)?");

  /** Certificates end before the year 10000 (RFC 5280, section 4.1.2.5). */
  private static final Duration LONGEST_DURATION = Duration.ofDays(1_000_000);

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
    constant(fields, "apiVersion", API_VERSION);
    constant(fields, "kind", KIND);
    Optional<String> name = required(fields, "clusterName", LABEL, LABEL_WANT);
    List<Host> apiServers = hosts(fields, "apiServers");
    int port = number(fields, "externalApiserverPort", 6443, 1, 65535);
    List<Host> etcdServers = hosts(fields, "etcdServers");
    Networking networking = networking(fields);
    List<IpRange> podCidrs = cidrs(fields, "podCidr", "10.20.0.0/14");
    List<IpRange> serviceCidrs = cidrs(fields, "serviceCidr", "10.3.0.0/24");
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
            .filter(scalar -> issuer(fields, scalar))
            .map(Scalar::text)
            .orElse("https://kubernetes.default.svc." + suffix);
    CloudProvider cloudProvider =
        choice(
            fields,
            "cloudProvider",
            CloudProvider.NONE,
            Map.of("none", CloudProvider.NONE, "external", CloudProvider.EXTERNAL));
    boolean aggregation = flag(fields, "enableAggregation", true);
    List<String> tolerations =
        texts(fields, "daemonsetTolerations", QUALIFIED, "the key of a taint, such as gpu-role");
    Set<Component> components = components(fields.mapping("components"), networking);
    Map<ContainerImage, String> images = images(fields.mapping("containerImages"));
    PkiSpec pki = pki(fields.mapping("pki"));
    Duration kubeletDuration = duration(fields, "kubeletCertificateDuration", Duration.ofDays(3));
    if (kubeletDuration.compareTo(Duration.ofMinutes(10)) < 0) {
      fields.problem(
          "kubeletCertificateDuration",
          Durations.format(kubeletDuration),
          "at least 10m, the shortest that Kubernetes signs");
    }
    BootstrapTokenSpec token = token(fields.mapping("bootstrapToken"));
    JoinMode join =
        choice(
            fields,
            "join",
            JoinMode.OPEN,
            Map.of(JoinMode.OPEN.key(), JoinMode.OPEN, JoinMode.STRICT.key(), JoinMode.STRICT));
    Optional<NodesSpec> nodes =
        fields.has("nodes") ? nodes(fields.mapping("nodes"), etcdServers) : Optional.empty();
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
    return choice(
        fields,
        "networking",
        Networking.FLANNEL,
        Map.of("flannel", Networking.FLANNEL, "none", Networking.NONE));
  }

  private Set<Component> components(FieldReader fields, Networking networking) {
    boolean all = flag(fields, "enable", true);
    Set<Component> result = EnumSet.noneOf(Component.class);
    for (Component component : Component.values()) {
      FieldReader nested = fields.mapping(component.key());
      boolean enabled = flag(nested, "enable", true);
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
          .flatMap(scalar -> image(fields, scalar))
          .ifPresent(text -> result.put(image, text));
    }
    fields.refuseUnknown();
    return result;
  }

  private static Optional<String> image(FieldReader fields, Scalar scalar) {
    if (!ContainerImage.isReference(scalar.text())) {
      fields.problem(scalar, ContainerImage.REFERENCE_WANT);
      return Optional.empty();
    }
    return Optional.of(scalar.text());
  }

  private PkiSpec pki(FieldReader fields) {
    Map<String, KeySpec> algorithms = new LinkedHashMap<>();
    algorithms.put("ecdsa-p256", KeySpec.ECDSA_P256);
    algorithms.put("ecdsa-p384", KeySpec.ECDSA_P384);
    algorithms.put("rsa-2048", KeySpec.RSA_2048);
    algorithms.put("rsa-3072", KeySpec.RSA_3072);
    algorithms.put("rsa-4096", KeySpec.RSA_4096);
    KeySpec algorithm = choice(fields, "keyAlgorithm", KeySpec.ECDSA_P256, algorithms);
    Map<AuthorityName, AuthorityFiles> supplied = new EnumMap<>(AuthorityName.class);
    FieldReader authorities = fields.mapping("authorities");
    for (AuthorityName name : AuthorityName.values()) {
      if (!authorities.has(name.key())) {
        continue;
      }
      FieldReader files = authorities.mapping(name.key());
      Optional<String> certificate = file(files, "certificateFile");
      Optional<String> key = file(files, "keyFile");
      files.refuseUnknown();
      if (certificate.isPresent() && key.isPresent()) {
        supplied.put(name, new AuthorityFiles(certificate.get(), key.get()));
      }
    }
    authorities.refuseUnknown();
    FieldReader validity = fields.mapping("validity");
    Duration ofAuthority = duration(validity, "authority", Duration.ofDays(3650));
    Duration ofCertificate = duration(validity, "certificate", Duration.ofDays(365));
    FieldReader single = validity.mapping("certificates");
    Map<CertificateName, Duration> validityOf = new EnumMap<>(CertificateName.class);
    for (CertificateName name : CertificateName.values()) {
      single
          .scalar(name.key())
          .flatMap(scalar -> duration(single, scalar))
          .ifPresent(duration -> validityOf.put(name, duration));
    }
    single.refuseUnknown();
    validity.refuseUnknown();
    Duration renewBefore = duration(fields, "renewBefore", Duration.ofDays(30));
    fields.refuseUnknown();
    if (ofCertificate.compareTo(ofAuthority) > 0) {
      validity.problem(
          "certificate",
          Durations.format(ofCertificate),
          "at most the authority's " + Durations.format(ofAuthority));
    }
    if (renewBefore.compareTo(ofCertificate) >= 0) {
      fields.problem(
          "renewBefore",
          Durations.format(renewBefore),
          "less than validity.certificate, " + Durations.format(ofCertificate));
    }
    return new PkiSpec(algorithm, supplied, ofAuthority, ofCertificate, validityOf, renewBefore);
  }

  private Optional<String> file(FieldReader fields, String key) {
    Optional<Scalar> scalar = fields.scalar(key);
    if (scalar.isEmpty()) {
      fields.missing(key, "the path of a PEM file");
      return Optional.empty();
    }
    if (scalar.get().text().isBlank() || scalar.get().text().indexOf('\0') >= 0) {
      fields.problem(scalar.get(), "the path of a PEM file");
      return Optional.empty();
    }
    return scalar.map(Scalar::text);
  }

  private BootstrapTokenSpec token(FieldReader fields) {
    Optional<Duration> expires =
        fields
            .scalar("expiresAfter")
            .filter(scalar -> !scalar.text().equals("never"))
            .flatMap(scalar -> duration(fields, scalar));
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
        texts(fields, "extraGroups", GROUP, "a group such as system:bootstrappers:workers");
    fields.refuseUnknown();
    return new BootstrapTokenSpec(expires, description, groups);
  }

  private Optional<NodesSpec> nodes(FieldReader fields, List<Host> etcdServers) {
    Optional<Platform> platform =
        requiredChoice(
            fields,
            "platform",
            Arrays.stream(Platform.values())
                .collect(
                    LinkedHashMap::new, (map, each) -> map.put(each.key(), each), Map::putAll));
    Optional<OperatingSystem> os =
        requiredChoice(
            fields,
            "os",
            Arrays.stream(OperatingSystem.values())
                .collect(
                    LinkedHashMap::new, (map, each) -> map.put(each.key(), each), Map::putAll));
    List<String> keys =
        texts(fields, "sshAuthorizedKeys", SSH_KEY, "an OpenSSH public key on one line");
    Optional<String> written =
        fields.scalar("kubeletImageOverride").flatMap(scalar -> image(fields, scalar));
    Optional<String> given =
        kubeletImage.flatMap(
            text -> image(fields, new Scalar(text, "--kubelet-image", OptionalInt.empty(), true)));
    Optional<String> image = given.or(() -> written);
    Map<String, String> names = new HashMap<>();
    Optional<Platform> needsDomain = platform.filter(Platform::needsDomain);
    List<FieldReader> controllerFields = fields.mappings("controllers");
    List<NodeSpec> controllers = new ArrayList<>();
    for (FieldReader each : controllerFields) {
      node(each, names, needsDomain).ifPresent(controllers::add);
    }
    List<NodeSpec> workers = new ArrayList<>();
    for (FieldReader each : fields.mappings("workers")) {
      node(each, names, needsDomain).ifPresent(workers::add);
    }
    fields.refuseUnknown();
    SpecRules.controllersMatchEtcd(fields, controllerFields.size(), etcdServers);
    SpecRules.platformData(fields, platform, keys);
    if (platform.isEmpty() || os.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(new NodesSpec(platform.get(), os.get(), keys, image, controllers, workers));
  }

  private Optional<NodeSpec> node(
      FieldReader fields, Map<String, String> names, Optional<Platform> needsDomain) {
    Optional<String> name = required(fields, "name", LABEL, LABEL_WANT);
    Optional<Scalar> at = fields.scalar("domain");
    Optional<DnsName> domain =
        at.flatMap(
            scalar -> {
              Optional<DnsName> parsed = Host.dnsName(scalar.text());
              if (parsed.isEmpty()) {
                fields.problem(scalar, "the machine's DNS name");
              }
              return parsed;
            });
    if (needsDomain.isPresent() && at.isEmpty()) {
      fields.missing("domain", "the machine's DNS name, as platform is " + needsDomain.get().key());
    }
    List<String> labels = new ArrayList<>();
    for (Scalar scalar : fields.scalars("labels")) {
      SpecRules.label(fields, scalar, QUALIFIED, LABEL_VALUE).ifPresent(labels::add);
    }
    List<String> taints = new ArrayList<>();
    for (Scalar scalar : fields.scalars("taints")) {
      SpecRules.taint(fields, scalar, QUALIFIED, LABEL_VALUE).ifPresent(taints::add);
    }
    fields.refuseUnknown();
    name.ifPresent(text -> unique(fields, names, "name", text));
    domain.ifPresent(text -> unique(fields, names, "domain", "domain " + text));
    return name.map(text -> new NodeSpec(text, domain, labels, taints));
  }

  private static void unique(
      FieldReader fields, Map<String, String> names, String key, String text) {
    String first = names.putIfAbsent(text, fields.child(key));
    if (first != null) {
      fields.problem(key, SafeText.quote(text) + " as in " + first, "another one for each node");
    }
  }

  private void constant(FieldReader fields, String key, String value) {
    Optional<Scalar> scalar = fields.scalar(key);
    if (scalar.isEmpty()) {
      fields.missing(key, value);
    } else if (!scalar.get().text().equals(value)) {
      fields.problem(scalar.get(), value);
    }
  }

  private static Optional<String> required(
      FieldReader fields, String key, Pattern form, String want) {
    Optional<Scalar> scalar = fields.scalar(key);
    if (scalar.isEmpty()) {
      fields.missing(key, want);
      return Optional.empty();
    }
    if (!form.matcher(scalar.get().text()).matches()) {
      fields.problem(scalar.get(), want);
      return Optional.empty();
    }
    return scalar.map(Scalar::text);
  }

  private static List<String> texts(FieldReader fields, String key, Pattern form, String want) {
    Map<String, String> seen = new LinkedHashMap<>();
    for (Scalar scalar : fields.scalars(key)) {
      if (!form.matcher(scalar.text()).matches()) {
        fields.problem(scalar, want);
      } else if (seen.putIfAbsent(scalar.text(), scalar.path()) != null) {
        fields.problem(
            scalar, "each one once", Optional.of("the first is " + seen.get(scalar.text())));
      }
    }
    return List.copyOf(seen.keySet());
  }

  private static List<Host> hosts(FieldReader fields, String key) {
    Map<Host, String> seen = new LinkedHashMap<>();
    List<Scalar> scalars = fields.scalars(key);
    if (scalars.isEmpty() && !fields.has(key)) {
      fields.missing(key, "a list of DNS names or IP addresses");
    } else if (scalars.isEmpty()) {
      fields.problem(key, "no element", "at least one DNS name or IP address");
    }
    for (Scalar scalar : scalars) {
      Optional<Host> host = Host.parse(scalar.text());
      if (host.isEmpty()) {
        fields.problem(scalar, "a DNS name or an IP address without a scheme or port");
      } else if (seen.putIfAbsent(host.get(), scalar.path()) != null) {
        fields.problem(
            scalar, "each server once", Optional.of("the first is " + seen.get(host.get())));
      }
    }
    return List.copyOf(seen.keySet());
  }

  private static List<IpRange> cidrs(FieldReader fields, String key, String byDefault) {
    List<IpRange> result = new ArrayList<>();
    List<Scalar> scalars = fields.scalarOrScalars(key);
    if (scalars.isEmpty() && !fields.has(key)) {
      return List.of(IpRange.parseStrict(byDefault).orElseThrow());
    }
    if (scalars.isEmpty()) {
      fields.problem(key, "no element", "a range such as " + byDefault + ", or one of each family");
    }
    for (Scalar scalar : scalars) {
      Optional<IpRange> parsed = IpRange.parseStrict(scalar.text());
      if (parsed.isPresent()) {
        result.add(parsed.get());
      } else {
        fields.problem(
            scalar,
            "a range such as " + byDefault + ", no bit set behind the prefix",
            SpecRules.networkOf(scalar.text()).map(range -> "did you mean " + range + "?"));
      }
    }
    return result;
  }

  private static boolean issuer(FieldReader fields, Scalar scalar) {
    try {
      URI uri = new URI(scalar.text());
      if ("https".equals(uri.getScheme())
          && uri.getHost() != null
          && uri.getRawQuery() == null
          && uri.getRawFragment() == null
          && uri.getRawUserInfo() == null) {
        return true;
      }
    } catch (URISyntaxException e) {
      // Reported below, like every other text that is no issuer.
    }
    fields.problem(scalar, "an https URL without query and fragment");
    return false;
  }

  private static int number(FieldReader fields, String key, int byDefault, int least, int most) {
    Optional<Scalar> scalar = fields.scalar(key);
    if (scalar.isEmpty()) {
      return byDefault;
    }
    String text = scalar.get().text();
    if (text.matches("[0-9]{1,9}")) {
      int value = Integer.parseInt(text);
      if (value >= least && value <= most) {
        return value;
      }
    }
    fields.problem(scalar.get(), "a number from " + least + " to " + most);
    return byDefault;
  }

  private static boolean flag(FieldReader fields, String key, boolean byDefault) {
    Optional<Scalar> scalar = fields.scalar(key);
    if (scalar.isEmpty()) {
      return byDefault;
    }
    // YAML 1.1's yes, no, on and off mean something else to YAML 1.2 readers: neither is taken.
    if (scalar.get().quoted()
        || (!scalar.get().text().equals("true") && !scalar.get().text().equals("false"))) {
      fields.problem(scalar.get(), "true or false");
      return byDefault;
    }
    return scalar.get().text().equals("true");
  }

  private static Duration duration(FieldReader fields, String key, Duration byDefault) {
    return fields.scalar(key).flatMap(scalar -> duration(fields, scalar)).orElse(byDefault);
  }

  private static Optional<Duration> duration(FieldReader fields, Scalar scalar) {
    Optional<Duration> parsed =
        Durations.parse(scalar.text())
            .filter(value -> value.isPositive() && value.compareTo(LONGEST_DURATION) <= 0);
    if (parsed.isEmpty()) {
      fields.problem(scalar, "a duration above zero such as 8760h, 30d or 1h30m");
    }
    return parsed;
  }

  private static <T> Optional<T> requiredChoice(
      FieldReader fields, String key, Map<String, T> choices) {
    if (fields.scalar(key).isEmpty()) {
      fields.missing(key, "one of " + String.join(", ", choices.keySet()));
      return Optional.empty();
    }
    return chosen(fields, key, choices);
  }

  private static <T> T choice(
      FieldReader fields, String key, T byDefault, Map<String, ? extends T> choices) {
    Optional<? extends T> chosen = chosen(fields, key, choices);
    return chosen.isPresent() ? chosen.get() : byDefault;
  }

  private static <T> Optional<T> chosen(
      FieldReader fields, String key, Map<String, ? extends T> choices) {
    Optional<Scalar> scalar = fields.scalar(key);
    if (scalar.isEmpty()) {
      return Optional.empty();
    }
    T value = choices.get(scalar.get().text());
    if (value == null) {
      List<String> sorted = choices.keySet().stream().sorted().toList();
      fields.problem(
          scalar.get(),
          "one of " + String.join(", ", sorted),
          Suggestion.nearest(scalar.get().text(), sorted)
              .map(near -> "did you mean " + near + "?"));
      return Optional.empty();
    }
    return Optional.of(value);
  }
}
