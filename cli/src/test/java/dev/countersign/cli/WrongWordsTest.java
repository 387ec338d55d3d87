package dev.countersign.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Slips of whoever types a command: what was got, and what is wanted. */
class WrongWordsTest {
  @TempDir private Path folder = Path.of(".");

  private static void isUsage(Ran ran, String... words) {
    assertThat(ran.err()).contains(words).doesNotContain("Exception");
    assertThat(ran.status()).isEqualTo(2);
  }

  @Test
  void timeThatIsNone_isSaidWithoutAnException() {
    isUsage(
        Ran.of("token", "create", "--not-before", "yesterday"),
        "--not-before",
        "got \"yesterday\"; want a time such as 2026-01-31T08:00:00Z");
  }

  @Test
  void contextThatIsNone_listsThoseThereAre() throws IOException {
    try (PretendedApiServer server = new PretendedApiServer()) {
      String kubeconfig = server.kubeconfig(folder).toString();
      isUsage(
          Ran.of("token", "list", "--kubeconfig", kubeconfig, "--context", "nope"),
          "--context: got \"nope\"; want a context of " + kubeconfig + ": here");
    }
  }

  @Test
  void factsOfALiveRequest_areRefused() {
    isUsage(Ran.of("csr", "explain", "csr-1", "--facts", "facts.yaml"), "--facts: got facts.yaml");
  }

  @Test
  void fileWithoutARequest_isNamed() throws IOException {
    Path empty = Files.writeString(folder.resolve("empty.yaml"), "");
    isUsage(
        Ran.of("csr", "explain", "--file", empty.toString()),
        "--file: got " + empty + " with 0 CertificateSigningRequests; want one");
  }
}
