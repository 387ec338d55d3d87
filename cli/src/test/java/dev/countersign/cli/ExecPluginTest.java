package dev.countersign.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A plugin that gives no credentials is told of; nothing is asked of the API server as nobody. */
class ExecPluginTest {
  @TempDir private Path folder = Path.of(".");

  private Path plugin(String words) throws IOException {
    Path plugin = folder.resolve("plugin");
    Files.writeString(plugin, "#!/bin/sh\n" + words + "\n");
    Files.setPosixFilePermissions(plugin, PosixFilePermissions.fromString("rwxr-xr-x"));
    return plugin;
  }

  private Ran list(PretendedApiServer server, String command) throws IOException {
    Path kubeconfig =
        PretendedApiServer.kubeconfig(
            folder,
            server.url(),
            "{exec: {apiVersion: client.authentication.k8s.io/v1, interactiveMode: Never,"
                + " command: \""
                + command
                + "\"}}");
    server.list("/api/v1/namespaces/kube-system/secrets", "v1", "Secret");
    server.list(
        "/apis/certificates.k8s.io/v1/certificatesigningrequests",
        "certificates.k8s.io/v1",
        "CertificateSigningRequest");
    server.list("/api/v1/namespaces/countersign-join/configmaps", "v1", "ConfigMap");
    return Ran.of("token", "list", "--kubeconfig", kubeconfig.toString());
  }

  private void isRefused(String command, String said) throws IOException {
    try (PretendedApiServer server = new PretendedApiServer()) {
      Ran ran = list(server, command);
      assertThat(ran.err()).contains("admin.conf: user ada: exec plugin ", said, command);
      assertThat(ran.status()).isEqualTo(2);
      assertThat(server.seen()).isEmpty();
    }
  }

  @Test
  void pluginThatIsNotInstalled_isNamed() throws IOException {
    isRefused("no-such-plugin", "which is not on the PATH");
    isRefused("./no-such-plugin", "which is not there");
  }

  @Test
  void pluginThatFails_isNamed() throws IOException {
    plugin("exit 1");
    isRefused("./plugin", "got no credentials");
  }

  @Test
  void pluginThatWorks_isUsed() throws IOException {
    plugin(
        "echo '{\"apiVersion\": \"client.authentication.k8s.io/v1\", \"kind\": \"ExecCredential\","
            + " \"status\": {\"token\": \"t\"}}'");
    try (PretendedApiServer server = new PretendedApiServer()) {
      Ran ran = list(server, "./plugin");
      assertThat(ran.status()).as(ran.err()).isZero();
      assertThat(server.seen()).isNotEmpty();
    }
  }
}
