package dev.countersign.scenarios.binaries;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.scenarios.fixture.TestedKubernetes;
import dev.countersign.testbed.binaries.KubernetesBinaries;
import dev.countersign.testbed.binaries.Program;
import dev.countersign.testkit.CsrForge;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** One file under many names: each name must be the program it says. */
class EveryProgramAnswersIT {
  @ParameterizedTest
  @CsvSource({
    "ETCD, --version, etcd Version: 3.",
    "KUBE_APISERVER, --version, Kubernetes VERSION",
    "KUBE_CONTROLLER_MANAGER, --version, Kubernetes VERSION",
    "KUBE_SCHEDULER, --version, Kubernetes VERSION",
    "KUBELET, --version, Kubernetes VERSION",
    "KUBECTL, version --client, Client Version: VERSION",
    "KUBEADM, version -o short, VERSION"
  })
  void program_askedForItsVersion_tellsIt(Program program, String arguments, String answer)
      throws Exception {
    assertThat(run(program, arguments.split(" ", -1), ""))
        .contains(answer.replace("VERSION", TestedKubernetes.binaries().version()));
  }

  @Test
  void oracle_givenAnHonestAndAHostileRequest_tellsThemApart() throws Exception {
    String input =
        line("honest", CsrForge.serving("node-1").pem())
            + line("hostile", CsrForge.serving("node-1").withUri("spiffe://cluster/admin").pem());

    List<String> answers = run(Program.ORACLE, new String[0], input).lines().toList();

    assertThat(answers).hasSize(2);
    assertThat(answers.get(0))
        .contains("\"honest\"")
        .contains("\"kubeletServing\":{\"accepted\":true");
    assertThat(answers.get(1))
        .contains("\"hostile\"")
        .contains("\"kubeletServing\":{\"accepted\":false");
  }

  private static String line(String id, String pem) {
    return """
    {"id":"%s","request":"%s","usages":["digital signature","server auth"],\
    "username":"system:node:node-1","groups":["system:nodes","system:authenticated"],\
    "signerName":"kubernetes.io/kubelet-serving"}
    """
        .formatted(id, Base64.getEncoder().encodeToString(pem.getBytes(StandardCharsets.US_ASCII)));
  }

  private static String run(Program program, String[] arguments, String input) throws Exception {
    KubernetesBinaries binaries = TestedKubernetes.binaries();
    List<String> command = new ArrayList<>(List.of(binaries.file(program).toString()));
    command.addAll(List.of(arguments));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().write(input.getBytes(StandardCharsets.US_ASCII));
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    return output;
  }
}
