package dev.countersign.scenarios.differential;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.countersign.common.name.DnsName;
import dev.countersign.common.name.IpAddress;
import dev.countersign.common.name.NameOrAddress;
import dev.countersign.policy.request.SignerName;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Kubernetes' own rules, one process asked about many requests. */
final class Oracle {
  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * What Kubernetes says.
   *
   * @param accepted whether the API server stores the request and the signer signs it once approved
   * @param why what it says where it refuses
   * @param names the names and addresses it would sign
   * @param commonName the subject it would sign
   */
  record Answer(boolean accepted, String why, Set<NameOrAddress> names, String commonName) {}

  private Oracle() {}

  static List<Answer> ask(Path program, List<Mutations.Made> requests)
      throws IOException, InterruptedException, ExecutionException {
    Process process =
        new ProcessBuilder(program.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
      CompletableFuture<List<Answer>> answers =
          CompletableFuture.supplyAsync(() -> read(process), executor);
      try (BufferedWriter out = process.outputWriter(StandardCharsets.UTF_8)) {
        for (int i = 0; i < requests.size(); i++) {
          out.write(question(i, requests.get(i)));
          out.write('\n');
        }
      }
      List<Answer> all = answers.get();
      if (process.waitFor() != 0) {
        throw new IOException("the oracle exited with " + process.exitValue());
      }
      return all;
    } finally {
      process.destroy();
    }
  }

  private static String question(int id, Mutations.Made made) throws IOException {
    Map<String, Object> question = new HashMap<>();
    question.put("id", String.valueOf(id));
    question.put(
        "request",
        Base64.getEncoder().encodeToString(made.pem().getBytes(StandardCharsets.ISO_8859_1)));
    question.put("usages", made.usages());
    question.put("username", made.username());
    question.put("groups", made.groups());
    question.put("signerName", SignerName.KUBELET_SERVING.text());
    made.expiration().map(Duration::toSeconds).ifPresent(s -> question.put("expirationSeconds", s));
    return JSON.writeValueAsString(question);
  }

  private static List<Answer> read(Process process) {
    List<Answer> answers = new ArrayList<>();
    try (BufferedReader in = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        JsonNode answer = JSON.readTree(line);
        if (answer.hasNonNull("error") || answer.path("id").asInt(-1) != answers.size()) {
          throw new IOException("the oracle did not understand question " + answers.size());
        }
        answers.add(answer(answer));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return answers;
  }

  private static Answer answer(JsonNode answer) {
    JsonNode create = answer.path("create");
    JsonNode serving = answer.path("kubeletServing");
    JsonNode parsed = answer.path("parsed");
    Set<NameOrAddress> names = new HashSet<>();
    parsed.path("dnsNames").forEach(name -> names.add(DnsName.of(name.asText())));
    parsed.path("ipAddresses").forEach(ip -> IpAddress.parse(ip.asText()).ifPresent(names::add));
    return new Answer(
        create.path("accepted").asBoolean() && serving.path("accepted").asBoolean(),
        create.path("reason").asText() + " / " + serving.path("reason").asText(),
        names,
        parsed.path("commonName").asText());
  }
}
