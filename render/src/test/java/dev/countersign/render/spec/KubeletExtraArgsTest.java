package dev.countersign.render.spec;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.common.ParseError;
import dev.countersign.common.ParseResult;
import dev.countersign.common.secret.SecretAccess;
import dev.countersign.common.secret.SecretText;
import dev.countersign.render.AssetPath;
import dev.countersign.render.Specs;
import dev.countersign.render.node.NodeAssets;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code kubeletExtraArgs} and {@code nodeIp}. */
class KubeletExtraArgsTest {
  private static final String DUAL =
      Specs.withNodes(Platform.BARE_METAL, OperatingSystem.FEDORA_COREOS)
          + """
          podCidr: [10.20.0.0/14, "fd00:20::/48"]
          serviceCidr: [10.3.0.0/24, "fd00:3::/112"]
          """;

  private static List<String> arguments(String yaml, String machine) {
    return Objects.requireNonNull(
            NodeAssets.render(Specs.parse(yaml), Optional.of(SecretText.of("apiVersion: v1\n")))
                .get(AssetPath.of("nodes/" + machine + ".yaml")))
        .text(SecretAccess.because("compared in a test"))
        .lines()
        .map(String::strip)
        .dropWhile(line -> !line.startsWith("${KUBELET_IMAGE}"))
        .skip(1)
        .takeWhile(line -> line.startsWith("--"))
        .map(line -> line.replace(" \\", ""))
        .toList();
  }

  private static String with(String yaml, String replaced, String more) {
    assertThat(yaml).contains(replaced);
    return yaml.replace(replaced, replaced + more);
  }

  private static String argument(String argument) {
    String worker = "taints: [edge=yes:NoSchedule]\n";
    return with(DUAL, worker, "    kubeletExtraArgs: ['" + argument.replace("'", "''") + "']\n");
  }

