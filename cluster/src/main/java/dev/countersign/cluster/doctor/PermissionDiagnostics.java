package dev.countersign.cluster.doctor;

import dev.countersign.cluster.doctor.ClusterSnapshot.Permission;
import dev.countersign.common.name.NodeName;
import dev.countersign.policy.request.SignerName;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.authorization.v1.ResourceAttributes;
import io.fabric8.kubernetes.api.model.authorization.v1.ResourceAttributesBuilder;
import io.fabric8.kubernetes.api.model.authorization.v1.SubjectAccessReview;
import io.fabric8.kubernetes.api.model.authorization.v1.SubjectAccessReviewBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** Asks the API server's authorizer what nodes, bootstrap tokens and the approver may do. */
public final class PermissionDiagnostics {
  private static final String NODES = "system:nodes";
  private static final String BOOTSTRAPPERS = "system:bootstrappers";
  private static final String SOME_TOKEN = "system:bootstrap:000000";
  private static final String SERVICE_ACCOUNTS = "system:serviceaccounts";

  private final KubernetesClient client;
  private final Attempts attempts;

  PermissionDiagnostics(KubernetesClient client, Attempts attempts) {
    this.client = Objects.requireNonNull(client, "client");
    this.attempts = Objects.requireNonNull(attempts, "attempts");
  }

  /**
   * The answers; those that could not be had are left out.
   *
   * @param approver its service account; where empty nothing is asked about it
   */
  Map<Permission, Boolean> permissions(Optional<ServiceAccount> approver) {
    Map<Permission, Boolean> permissions = new EnumMap<>(Permission.class);
    questions(approver)
        .forEach(
            (permission, question) ->
                attempts
                    .optional("permission " + permission, () -> isAllowed(client, question))
                    .ifPresent(allowed -> permissions.put(permission, allowed)));
    return permissions;
  }

  private static Map<Permission, SubjectAccessReview> questions(Optional<ServiceAccount> approver) {
    String node = NodeName.USER_PREFIX + "x";
    Map<Permission, SubjectAccessReview> questions = new EnumMap<>(Permission.class);
    questions.put(Permission.NODES_CREATE_REQUESTS, question(node, NODES, creation("")));
    questions.put(
        Permission.BOOTSTRAPPERS_CREATE_REQUESTS,
        question(SOME_TOKEN, BOOTSTRAPPERS, creation("")));
    questions.put(Permission.NODES_RENEW, question(node, NODES, creation("selfnodeclient")));
    questions.put(
        Permission.BOOTSTRAPPERS_ARE_APPROVED,
        question(SOME_TOKEN, BOOTSTRAPPERS, creation("nodeclient")));
    approver.ifPresent(
        account -> {
          String user =
              "system:serviceaccount:"
                  + account.getMetadata().getNamespace()
                  + ":"
                  + account.getMetadata().getName();
          questions.put(
              Permission.APPROVER_APPROVES,
              question(
                  user,
                  SERVICE_ACCOUNTS,
                  new ResourceAttributesBuilder()
                      .withGroup("certificates.k8s.io")
                      .withResource("signers")
                      .withName(SignerName.KUBELET_SERVING.text())
                      .withVerb("approve")
                      .build()));
          questions.put(
              Permission.APPROVER_WRITES,
              question(user, SERVICE_ACCOUNTS, ofRequests("update", "approval")));
          questions.put(
              Permission.APPROVER_LISTS_SERVICE_RANGES,
              question(
                  user,
                  SERVICE_ACCOUNTS,
                  new ResourceAttributesBuilder()
                      .withGroup("networking.k8s.io")
                      .withResource("servicecidrs")
                      .withVerb("list")
                      .build()));
        });
    return questions;
  }

  /**
   * Whether kube-controller-manager approves the renewals of a node's client certificate, which it
   * does for whoever may create {@code certificatesigningrequests/selfnodeclient}, also where
   * strict join has revoked the name. False where that can't be learned.
   */
  public static boolean isRenewedByControllerManager(KubernetesClient client, String node) {
    try {
      return isAllowed(
          client, question(NodeName.USER_PREFIX + node, NODES, creation("selfnodeclient")));
    } catch (KubernetesClientException e) {
      return false;
    }
  }

  private static boolean isAllowed(KubernetesClient client, SubjectAccessReview question) {
    return Boolean.TRUE.equals(
        client
            .authorization()
            .v1()
            .subjectAccessReview()
            .create(question)
            .getStatus()
            .getAllowed());
  }

  private static ResourceAttributes creation(String subresource) {
    return ofRequests("create", subresource);
  }

  private static ResourceAttributes ofRequests(String verb, String subresource) {
    return new ResourceAttributesBuilder()
        .withGroup("certificates.k8s.io")
        .withResource("certificatesigningrequests")
        .withSubresource(subresource)
        .withVerb(verb)
        .build();
  }

  private static SubjectAccessReview question(
      String user, String group, ResourceAttributes attributes) {
    return new SubjectAccessReviewBuilder()
        .withNewSpec()
        .withUser(user)
        .withGroups(group, "system:authenticated")
        .withResourceAttributes(attributes)
        .endSpec()
        .build();
  }
}
