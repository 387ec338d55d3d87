package dev.countersign.cli.render;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.testkit.GoProgram;
import dev.countersign.testkit.RequiresTool;
import dev.countersign.testkit.Tools;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The module of {@code terraform/}, by OpenTofu or Terraform itself and without any provider.
 * Neither is a Debian package; OpenTofu is built from its Go module by night, as that takes a
 * quarter of an hour.
 */
final class TerraformModuleTest {
  private static final GoProgram TOFU =
      new GoProgram("tofu", "github.com/opentofu/opentofu", "v1.12.6", "cmd/tofu");
  private static final String BUILDS_TOFU = "countersign.terraform.tests";

  private static Path program = Path.of("tofu");

  @TempDir private Path directory = Path.of(".");

  private record Ran(int status, String output) {}

  @BeforeAll
  static void obtain() throws Exception {
    Optional<Path> there = Tools.find("tofu").or(() -> Tools.find("terraform")).or(TOFU::built);
    assumeTrue(
        there.isPresent() || Boolean.getBoolean(BUILDS_TOFU),
        "neither tofu nor terraform is installed; -D" + BUILDS_TOFU + "=true builds OpenTofu");
    program = there.isPresent() ? there.get() : TOFU.obtain();
  }

  @BeforeEach
  void writeConfiguration() throws Exception {
    Path command = directory.resolve("countersign");
    Files.writeString(
        command,
        "#!/bin/sh\nexec \"%s/bin/java\" -cp \"%s\" dev.countersign.cli.Countersign \"$@\"\n"
            .formatted(System.getProperty("java.home"), System.getProperty("java.class.path")));
    assertThat(command.toFile().setExecutable(true)).isTrue();
    Files.writeString(directory.resolve("terraformrc"), "");
    write("[\"node1.example.com\"]");
    assertThat(terraform("init").status()).isZero();
  }

  private void write(String apiServers) throws IOException {
    Files.writeString(
        directory.resolve("main.tf"),
        """
        module "bootstrap" {
          source           = "%s"
          cluster_name     = "example"
          api_servers      = %s
          etcd_servers     = ["node1.example.com"]
          networking       = "none"
          asset_dir        = "assets"
          countersign      = "%s"
          components       = { coredns = { enable = false } }
          container_images = { cilium_agent = "quay.io/cilium/cilium:v1.18.9" }
        }
        output "all" {
          value     = module.bootstrap
          sensitive = true
        }
        """
            .formatted(
                Path.of("../terraform").toRealPath(),
                apiServers,
                directory.resolve("countersign")));
  }

