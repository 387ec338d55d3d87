package dev.countersign.render.spec;

import dev.countersign.common.ParseError;
import dev.countersign.common.ParseResult;
import dev.countersign.common.document.Fields;
import dev.countersign.common.kubernetes.KubernetesVersion;
import dev.countersign.common.name.DnsName;
import dev.countersign.common.name.IpAddress;
import dev.countersign.common.text.SafeText;
import dev.countersign.render.network.Host;
import dev.countersign.render.spec.NodesSpec.NodeSpec;
import dev.countersign.render.spec.NodesSpec.SnippetFile;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Reads the machines of a spec. */
final class NodesParser {
  private static final Pattern LABEL_VALUE =
      Pattern.compile("(?:[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?)?");

  private static final Pattern SSH_KEY =
      Pattern.compile(
          "(?:ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(?:256|384|521)|sk-ssh-ed25519@openssh\\.com"
              + "|sk-ecdsa-sha2-nistp256@openssh\\.com) [A-Za-z0-9+/]+={0,2}(?: [\\x20-\\x7e]*)?");

  static Optional<NodesSpec> nodes(
      Fields fields,
      List<Host> etcdServers,
      KubernetesVersion apiServer,
      Optional<String> kubeletImage) {
    Optional<Platform> platform =
        fields.requiredChoice("platform", List.of(Platform.values()), Platform::key);
    Optional<OperatingSystem> os =
        fields.requiredChoice("os", List.of(OperatingSystem.values()), OperatingSystem::key);
    List<String> keys =
        SpecFields.texts(fields, "sshAuthorizedKeys", SSH_KEY, "an OpenSSH public key on one line");
    Optional<ImageKey> imageKey = fields.parsed("kubeletImageKey", ImageKey.WANT, ImageKey::parse);
    if (imageKey.isPresent()
        && os.filter(each -> each != OperatingSystem.FEDORA_COREOS).isPresent()) {
      fields.wrong(
          "kubeletImageKey",
          "a key on " + os.get().key(),
          "os " + OperatingSystem.FEDORA_COREOS.key() + ", whose Podman checks signatures");
    }
    Optional<String> inSpec = SpecFields.image(fields, "kubeletImageOverride");
    kubeletImage
        .filter(text -> !ContainerImage.isReference(text))
        .ifPresent(
            text ->
                fields.report(
                    new ParseError(
                        "--kubelet-image", SafeText.quote(text), ContainerImage.REFERENCE_WANT)));
    Optional<String> image = kubeletImage.or(() -> inSpec);
    image
        .flatMap(
            text ->
                VersionRules.skew(
                    kubeletImage.isPresent()
                        ? "--kubelet-image"
                        : fields.at("kubeletImageOverride"),
                    text,
                    ContainerImage.KUBELET,
                    apiServer))
        .ifPresent(fields::report);
    Map<String, String> names = new HashMap<>();
    Optional<Platform> needsDomain = platform.filter(Platform::needsDomain);
    List<KubeletArgument> arguments = arguments(fields, "kubeletExtraArgs");
    Additions ofController =
        Additions.of(fields, "controllerKubeletExtraArgs", "controllerSnippets").after(arguments);
    Additions ofWorker =
        Additions.of(fields, "workerKubeletExtraArgs", "workerSnippets").after(arguments);
    List<Fields> controllerFields = fields.children("controllers");
    List<NodeSpec> controllers = new ArrayList<>();
    for (Fields each : controllerFields) {
      node(each, names, needsDomain, ofController).ifPresent(controllers::add);
    }
    List<NodeSpec> workers = new ArrayList<>();
    for (Fields each : fields.children("workers")) {
      node(each, names, needsDomain, ofWorker).ifPresent(workers::add);
    }
    fields.end();
    if (os.filter(each -> each == OperatingSystem.CONTAINER_LINUX).isPresent()) {
      Stream.concat(controllers.stream(), workers.stream())
          .flatMap(machine -> machine.snippets().stream())
          .distinct()
          .forEach(snippet -> fields.report(noSnippets(snippet)));
    }
    SpecRules.controllersMatchEtcd(fields, controllerFields.size(), etcdServers);
    SpecRules.platformData(fields, platform, keys);
    if (platform.isEmpty() || os.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new NodesSpec(platform.get(), os.get(), keys, image, imageKey, controllers, workers));
  }

