package dev.countersign.render.spec;

import dev.countersign.common.ParseError;
import dev.countersign.common.ParseResult;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A command-line argument of the kubelet that an operator adds, {@code --max-pods=200}.
 *
 * <p>Arguments that the rendered machines rely on are refused: those that say who the kubelet is,
 * where its credentials are, how it gets and renews its certificates, who may call it, and what the
 * spec has a field for.
 *
 * @param name without the leading hyphens, as the kubelet's reference has it
 * @param value printable ASCII without spaces, quotes and backslashes
 */
public record KubeletArgument(String name, String value) {
  private static final Pattern FORM =
      Pattern.compile("--([a-z][a-z0-9]*(?:[-_][a-z0-9]+)*)=([!#-&(-\\[\\]-~]{1,1000})");

  private static final String WANT =
      "--name=value, the value without spaces, quotes and backslashes";

  private static final String IDENTITY =
      "countersign renders how a kubelet proves who it is and gets its certificates";
  private static final String ACCESS = "countersign renders who may call a kubelet";
  private static final String UNIT = "the rendered unit and files rely on it";

  /** Why an argument cannot be given, and what to do instead. */
  private static final Map<String, String> OWNED =
      Stream.of(
              owned(
                  IDENTITY,
                  "bootstrap-kubeconfig",
                  "cert-dir",
                  "config",
                  "config-dir",
                  "dynamic-config-dir",
                  "enable-server",
                  "kubeconfig",
                  "register-node",
                  "rotate-certificates",
                  "rotate-server-certificates",
                  "tls-cert-file",
                  "tls-private-key-file"),
              owned(
                  ACCESS,
                  "anonymous-auth",
                  "authentication-token-webhook",
                  "authorization-mode",
                  "client-ca-file",
                  "read-only-port"),
              owned(
                  UNIT,
                  "cgroup-driver",
                  "cloud-config",
                  "cni-conf-dir",
                  "container-runtime-endpoint",
                  "network-plugin",
                  "pod-manifest-path",
                  "provider-id",
                  "root-dir"),
              owned("set cloudProvider of the spec", "cloud-provider"),
              owned("set serviceCidr of the spec", "cluster-dns"),
              owned("set clusterDomainSuffix of the spec", "cluster-domain"),
              owned("set domain of the machine", "hostname-override"),
              owned("set nodeIp of the machine", "node-ip"),
              owned("set labels of the machine", "node-labels"),
              owned("set taints of the machine", "register-with-taints"))
          .flatMap(group -> group.entrySet().stream())
          .collect(Collectors.toUnmodifiableMap(Map.Entry::getKey, Map.Entry::getValue));

  /** Features of the kubelet without which it does not rotate its certificates. */
  private static final Set<String> ROTATION =
      Set.of("RotateKubeletClientCertificate", "RotateKubeletServerCertificate");

  public KubeletArgument {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(value, "value");
  }

  private static Map<String, String> owned(String why, String... names) {
    return Stream.of(names).collect(Collectors.toMap(Function.identity(), name -> why));
  }

  /** Reads {@code --name=value}. The kubelet takes an underscore in a name for a hyphen. */
  static ParseResult<KubeletArgument> parse(String text) {
    Matcher form = FORM.matcher(text);
    if (!form.matches()) {
      return ParseResult.refused("", text, WANT);
    }
    String name = form.group(1).replace('_', '-');
    String value = form.group(2);
    String owner = OWNED.get(name);
    if (owner != null) {
      return ParseResult.refused(
          new ParseError("", text, "an argument that the machines do not rely on").then(owner));
    }
    if (name.equals("feature-gates") && stopsRotation(value)) {
      return ParseResult.refused(
          new ParseError("", text, "no feature that certificates are rotated by").then(IDENTITY));
    }
    return ParseResult.parsed(new KubeletArgument(name, value));
  }

  /** Whether it names one of these features, or all that are in beta, as one of them is. */
  private static boolean stopsRotation(String features) {
    return Stream.of(features.split(",", -1))
        .map(feature -> feature.replaceFirst("=.*", ""))
        .anyMatch(feature -> ROTATION.contains(feature) || feature.equals("AllBeta"));
  }

  @Override
  public String toString() {
    return "--" + name + "=" + value;
  }
}
