package dev.countersign.render.spec;

import dev.countersign.common.ParseError;
import dev.countersign.common.document.Fields;
import dev.countersign.common.kubernetes.KubernetesVersion;
import dev.countersign.common.name.DnsName;
import dev.countersign.common.text.SafeText;
import dev.countersign.render.network.Host;
import dev.countersign.render.spec.NodesSpec.NodeSpec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

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
    List<Fields> controllerFields = fields.children("controllers");
    List<NodeSpec> controllers = new ArrayList<>();
    for (Fields each : controllerFields) {
      node(each, names, needsDomain).ifPresent(controllers::add);
    }
    List<NodeSpec> workers = new ArrayList<>();
    for (Fields each : fields.children("workers")) {
      node(each, names, needsDomain).ifPresent(workers::add);
    }
    fields.end();
    SpecRules.controllersMatchEtcd(fields, controllerFields.size(), etcdServers);
    SpecRules.platformData(fields, platform, keys);
    if (platform.isEmpty() || os.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(new NodesSpec(platform.get(), os.get(), keys, image, controllers, workers));
  }

  private static Optional<NodeSpec> node(
      Fields fields, Map<String, String> names, Optional<Platform> needsDomain) {
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
    fields.end();
    name.ifPresent(text -> unique(fields, names, "name", text));
    domain.ifPresent(text -> unique(fields, names, "domain", "domain " + text));
    return name.map(text -> new NodeSpec(text, domain, labels, taints));
  }

  private static void unique(Fields fields, Map<String, String> names, String key, String text) {
    String first = names.putIfAbsent(text, fields.at(key));
    if (first != null) {
      fields.wrong(key, SafeText.quote(text) + " as in " + first, "another one for each node");
    }
  }

  private NodesParser() {}
}