  private Ran terraform(String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of(program.toString()));
    command.addAll(List.of(arguments));
    return run(command);
  }

  private Ran run(List<String> command) throws Exception {
    ProcessBuilder builder =
        new ProcessBuilder(command).directory(directory.toFile()).redirectErrorStream(true);
    builder.environment().put("TF_CLI_CONFIG_FILE", directory.resolve("terraformrc").toString());
    builder.environment().put("TF_CLI_ARGS", "-no-color");
    builder.environment().put("CHECKPOINT_DISABLE", "1");
    Process process = builder.start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(300, TimeUnit.SECONDS)).isTrue();
    return new Ran(process.exitValue(), output);
  }

  private JsonNode apply() throws Exception {
    Ran applied = terraform("apply", "-auto-approve");
    assertThat(applied.status()).as(applied.output()).isZero();
    return new ObjectMapper().readTree(terraform("output", "-json", "all").output());
  }

  @Test
  void outputs_areTheFiles_theSecondPlanIsEmpty_andAChangeKeepsTheKeys() throws Exception {
    JsonNode outputs = apply();
    assertThat(outputs.properties())
        .extracting(field -> field.getKey())
        .containsExactlyInAnyOrder(
            "cluster_dns_service_ip",
            "kubeconfig-kubelet",
            "kubeconfig-admin",
            "assets_dist",
            "etcd_ca_cert",
            "etcd_client_cert",
            "etcd_client_key",
            "etcd_server_cert",
            "etcd_server_key",
            "etcd_peer_cert",
            "etcd_peer_key",
            "service_account_public_key");
    assertThat(outputs.path("cluster_dns_service_ip").asText()).isEqualTo("10.3.0.10");
    assertThat(outputs.path("kubeconfig-kubelet").asText())
        .isEqualTo(Files.readString(directory.resolve("assets/auth/kubeconfig-bootstrap")));
    JsonNode assets = outputs.path("assets_dist");
    assertThat(assets.has("tls/k8s/ca.key")).isTrue();
    assertThat(assets.has("auth/admin.conf")).isTrue();
    assertThat(assets.has("static-manifests/kube-apiserver.yaml")).isTrue();
    assertThat(assets.has("manifests/bootstrap-token.yaml")).isTrue();
    assertThat(assets.properties())
        .extracting(field -> field.getKey())
        .noneMatch(name -> name.startsWith("tls/offline/") || name.contains("coredns"));

    Ran again = terraform("plan", "-detailed-exitcode");
    assertThat(again.status()).as(again.output()).isZero();

    write("[\"node1.example.com\", \"192.0.2.5\"]");
    Ran planned = terraform("plan", "-detailed-exitcode");
    assertThat(planned.status()).as(planned.output()).isEqualTo(2);
    assertThat(planned.output()).contains("192.0.2.5").doesNotContain("PRIVATE KEY");
    JsonNode changed = apply();
    assertThat(changed.at("/assets_dist/tls~1k8s~1ca.key"))
        .isEqualTo(outputs.at("/assets_dist/tls~1k8s~1ca.key"));
    assertThat(changed.at("/assets_dist/tls~1k8s~1apiserver.crt"))
        .isNotEqualTo(outputs.at("/assets_dist/tls~1k8s~1apiserver.crt"));
  }

  @Test
  void authorities_thatAreThereBefore_areKept() throws Exception {
    apply();
    Path old = directory.resolve("assets");
    Path moved = directory.resolve("old");
    Files.move(old, moved);
    for (String file :
        List.of(
            "tls/k8s/ca.crt",
            "tls/k8s/ca.key",
            "tls/k8s/service-account.key",
            "tls/k8s/aggregation-ca.crt",
            "tls/offline/aggregation-ca.key",
            "tls/etcd/server-ca.crt",
            "tls/etcd/peer-ca.crt",
            "tls/etcd/etcd-client-ca.crt",
            "tls/offline/etcd-ca.key")) {
      Files.createDirectories(old.resolve(file).getParent());
      Files.copy(moved.resolve(file), old.resolve(file), StandardCopyOption.COPY_ATTRIBUTES);
    }
    Files.delete(directory.resolve("terraform.tfstate"));
    JsonNode outputs = apply();
    assertThat(outputs.path("etcd_ca_cert").asText())
        .isEqualTo(Files.readString(moved.resolve("tls/etcd/server-ca.crt")));
    assertThat(outputs.path("service_account_public_key").asText())
        .isEqualTo(Files.readString(moved.resolve("tls/k8s/service-account.pub")));
  }

  @Test
  void secrets_areSensitiveOutputs_andNotInFilesForEverybody() throws Exception {
    assertThat(terraform("validate").status()).isZero();
    assertThat(terraform("plan", "-out=plan").status()).isZero();
    JsonNode outputs =
        new ObjectMapper()
            .readTree(terraform("show", "-json", "plan").output())
            .at("/configuration/root_module/module_calls/bootstrap/module/outputs");
    List<String> shown = new ArrayList<>();
    outputs
        .properties()
        .forEach(
            output -> {
              if (!output.getValue().path("sensitive").asBoolean()) {
                shown.add(output.getKey());
              }
            });
    assertThat(shown)
        .containsExactlyInAnyOrder("cluster_dns_service_ip", "service_account_public_key");

    apply();
    Path assets = directory.resolve("assets");
    assertThat(Files.getPosixFilePermissions(assets))
        .isEqualTo(PosixFilePermissions.fromString("rwx------"));
    try (Stream<Path> files = Files.walk(assets)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        if (Files.readString(file).contains("PRIVATE KEY")) {
          assertThat(Files.getPosixFilePermissions(file))
              .as("%s", file)
              .isEqualTo(PosixFilePermissions.fromString("rw-------"));
        }
      }
    }
  }

  /**
   * The page's commands on a state that has the resources of terraform-render-bootstrap, with its
   * kind of keys and certificates, for two clusters.
   */
  @Test
  @RequiresTool({"jq", "openssl"})
  void commandsOfThePage_moveAClusterOver_withItsAuthorities() throws Exception {
    ObjectNode state = new ObjectMapper().createObjectNode();
    ArrayNode resources = state.putArray("resources");
    for (String module : List.of("module.other.module.bootstrap", "module.bootstrap")) {
      for (String name : List.of("kube-ca", "etcd-ca", "aggregation-ca", "service-account")) {
        authority(name);
        saved(resources, module, "tls_private_key", name, "private_key_pem", name + ".key");
        if (!name.equals("service-account")) {
          saved(resources, module, "tls_self_signed_cert", name, "cert_pem", name + ".crt");
        }
      }
    }
    Files.writeString(directory.resolve("old.tfstate"), state.toString());
    String page = Files.readString(Path.of("../terraform/README.md"));
    String commands =
        page.substring(page.indexOf("```sh") + 5, page.indexOf("```", page.indexOf("```sh") + 5));
    Ran moved = run(List.of("sh", "-c", commands.stripIndent()));
    assertThat(moved.status()).as(moved.output()).isZero();
    assertThat(directory.resolve("old.tfstate")).doesNotExist();

    JsonNode outputs = apply();
    JsonNode assets = outputs.path("assets_dist");
    assertThat(assets.path("tls/k8s/ca.crt").asText()).isEqualTo(text("kube-ca.crt"));
    assertThat(assets.path("tls/k8s/ca.key").asText()).isEqualTo(text("kube-ca.key"));
    assertThat(outputs.path("etcd_ca_cert").asText()).isEqualTo(text("etcd-ca.crt"));
    assertThat(assets.path("tls/k8s/service-account.key").asText())
        .isEqualTo(text("service-account.key"));
    assertThat(assets.path("tls/k8s/aggregation-ca.crt").asText())
        .isEqualTo(text("aggregation-ca.crt"));
    for (List<String> chain :
        List.of(
            List.of("kube-ca.crt", "assets/tls/k8s/apiserver.crt"),
            List.of("etcd-ca.crt", "assets/tls/etcd/server.crt"),
            List.of("aggregation-ca.crt", "assets/tls/k8s/aggregation-client.crt"))) {
      Ran verified = run(List.of("openssl", "verify", "-CAfile", chain.get(0), chain.get(1)));
      assertThat(verified.status()).as(verified.output()).isZero();
    }
    assertThat(terraform("plan", "-detailed-exitcode").status()).isZero();
  }

  private String text(String file) throws IOException {
    return Files.readString(directory.resolve(file));
  }

  /** A key and a certificate as the provider hashicorp/tls makes them for that module. */
  private void authority(String name) throws Exception {
    String extensions = "keyUsage=critical,digitalSignature,keyEncipherment,keyCertSign";
    Ran made =
        run(
            List.of(
                "sh",
                "-ec",
                "openssl genrsa -traditional -out \"$1.key\" 2048; openssl req -x509 -new -key"
                    + " \"$1.key\" -subj \"/O=typhoon/CN=$1\" -days 365 -addext \"$2\" -out"
                    + " \"$1.crt\"",
                "sh",
                name,
                extensions));
    assertThat(made.status()).as(made.output()).isZero();
  }

  private void saved(
      ArrayNode resources, String module, String type, String name, String field, String file)
      throws IOException {
    ObjectNode resource = resources.addObject();
    resource.put("module", module).put("mode", "managed").put("type", type).put("name", name);
    resource
        .putArray("instances")
        .addObject()
        .putObject("attributes")
        .put(field, Files.readString(directory.resolve(file)));
  }
}
