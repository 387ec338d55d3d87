package dev.countersign.scenarios.deployment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.scenarios.fixture.Cluster;
import dev.countersign.scenarios.fixture.Command;
import dev.countersign.scenarios.fixture.Kubectl;
import dev.countersign.scenarios.fixture.Ran;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The ways to deploy the approver with a policy, as docs/operations/install.md has them. */
enum Way {
  COMMAND {
    @Override
    void deploy(Order order) throws Exception {
      Command printed = Command.run(order.manifests());
      Kubectl.apply(order.cluster(), printed.orThrow());
      order.carryOut(printed.err());
      Files.writeString(order.directory().resolve("applied.yaml"), printed.out());
    }
  },
  KUSTOMIZE {
    @Override
    void deploy(Order order) throws Exception {
      Path component = order.directory().resolve("policy");
      Command written = Command.run(order.manifests("--component", "--out=" + component));
      written.orThrow();
      Path overlay = Files.createDirectory(order.directory().resolve("overlay"));
      Path base = Path.of("../deploy/kustomize/overlays/ha").toRealPath();
      Files.writeString(
          overlay.resolve("kustomization.yaml"),
          """
          apiVersion: kustomize.config.k8s.io/v1beta1
          kind: Kustomization
          resources: [%s]
          components: [../policy]
          """
              .formatted(overlay.toRealPath().relativize(base)));
      String objects = Kubectl.get(order.cluster(), "kustomize", overlay.toString());
      Kubectl.get(order.cluster(), "apply", "-k", overlay.toString());
      order.carryOut(written.err());
      Files.writeString(order.directory().resolve("applied.yaml"), objects);
    }
  },
  HELM {
    @Override
    void deploy(Order order) throws Exception {
      Path values = order.directory().resolve("values.yaml");
      Files.writeString(
          values,
          "policy:\n"
              + Files.readString(order.policy()).replaceFirst("(?s)^.*\nspec:\n", "").indent(2)
              + "joinInventory:\n"
              + Files.readString(order.joinInventory()).indent(2)
              + "attestation:\n"
              + Files.readString(order.attestation()).indent(2));
      String[] options = {"../deploy/helm/countersign", "--values=" + values, "--create-namespace"};
      // Each refusal names what has to be made, before anything is applied.
      for (String kind : List.of("ConfigMap", "Secret")) {
        Ran refused = order.helm().release("install", order.adminKubeconfig(), options);
        assertThat(refused.status()).as(refused.out()).isNotZero();
        assertThat(refused.err()).contains("got no " + kind + " countersign-files");
        order.carryOut(refused.err());
      }
      order.helm().release("install", order.adminKubeconfig(), options).orThrow();
    }

    @Override
    void undeploy(Order order) throws Exception {
      order.helm().release("uninstall", order.adminKubeconfig()).orThrow();
    }
  };

  abstract void deploy(Order order) throws Exception;

  /** Takes everything back but Namespaces, which take their time. */
  void undeploy(Order order) throws Exception {
    Kubectl.delete(order.cluster(), Files.readString(order.directory().resolve("applied.yaml")));
  }

  /**
   * What is to be deployed.
   *
   * @param directory for files of the deployment
   * @param files what the policy's files hold, by key
   */
  record Order(
      Cluster cluster,
      Helm helm,
      Path directory,
      Path policy,
      Path joinInventory,
      Path attestation,
      Map<String, Path> files) {
    private static final Pattern CREATE =
        Pattern.compile("kubectl create (?:namespace|configmap|secret generic) [-\\w.= /]+");

    String[] manifests(String... more) {
      List<String> words =
          new ArrayList<>(
              List.of(
                  "manifests",
                  "--policy=" + policy,
                  "--join-inventory=" + joinInventory,
                  "--attestation=" + attestation));
      words.addAll(Arrays.asList(more));
      return words.toArray(String[]::new);
    }

    Path adminKubeconfig() {
      return cluster.plane().layout().adminKubeconfig();
    }

    /** Carries out the commands that a message names, with the files in place of FILE. */
    void carryOut(String message) throws IOException, InterruptedException {
      Matcher command = CREATE.matcher(message);
      int found = 0;
      while (command.find()) {
        List<String> words = new ArrayList<>(List.of(command.group().strip().split(" ", -1)));
        words.replaceAll(
            word ->
                word.startsWith("--from-file=")
                    ? word.replace("=FILE", "=" + files.get(word.split("=", -1)[1]))
                    : word);
        Kubectl.get(cluster, words.subList(1, words.size()).toArray(String[]::new));
        found++;
      }
      assertThat(found).as(message).isPositive();
    }
  }
}
