package dev.countersign.cli.manifests;

import dev.countersign.render.approver.ApproverDeployment;
import dev.countersign.render.approver.ApproverFiles;
import dev.countersign.render.approver.ApproverPlace;
import dev.countersign.render.approver.PodSettings;
import java.io.PrintWriter;
import java.util.List;
import java.util.Optional;

/** What must be there or be done beside the objects, told before they are applied. */
final class DeploymentNotes {
  private final PrintWriter err;
  private final ApproverDeployment deployment;

  DeploymentNotes(PrintWriter err, ApproverDeployment deployment) {
    this.err = err;
    this.deployment = deployment;
  }

  void print(Optional<DerivedNeeds> derived) {
    if (!deployment.createsNamespace()) {
      warn(
          "--namespace "
              + deployment.namespace()
              + ": the Namespace is not among the objects and must exist; for one of the approver's"
              + " own add --create-namespace");
    }
    derived.ifPresent(
        needs -> {
          files("ConfigMap", "configmap", needs.fromConfigMap());
          files("Secret", "secret generic", needs.fromSecret());
          needs.elsewhere().forEach(this::warn);
        });
    if (deployment.strictJoin()) {
      warn(
          "strict join: kube-controller-manager must not approve client certificates by itself;"
              + " delete the ClusterRoleBindings to"
              + " system:certificates.k8s.io:certificatesigningrequests:nodeclient and"
              + " :selfnodeclient (countersign node doctor names them), after a grant for each node"
              + " that is still to join (countersign token create --node NAME)");
    }
    PodSettings pod = deployment.pod();
    if (pod.place() == ApproverPlace.HOST_NETWORK) {
      if (!deployment.createsNamespace()) {
        warn(
            "--host-network: namespace "
                + deployment.namespace()
                + " must not enforce Pod Security baseline or restricted; kubectl label namespace "
                + deployment.namespace()
                + " --overwrite pod-security.kubernetes.io/enforce=privileged");
      }
      if (pod.anyUser()) {
        warn(
            "--host-network on OpenShift: the service account needs the"
                + " SecurityContextConstraints hostnetwork-v2; oc adm policy add-scc-to-user"
                + " hostnetwork-v2 -z countersign-approver -n "
                + deployment.namespace());
      }
    }
    err.flush();
  }

  private void files(String kind, String command, List<DerivedNeeds.NamedFile> files) {
    if (files.isEmpty()) {
      return;
    }
    StringBuilder create =
        new StringBuilder("kubectl create %s %s".formatted(command, ApproverFiles.OBJECT));
    create.append(" --namespace=").append(deployment.namespace());
    files.stream()
        .map(file -> ApproverFiles.key(file.name()))
        .distinct()
        .forEach(name -> create.append(" --from-file=").append(name).append("=FILE"));
    for (DerivedNeeds.NamedFile file : files) {
      warn(
          "%s: the pod reads key %s of %s %s, which the operator makes: it waits until that is there"
              .formatted(file.field(), ApproverFiles.key(file.name()), kind, ApproverFiles.OBJECT));
    }
    err.println("  " + create);
  }

  private void warn(String text) {
    err.println("warning: " + text.strip());
  }
}