  /**
   * What the operator adds to machines.
   *
   * @param arguments of the kubelet
   * @param snippets merged into the machine's configuration
   */
  private record Additions(List<KubeletArgument> arguments, List<SnippetFile> snippets) {
    static Additions of(Fields fields, String arguments, String snippets) {
      return new Additions(
          NodesParser.arguments(fields, arguments), NodesParser.snippets(fields, snippets));
    }

    Additions after(List<KubeletArgument> general) {
      return new Additions(joined(general, arguments), snippets);
    }

    Additions after(Additions general) {
      return new Additions(
          joined(general.arguments, arguments), joined(general.snippets, snippets));
    }

    private static <T> List<T> joined(List<T> first, List<T> second) {
      return Stream.concat(first.stream(), second.stream()).toList();
    }
  }

  private static List<KubeletArgument> arguments(Fields fields, String key) {
    return fields.list(key, KubeletArgument::parse).orElse(List.of());
  }

  private static List<SnippetFile> snippets(Fields fields, String key) {
    List<String> files =
        fields
            .distinct(
                key, "the path of a Butane or Ignition file", Fields.matching(SpecFields::isFile))
            .orElse(List.of());
    List<SnippetFile> snippets = new ArrayList<>();
    for (String file : files) {
      snippets.add(new SnippetFile(fields.at(key) + "[" + snippets.size() + "]", file));
    }
    return snippets;
  }

  private static ParseError noSnippets(SnippetFile snippet) {
    return new ParseError(
        snippet.field(),
        SafeText.quote(snippet.file()),
        "no snippet on container-linux, which reads neither Butane nor Ignition 3");
  }

  private static Optional<NodeSpec> node(
      Fields fields, Map<String, String> names, Optional<Platform> needsDomain, Additions ofRole) {
    Optional<String> name =
        SpecFields.required(fields, "name", SpecFields.LABEL, SpecFields.LABEL_WANT);
    Optional<DnsName> domain = fields.parsed("domain", "the machine's DNS name", Host::dnsName);
    if (needsDomain.isPresent() && !fields.has("domain")) {
      fields.missing("domain", "the machine's DNS name, as platform is " + needsDomain.get().key());
    }
    List<String> labels =
        fields.list("labels", text -> SpecRules.label(text, LABEL_VALUE)).orElse(List.of());
    List<String> taints =
        fields.list("taints", text -> SpecRules.taint(text, LABEL_VALUE)).orElse(List.of());
    List<IpAddress> nodeIps = fields.oneOrMore("nodeIp", NodesParser::nodeIp);
    Additions additions = Additions.of(fields, "kubeletExtraArgs", "snippets").after(ofRole);
    fields.end();
    name.ifPresent(text -> unique(fields, names, "name", text));
    domain.ifPresent(text -> unique(fields, names, "domain", "domain " + text));
    nodeIps.stream()
        .filter(ip -> !NodeIpRules.isUnspecified(ip))
        .forEach(ip -> unique(fields, names, "nodeIp", ip.toString()));
    return name.map(
        text ->
            new NodeSpec(
                text,
                domain,
                labels,
                taints,
                nodeIps,
                additions.arguments(),
                additions.snippets()));
  }

  private static ParseResult<IpAddress> nodeIp(String text) {
    return SpecFields.parsed(
        IpAddress.parseStrict(text),
        "an IP address of the machine, or one of IPv4 and one of IPv6",
        Optional.empty());
  }

  private static void unique(Fields fields, Map<String, String> names, String key, String text) {
    String first = names.putIfAbsent(text, fields.at(key));
    if (first != null) {
      fields.wrong(key, SafeText.quote(text) + " as in " + first, "another one for each node");
    }
  }

  private NodesParser() {}
}
