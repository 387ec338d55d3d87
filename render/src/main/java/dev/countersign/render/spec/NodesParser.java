package dev.countersign.render.spec;

import dev.countersign.common.kubernetes.KubernetesVersion;
import dev.countersign.common.name.DnsName;
import dev.countersign.common.text.SafeText;
import dev.countersign.render.network.Host;
import dev.countersign.render.spec.FieldReader.Scalar;
import dev.countersign.render.spec.NodesSpec.NodeSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
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
      FieldReader fields,
      List<Host> etcdServers,
      KubernetesVersion apiServer,
      Optional<String> kubeletImage) {
    Optional<Platform> platform =
        SpecFields.requiredChoice(
            fields,
            "platform",
            Arrays.stream(Platform.values())
                .collect(
                    LinkedHashMap::new, (map, each) -> map.put(each.key(), each), Map::putAll));
    Optional<OperatingSystem> os =
        SpecFields.requiredChoice(
            fields,
            "os",
            Arrays.stream(OperatingSystem.values())
                .collect(
                    LinkedHashMap::new, (map, each) -> map.put(each.key(), each), Map::putAll));
    List<String> keys =
        SpecFields.texts(fields, "sshAuthorizedKeys", SSH_KEY, "an OpenSSH public key on one line");
    Optional<Scalar> written = fields.scalar("kubeletImageOverride");
    Optional<Scalar> given =
        kubeletImage.map(text -> new Scalar(text, "--kubelet-image", OptionalInt.empty(), true));
    Optional<String> inSpec = written.flatMap(scalar -> SpecFields.image(fields, scalar));
    Optional<String> image =
        given.flatMap(scalar -> SpecFields.image(fields, scalar)).or(() -> inSpec);
    given
        .or(() -> written)
        .ifPresent(at -> VersionRules.skew(fields, at, ContainerImage.KUBELET, apiServer));
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

  private static Optional<NodeSpec> node(
      FieldReader fields, Map<String, String> names, Optional<Platform> needsDomain) {
    Optional<String> name =
        SpecFields.required(fields, "name", SpecFields.LABEL, SpecFields.LABEL_WANT);
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
      SpecRules.label(fields, scalar, SpecFields.QUALIFIED, LABEL_VALUE).ifPresent(labels::add);
    }
    List<String> taints = new ArrayList<>();
    for (Scalar scalar : fields.scalars("taints")) {
      SpecRules.taint(fields, scalar, SpecFields.QUALIFIED, LABEL_VALUE).ifPresent(taints::add);
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

  private NodesParser() {}
}
