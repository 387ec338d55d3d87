package dev.countersign.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Slips of whoever types a command: what was got, and what is wanted. */
class UsageErrorHandlerTest {
  @TempDir private Path directory = Path.of(".");

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
    try (FakeApiServer server = new FakeApiServer()) {
      String kubeconfig = server.kubeconfig(directory).toString();
      isUsage(
          Ran.of("token", "list", "--kubeconfig", kubeconfig, "--context", "nope"),
          kubeconfig
              + ": contexts: got [\"here\"]; want one named \"nope\"; choose one of them with"
              + " --context NAME");
    }
  }

  @Test
  void factsOfALiveRequest_areRefused() {
    isUsage(Ran.of("csr", "explain", "csr-1", "--facts", "facts.yaml"), "--facts: got facts.yaml");
  }

  @Test
  void fileWithoutARequest_isNamed() throws IOException {
    Path empty = Files.writeString(directory.resolve("empty.yaml"), "");
    isUsage(
        Ran.of("csr", "explain", "--file", empty.toString()),
        "--file: got " + empty + " with 0 CertificateSigningRequests; want one");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "csr approve|got no --reason and no NAME; want --reason=TEXT and NAME|csr approve",
        "csr approve csr-1|got no --reason; want --reason=TEXT|csr approve",
        "node drain|got no NAME; want NAME|node drain",
        "csr approve csr-1 --nope|got --nope; want an option of countersign csr approve|csr"
            + " approve",
        "csr approve csr-1 --reson x|got --reson; want an option of countersign csr approve; did"
            + " you mean \"--reason\"?|csr approve",
        "csr list --policy|--policy: got no value; want FILE|csr list",
        "csr approve csr-1 --reason|--reason: got no value; want TEXT|csr approve",
        "csr --verbose=maybe list|Invalid value for option '--verbose': 'maybe' is not a"
            + " boolean|csr",
        "csr explain a b|got b; want no more arguments of countersign csr explain|csr explain",
        "csr explian|got explian; want one of: list, explain, approve, deny; did you mean"
            + " \"explain\"?|csr",
      })
  void commandLine_isToldInOneLine_withItsHelp(String words, String text, String command) {
    Ran ran = Ran.of(words.split(" "));
    assertThat(ran.err())
        .isEqualTo("error: " + text + "\nSee countersign " + command + " --help\n");
    assertThat(ran.out()).isEmpty();
    assertThat(ran.status()).isEqualTo(2);
  }

  @Test
  void formerNameOfAnOption_isTaken_withAWarning() {
    for (String former : new String[] {"--why=seen", "--why seen"}) {
      Ran ran = Ran.of(("csr deny csr-1 " + former + " --kubeconfig /no/such/file").split(" "));
      assertThat(ran.err())
          .startsWith("warning: --why is deprecated; use --reason\nerror: ")
          .contains("/no/such/file");
      assertThat(ran.status()).isEqualTo(2);
    }
    assertThat(Ran.of("node", "drain", "n", "--why=x").err()).contains("got --why; want an option");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "token list TOKEN",
        "help token list TOKEN",
        "token create --ttl TOKEN",
        "token create --ttl=TOKEN",
        "token --verbose=TOKEN list",
        "csr explain TOKEN --kubeconfig KUBECONFIG",
        "csr explain --file TOKEN --verbose",
        "node drain TOKEN --kubeconfig KUBECONFIG",
        "TOKEN",
      })
  void tokenInAWrongPlace_isToldWithoutItsSecret(String words) throws IOException {
    try (FakeApiServer server = new FakeApiServer()) {
      Path kubeconfig = server.kubeconfig(directory);
      Ran ran =
          Ran.of(
              words
                  .replace("TOKEN", "07401b.f395accd246ae52d")
                  .replace("KUBECONFIG", kubeconfig.toString())
                  .split(" "));
      assertThat(ran.err()).contains("07401b.<secret>").doesNotContain("f395accd246ae52d");
      assertThat(ran.out()).isEmpty();
      assertThat(ran.status()).isNotZero();
    }
  }

  @Test
  void tokenAsTheNameOfARequest_isAskedOfNobody() throws IOException {
    try (FakeApiServer server = new FakeApiServer()) {
      Ran.of(
          "csr",
          "explain",
          "07401b.f395accd246ae52d",
          "--kubeconfig",
          server.kubeconfig(directory).toString());
      assertThat(server.seen()).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "worker.0123456789abcdef.example",
        "rack7-07401b.f395accd246ae52d",
        "07401b.f395accd246ae52d-x",
        "07401b.f395accd246ae52d0",
      })
  void nameThatOnlyHoldsTheFormOfAToken_isToldAsItIs(String name) {
    assertThat(Ran.of("token", "list", name).err()).startsWith("error: got " + name + ";");
  }

  @Test
  void commandThatIsNone_namesAll() {
    Ran ran = Ran.of("dmeo");
    assertThat(ran.err())
        .startsWith("error: got dmeo; want one of: help, demo, render, ")
        .endsWith("did you mean \"demo\"?\nSee countersign --help\n");
    assertThat(ran.status()).isEqualTo(2);
  }
}
