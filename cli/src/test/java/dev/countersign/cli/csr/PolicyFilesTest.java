package dev.countersign.cli.csr;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.cli.FakeApiServer;
import dev.countersign.cli.cluster.PolicyInForce;
import dev.countersign.cluster.connect.ClusterAccess;
import dev.countersign.policy.config.InventorySource;
import dev.countersign.policy.config.PolicyConfig;
import dev.countersign.policy.fact.Fact;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Copies of the policy's files are read below the directory that is given, and nowhere else. */
class PolicyFilesTest {
  private static final String CLIMBING = "../outside.yaml";

  @TempDir private Path directory;
  private ClusterAccess nobody;

  @BeforeEach
  void write() throws IOException {
    Path kubeconfig =
        FakeApiServer.kubeconfig(directory, "https://127.0.0.1:1", "{token: pretended}");
    nobody =
        ClusterAccess.open(
            new ClusterAccess.Options(
                Optional.of(kubeconfig), Optional.empty(), Optional.empty(), Optional.empty()));
    Files.createDirectories(directory.resolve("copies/etc"));
    for (String file : List.of("outside.yaml", "copies/nodes.yaml", "copies/etc/x.yaml")) {
      Files.writeString(directory.resolve(file), file);
    }
  }

  @AfterEach
  void close() {
    nobody.close();
  }

  private Fact<InventorySource> here(PolicyInForce policy, Optional<Path> copies, String path) {
    try (PolicyFiles files = PolicyFiles.of(policy, copies, nobody.client())) {
      InventorySource source = new InventorySource.File("racks", path);
      return files.here(source);
    }
  }

  private Fact<InventorySource> copyOf(String path) {
    return here(PolicyInForce.builtIn(), Optional.of(directory.resolve("copies")), path);
  }

  private Fact<InventorySource> at(String file) {
    return Fact.known(new InventorySource.File("racks", directory.resolve(file).toString()));
  }

  @Test
  void copy_isBelowTheDirectory() {
    assertThat(copyOf("/etc/countersign/nodes.yaml")).isEqualTo(at("copies/nodes.yaml"));
    assertThat(copyOf("/etc/countersign/a/../nodes.yaml")).isEqualTo(at("copies/nodes.yaml"));
    assertThat(copyOf("/etc/x.yaml")).isEqualTo(at("copies/etc/x.yaml"));
    assertThat(copyOf("/etc/countersign/../x.yaml")).isEqualTo(at("copies/etc/x.yaml"));
    assertThat(copyOf("nodes.yaml")).isEqualTo(at("copies/nodes.yaml"));
  }

  @Test
  void copyOutsideOfTheDirectory_isNotRead() {
    assertThat(copyOf(CLIMBING)).isInstanceOf(Fact.Unknown.class);
    assertThat(copyOf("a/../" + CLIMBING)).isInstanceOf(Fact.Unknown.class);
    assertThat(copyOf("/etc/countersign/" + CLIMBING)).isInstanceOf(Fact.Unknown.class);
    assertThat(copyOf("/" + CLIMBING)).isInstanceOf(Fact.Unknown.class);
  }

  @Test
  void pathThatCannotBe_isUnknown_whoeverWouldReadIt() {
    PolicyInForce local = PolicyInForce.ofFile(PolicyConfig.defaults(), "policy.yaml");
    Fact<InventorySource> noFile =
        Fact.unknown("the policy's file: got \"a\\u0000b\"; want an absolute path of a file");

    assertThat(copyOf("a\0b")).isEqualTo(noFile);
    assertThat(here(local, Optional.empty(), "a\0b")).isEqualTo(noFile);
    assertThat(here(PolicyInForce.builtIn(), Optional.empty(), "a\0b")).isEqualTo(noFile);
  }
}
