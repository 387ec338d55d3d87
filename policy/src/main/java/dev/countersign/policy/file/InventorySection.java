package dev.countersign.policy.file;

import dev.countersign.common.document.Fields;
import dev.countersign.common.name.HttpsUrl;
import dev.countersign.policy.config.Inventory;
import dev.countersign.policy.config.Inventory.Combine;
import dev.countersign.policy.config.Inventory.OnMissing;
import dev.countersign.policy.config.InventorySource;
import dev.countersign.policy.config.InventorySource.Bootstrapper;
import dev.countersign.policy.config.InventorySource.Machines;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The field {@code spec.inventory} of a policy file. */
final class InventorySection {
  private InventorySection() {}

  /** The inventory, or nothing where there is none or it is wrong. */
  static Optional<Inventory> read(Fields spec) {
    if (!spec.has("inventory")) {
      return Optional.empty();
    }
    Fields inventory = spec.child("inventory");
    List<InventorySource> sources = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (Fields source : inventory.children("sources")) {
      String name = source.required("name", "a name for messages");
      if (!name.isEmpty() && !names.add(name)) {
        source.wrong("name", "\"" + name + "\" again", "another name for each source");
      }
      source(source, name).ifPresent(sources::add);
      source.end();
    }
    Combine combine =
        inventory
            .choice(
                "combine",
                List.of(Combine.values()),
                value ->
                    switch (value) {
                      case FIRST_MATCH -> "FirstMatch";
                      case ANY -> "Any";
                      case ALL -> "All";
                    })
            .orElse(Combine.FIRST_MATCH);
    boolean replaces = inventory.truth("replacesNodeStatus").orElse(false);
    OnMissing onMissing =
        inventory
            .choice(
                "onMissing",
                List.of(OnMissing.values()),
                value -> value == OnMissing.DEFER ? "Defer" : "Renew")
            .orElse(OnMissing.DEFER);
    inventory.end();
    if (sources.isEmpty()) {
      inventory.wrong("sources", "none that can be used", "at least one source");
    }
    // A name counts also where its source is of no use, so the sources themselves are looked at.
    long different = sources.stream().map(InventorySource::name).distinct().count();
    return sources.isEmpty() || different != sources.size()
        ? Optional.empty()
        : Optional.of(new Inventory(sources, combine, replaces, onMissing));
  }

  private static Optional<InventorySource> source(Fields source, String name) {
    List<String> kinds = List.of("file", "configMap", "machines", "webhook");
    List<String> present = kinds.stream().filter(source::has).toList();
    if (present.size() != 1) {
      source.wrong("file", present.isEmpty() ? "no kind" : present.toString(), "one of " + kinds);
      return Optional.empty();
    }
    Fields kind = source.child(present.getFirst());
    Optional<InventorySource> found =
        switch (present.getFirst()) {
          case "file" ->
              Optional.of(new InventorySource.File(name, kind.required("path", "a path")));
          case "configMap" ->
              Optional.of(
                  new InventorySource.ConfigMap(
                      name,
                      kind.required("namespace", "a namespace"),
                      kind.required("name", "the ConfigMap's name"),
                      kind.text("key", "a key").orElse("inventory.yaml")));
          case "machines" -> machines(kind, name);
          default -> webhook(kind, name);
        };
    kind.end();
    return found;
  }

  private static Optional<InventorySource> webhook(Fields webhook, String name) {
    String url = webhook.required("url", "an https:// address");
    String caFile = webhook.required("caFile", "a PEM file");
    Optional<String> certificate = webhook.text("clientCertificateFile", "a PEM file");
    Optional<String> key = webhook.text("clientKeyFile", "a PEM file");
    Duration timeout = ApprovalPolicyFile.positive(webhook, "timeout", Duration.ofSeconds(5));
    if (!url.isEmpty() && !HttpsUrl.isValid(url)) {
      webhook.wrong("url", "\"" + url + "\"", "an https:// address");
      return Optional.empty();
    }
    if (certificate.isPresent() != key.isPresent()) {
      webhook.wrong(
          certificate.isPresent() ? "clientKeyFile" : "clientCertificateFile",
          "nothing",
          "both clientCertificateFile and clientKeyFile, or neither");
      return Optional.empty();
    }
    return url.isEmpty()
        ? Optional.empty()
        : Optional.of(new InventorySource.Webhook(name, url, caFile, certificate, key, timeout));
  }

  private static Optional<InventorySource> machines(Fields machines, String name) {
    Optional<String> group =
        machines.parsed(
            "group", Machines.GROUP_RULE, text -> Optional.of(text).filter(Machines::isGroup));
    Optional<String> version =
        machines.parsed(
            "version",
            Machines.VERSION_RULE,
            text -> Optional.of(text).filter(Machines::isVersion));
    Optional<String> namespace = machines.text("namespace", "a namespace");
    Optional<String> selector =
        machines.text("labelSelector", "a label selector as kubectl get -l takes it");
    Optional<String> kubeconfig = machines.text("kubeconfig", "a kubeconfig file");
    List<Bootstrapper> bootstrappers = new ArrayList<>();
    for (Fields bootstrapper : machines.children("bootstrappers")) {
      bootstrappers.add(
          new Bootstrapper(
              bootstrapper.required("namespace", "a namespace"),
              bootstrapper.required("serviceAccount", "a ServiceAccount's name"),
              ApprovalPolicyFile.positive(bootstrapper, "window", Bootstrapper.DEFAULT_WINDOW)));
      bootstrapper.end();
    }
    if (kubeconfig.isPresent() && namespace.isEmpty() && selector.isEmpty()) {
      machines.wrong(
          "namespace",
          "nothing",
          "a namespace or a labelSelector, because a management cluster has the Machines of other"
              + " clusters, too");
      return Optional.empty();
    }
    return Optional.of(
        new Machines(
            name,
            group.orElse(Machines.CLUSTER_API),
            version,
            namespace,
            selector,
            kubeconfig,
            bootstrappers));
  }
}