  @ParameterizedTest
  @CsvSource({
    "FEDORA_COREOS,--register-with-taints=edge=yes:NoSchedule",
    "FLATCAR,--register-with-taints=edge=yes:NoSchedule",
    "CONTAINER_LINUX,--register-with-taints=edge=yes:NoSchedule"
  })
  void arguments_ofAllOfTheRoleAndOfTheMachine_followOursInThisOrder(
      OperatingSystem os, String last) {
    String yaml = Specs.withNodes(Platform.AWS, os);
    yaml =
        with(
            yaml,
            "  controllers:\n",
            "  - name: node1\n    kubeletExtraArgs: [--max-pods=30, --v=4]\n");
    yaml = yaml.replaceFirst("(?m)(  - name: node1\\n.*\\n)  - name: node1\\n", "$1");
    yaml =
        yaml.replace(
            "  controllers:\n",
            """
              kubeletExtraArgs: [--max-pods=10, "--eviction-hard=memory.available<5%"]
              controllerKubeletExtraArgs: [--max-pods=20]
              workerKubeletExtraArgs: ["--system_reserved=cpu=500m"]
              controllers:
            """);
    assertThat(arguments(yaml, "node1"))
        .containsSubsequence(
            "--register-with-taints=node-role.kubernetes.io/controller=:NoSchedule",
            "--max-pods=10",
            "--eviction-hard=memory.available<5%%",
            "--max-pods=20",
            "--max-pods=30",
            "--v=4");
    assertThat(arguments(yaml, "pool"))
        .doesNotContain("--max-pods=20")
        .containsSubsequence(
            last,
            "--max-pods=10",
            "--eviction-hard=memory.available<5%%",
            "--system-reserved=cpu=500m");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--rotate-server-certificates=false",
        "--rotate_server_certificates=false",
        "--anonymous-auth=true",
        "--tls-cert-file=/a",
        "--config-dir=/etc/kubelet.d",
        "--hostname-override=other",
        "--node-labels=a=b",
        "--node-ip=192.0.2.1",
        "--feature-gates=RotateKubeletServerCertificate=false",
        "--feature-gates=A=true,AllBeta=false",
      })
  void argument_thatTheMachinesRelyOn_isRefusedByItsPath(String argument) {
    assertThat(ClusterSpecTest.problems(argument(argument)))
        .singleElement()
        .asString()
        .startsWith("nodes.workers[0].kubeletExtraArgs[0] (line ")
        .contains("got \"" + argument + "\"; want ")
        .contains("; ");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--v",
        "-v=4",
        "v=4",
        "--V=4",
        "--a=",
        "--a=b c",
        "--a=\"b\"",
        "--a=b\\",
        "--a='b'",
        "--a=é"
      })
  void argument_ofAnotherForm_isRefused(String argument) {
    assertThat(ClusterSpecTest.problems(argument(argument)))
        .singleElement()
        .asString()
        .contains("want --name=value, the value without spaces, quotes and backslashes");
  }

  @Test
  void argument_withAVariable_isNotExpandedBySystemd() {
    assertThat(arguments(argument("--a=${HOME}%h;b"), "pool")).contains("--a=$${HOME}%%h;b");
  }

  @Test
  void everyArgumentOfTheRenderedUnits_isOwned() {
    for (OperatingSystem os : OperatingSystem.values()) {
      for (Platform platform : Platform.values()) {
        String yaml =
            Specs.withNodes(platform, os)
                .replace("clusterName", "cloudProvider: external\nclusterName");
        for (String argument : arguments(yaml, "pool")) {
          String name = argument.replaceFirst("=.*", "");
          if (!OURS_TO_CHANGE.contains(name)) {
            assertThat(KubeletArgument.parse(name.replace('_', '-') + "=x"))
                .as(argument)
                .isInstanceOf(ParseResult.Refused.class);
          }
        }
      }
    }
  }

  /** What an operator may set otherwise at their own risk. */
  private static final List<String> OURS_TO_CHANGE =
      List.of("--healthz-port", "--volume-plugin-dir");

  @Test
  void nodeIp_ofBothFamilies_isGivenToTheKubeletInItsOrder() {
    String yaml =
        DUAL.replace(
                "domain: node1.example.com", "domain: node1.example.com\n    nodeIp: 192.0.2.11")
            .replace(
                "domain: pool.example.com",
                "domain: pool.example.com\n    nodeIp: [\"2001:db8::12\", 192.0.2.12]");
    assertThat(arguments(yaml, "node1")).contains("--node-ip=192.0.2.11");
    assertThat(arguments(yaml, "pool")).contains("--node-ip=2001:db8::12,192.0.2.12");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "[192.0.2.1, 192.0.2.2]|want one address, or one of IPv4 and one of IPv6",
        "[192.0.2.1, '::']|want two addresses of the machine, or 0.0.0.0 or :: alone",
        "10.20.0.9|want an address outside of the pod and service range 10.20.0.0/14",
        "127.0.0.1|want an address that is not loopback, link-local or multicast",
        "node|want an IP address of the machine, or one of IPv4 and one of IPv6",
      })
  void nodeIp_thatNoNodeCanReport_isRefusedByItsPath(String value, String want) {
    String yaml =
        DUAL.replace("domain: pool.example.com", "domain: pool.example.com\n    nodeIp: " + value);
    assertThat(ClusterSpecTest.problems(yaml))
        .singleElement()
        .asString()
        .startsWith("nodes.workers[0].nodeIp (line ")
        .contains(want);
  }

  @Test
  void nodeIp_ofAnotherMachine_isRefused() {
    String yaml = DUAL.replaceAll("(domain: \\S+)", "$1\n    nodeIp: 192.0.2.11");
    assertThat(ClusterSpecTest.problems(yaml))
        .singleElement()
        .asString()
        .contains("\"192.0.2.11\" as in nodes.controllers[0].nodeIp; want another one");
  }

  @Test
  void nodeIp_ofAFamilyWithoutPods_isRefused() {
    String yaml =
        Specs.withNodes(Platform.BARE_METAL, OperatingSystem.FLATCAR)
            .replace("domain: pool", "nodeIp: \"2001:db8::1\"\n    domain: pool");
    assertThat(ClusterSpecTest.problems(yaml))
        .singleElement()
        .asString()
        .contains("got 2001:db8::1; want an address of a family of podCidr, [IPv4]");
  }

  @Test
  void nodeIp_ofAGroupOfACloud_mayOnlyPreferAFamily() {
    String yaml = Specs.withNodes(Platform.AWS, OperatingSystem.FLATCAR);
    String taints = "taints: [edge=yes:NoSchedule]";
    assertThat(arguments(yaml.replace(taints, taints + "\n    nodeIp: 0.0.0.0"), "pool"))
        .contains("--node-ip=0.0.0.0");
    assertThat(ClusterSpecTest.problems(yaml.replace(taints, taints + "\n    nodeIp: 192.0.2.1")))
        .singleElement()
        .asString()
        .contains("got 192.0.2.1; want 0.0.0.0 or ::, which prefer a family");
  }

  @Test
  void nodeIp_ofContainerLinux_isOne() {
    String yaml =
        DUAL.replace("os: fedora-coreos", "os: container-linux")
            .replace(
                "domain: pool.example.com",
                "domain: pool.example.com\n    nodeIp: [192.0.2.1, \"2001:db8::1\"]");
    assertThat(ClusterSpecTest.problems(yaml))
        .singleElement()
        .asString()
        .contains("want one address, as the kubelet of container-linux takes one");
  }

  @Test
  void message_namesWhereToSetItInstead() {
    assertThat(KubeletArgument.parse("--node-labels=a=b"))
        .isInstanceOfSatisfying(
            ParseResult.Refused.class,
            refused ->
                assertThat(((ParseError) refused.errors().getFirst()).next())
                    .contains("set labels of the machine"));
  }
}
