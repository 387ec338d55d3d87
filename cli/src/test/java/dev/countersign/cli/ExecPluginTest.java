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
  @TempDir private Path directory = Path.of(".");

  private Path plugin(String words) throws IOException {
    Path plugin = directory.resolve("plugin");
    Files.writeString(plugin, "#!/bin/sh\n" + words + "\n");
    Files.setPosixFilePermissions(plugin, PosixFilePermissions.fromString("rwxr-xr-x"));
    return plugin;
  }

  /** A server that is not there, over TLS: credentials for plain HTTP are not asked for. */
  private Ran list(String command) throws IOException {
    Path kubeconfig =
        FakeApiServer.kubeconfig(
            directory,
            "https://127.0.0.1:1",
            "{exec: {apiVersion: client.authentication.k8s.io/v1, interactiveMode: Never,"
                + " command: \""
                + command
                + "\"}}");
    return Ran.of("token", "list", "--kubeconfig", kubeconfig.toString());
  }

  private void isRefused(String command, String said) throws IOException {
    Ran ran = list(command);
    assertThat(ran.err()).contains("admin.conf: users[ada].user.exec.command: got ", said);
    assertThat(ran.status()).isEqualTo(2);
  }

  @Test
  void pluginThatIsNotInstalled_isNamed() throws IOException {
    isRefused("no-such-plugin", "\"no-such-plugin\", which is not there");
    isRefused("./no-such-plugin", "/no-such-plugin\", which is not there");
  }

  @Test
  void pluginThatFails_isNamed() throws IOException {
    plugin("exit 1");
    isRefused("./plugin", "/plugin\" ended with status 1; want 0");
  }

  @Test
  void pluginThatWorks_isUsed() throws IOException {
    plugin(
        "touch \"$0.ran\"; echo '{\"apiVersion\": \"client.authentication.k8s.io/v1\","
            + " \"kind\": \"ExecCredential\", \"status\": {\"token\": \"t\"}}'");
    Ran ran = list("./plugin");
    assertThat(ran.err()).contains("127.0.0.1:1").doesNotContain("exec");
    assertThat(ran.status()).isEqualTo(1);
    assertThat(directory.resolve("plugin.ran")).exists();
  }
}
