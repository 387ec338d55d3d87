package dev.countersign.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.countersign.cli.terminal.Console;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class BadInputTest {
  @TempDir private Path directory = Path.of(".");

  private record Result(int status, String out, String err) {}

  private static Result run(String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int status =
        Countersign.run(
            Console.plain(new PrintWriter(out, true), new PrintWriter(err, true)), arguments);
    return new Result(status, out.toString(), err.toString());
  }

  private static void isOneParagraph(Result result, int status, String named) {
    assertEquals(status, result.status(), result.err());
    assertEquals("", result.out());
    assertTrue(result.err().startsWith("error: "), result.err());
    assertTrue(result.err().contains(named) && result.err().contains("want"), result.err());
    assertEquals(1, result.err().lines().count(), result.err());
    assertFalse(result.err().contains("internal error"), result.err());
  }

  @Test
  void kubeconfigThatIsNone() throws IOException {
    Path garbage = directory.resolve("garbage.conf");
    Files.write(garbage, new byte[] {(byte) 0xff, (byte) 0xfe, 0, 1, '{', '['});
    isOneParagraph(run("token", "list", "--kubeconfig", garbage.toString()), 2, garbage.toString());
    isOneParagraph(run("approver", "--kubeconfig", garbage.toString()), 2, garbage.toString());
    String missing = directory.resolve("missing.conf").toString();
    isOneParagraph(run("token", "list", "--kubeconfig", missing), 2, missing);
    isOneParagraph(run("approver", "--kubeconfig", missing), 2, missing);
  }

  @Test
  void stackOnlyWithVerbose() {
    String missing = directory.resolve("missing.conf").toString();
    Result quiet = run("token", "list", "--kubeconfig", missing);
    Result verbose = run("token", "list", "--verbose", "--kubeconfig", missing);
    assertFalse(quiet.err().contains("\tat "), quiet.err());
    assertTrue(verbose.err().contains("\tat "), verbose.err());
  }

  @Test
  void specOnAPathThatCannotBe() {
    String path = directory.resolve("no/such/directory/cluster.yaml").toString();
    isOneParagraph(run("render", "--init", "--spec", path), 1, path);
    isOneParagraph(run("render", "--spec", path, "--out", directory.toString()), 2, path);
  }

  @Test
  void specWithFaultsNamesEach() throws IOException {
    Path spec = directory.resolve("bad.yaml");
    Files.writeString(spec, "kind: ClusterSpec\nfoo: 1\n");
    Result result =
        run("render", "--spec", spec.toString(), "--out", directory.resolve("out").toString());
    assertEquals(2, result.status());
    assertTrue(result.err().contains("foo (line 2): got an unknown field"), result.err());
    assertTrue(result.err().contains("clusterName (line 1): got nothing"), result.err());
    assertTrue(Files.notExists(directory.resolve("out")));
  }

  @Test
  void manifestsOfAPolicyWithErrors() throws IOException {
    Path policy = directory.resolve("policy.yaml");
    Files.writeString(
        policy,
        "apiVersion: countersign.dev/v1alpha1\nkind: ApprovalPolicy\nspec: {mode: Sometimes}\n");
    Result result = run("manifests", "--policy", policy.toString());
    assertEquals(2, result.status(), result.err());
    assertEquals("", result.out());
    assertTrue(result.err().contains("spec.mode") && result.err().contains("want"), result.err());
    isOneParagraph(run("manifests", "--image", "a b"), 2, "--image");
    isOneParagraph(run("manifests", "-n", "Up"), 2, "--namespace");
  }

  @Test
  void manifestsOfAGoodPolicy_grantWhatItAsksFor() throws IOException {
    Path policy = directory.resolve("policy.yaml");
    Files.writeString(
        policy,
        """
        apiVersion: countersign.dev/v1alpha1
        kind: ApprovalPolicy
        spec: {subjectAccessReview: {mode: Required}}
        """);
    Result result = run("manifests", "--ha", "--policy", policy.toString());
    assertEquals(0, result.status(), result.err());
    assertTrue(result.out().contains("resources: [subjectaccessreviews]"));
    assertTrue(result.out().contains("    spec: {subjectAccessReview: {mode: Required}}"));
    assertFalse(run("manifests").out().contains("subjectaccessreviews"));
  }
}
