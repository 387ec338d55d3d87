package dev.countersign.approver.join;

import dev.countersign.approver.cluster.AccessReviewer;
import dev.countersign.approver.logging.StructuredLog;
import dev.countersign.kube.ApiClient;
import dev.countersign.policy.config.AccessAttributes;
import dev.countersign.policy.fact.AccessReview;
import dev.countersign.policy.fact.Fact;
import dev.countersign.policy.request.CsrSpec.Requestor;
import java.time.Duration;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Looks whether kube-controller-manager would approve kubelets' client certificates by itself,
 * beside strict join. It asks as that does: by a SubjectAccessReview for whoever made the request.
 * Thread-safe.
 */
public final class AutomaticApproval implements Runnable {
  private static final Duration LOOK_EVERY = Duration.ofMinutes(5);
  private static final String NOBODY = "countersign";

  /** A subresource of certificatesigningrequests; whoever may create it is approved. */
  private enum Subresource {
    NODECLIENT("whoever has a bootstrap token gets a client certificate for any node"),
    SELFNODECLIENT("a node renews its client certificate, also one whose name was revoked");

    private final String effect;

    Subresource(String effect) {
      this.effect = effect;
    }

    private Requestor requestor() {
      return switch (this) {
        case NODECLIENT ->
            Requestor.of(
                "system:bootstrap:000000",
                List.of(
                    "system:bootstrappers",
                    "system:bootstrappers:kubeadm:default-node-token",
                    "system:authenticated"));
        case SELFNODECLIENT ->
            Requestor.of("system:node:" + NOBODY, List.of("system:nodes", "system:authenticated"));
      };
    }

    private String text() {
      return name().toLowerCase(Locale.ROOT);
    }

    private AccessAttributes attributes() {
      return new AccessAttributes(
          "create", "certificates.k8s.io", "certificatesigningrequests", Optional.of(text()));
    }
  }

  private final AccessReviewer reviewer;
  private final StructuredLog log;
  private final Map<Subresource, Boolean> approved = new EnumMap<>(Subresource.class);
  private final Map<Subresource, String> unknown = new EnumMap<>(Subresource.class);

  /** One that asks through {@code client} once it {@link #run runs}. */
  public AutomaticApproval(ApiClient client, StructuredLog log) {
    this.reviewer = new AccessReviewer(client);
    this.log = log;
  }

  /** Looks at once and then every few minutes, until interrupted. */
  @Override
  public void run() {
    try {
      while (true) {
        look();
        Thread.sleep(LOOK_EVERY);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Looks once; what it sees is logged where it has changed. */
  void look() {
    for (Subresource subresource : Subresource.values()) {
      switch (reviewer.review(subresource.requestor(), subresource.attributes())) {
        case Fact.Known<AccessReview>(AccessReview review) ->
            note(subresource, review instanceof AccessReview.Allowed);
        case Fact.Unknown<AccessReview>(String why) -> noteUnknown(subresource, why);
      }
    }
  }

  private synchronized void note(Subresource subresource, boolean now) {
    unknown.remove(subresource);
    Boolean before = approved.put(subresource, now);
    if (now && !Boolean.TRUE.equals(before)) {
      log.warn(
          "join-not-strict",
          "subresource",
          subresource.text(),
          "why",
          "kube-controller-manager approves by itself: " + subresource.effect,
          "next",
          "delete the ClusterRoleBindings to"
              + " system:certificates.k8s.io:certificatesigningrequests:"
              + subresource.text()
              + "; countersign node doctor shows when none is left");
    } else if (!now && Boolean.TRUE.equals(before)) {
      log.info("join-strict", "subresource", subresource.text());
    }
  }

  private synchronized void noteUnknown(Subresource subresource, String why) {
    approved.remove(subresource);
    if (unknown.put(subresource, why) == null) {
      log.warn(
          "join-strictness-unknown",
          "subresource",
          subresource.text(),
          "why",
          why,
          "next",
          "grant create on subjectaccessreviews, as countersign manifests --strict-join does");
    }
  }

  /** 1 where kube-controller-manager approves by itself, 0 where not, by subresource. */
  public synchronized Map<String, Double> figures() {
    Map<String, Double> figures = new HashMap<>();
    approved.forEach((subresource, is) -> figures.put(subresource.text(), is ? 1.0 : 0.0));
    return figures;
  }
}
