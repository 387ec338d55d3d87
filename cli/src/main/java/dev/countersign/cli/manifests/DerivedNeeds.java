package dev.countersign.cli.manifests;

import dev.countersign.common.name.IpAddress;
import dev.countersign.policy.config.Inventory;
import dev.countersign.policy.config.InventorySource;
import dev.countersign.policy.config.KubeletAuthority;
import dev.countersign.policy.config.Names;
import dev.countersign.policy.config.PolicyConfig;
import dev.countersign.policy.config.Renewal;
import dev.countersign.policy.join.attestation.IssuerKeys;
import dev.countersign.policy.join.attestation.SignedIdentityDocument;
import dev.countersign.render.approver.ApproverFiles;
import dev.countersign.render.approver.PolicyNeeds;
import dev.countersign.render.approver.PolicyNeeds.Destination;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.regex.Pattern;

/**
 * What a policy and issuers of identity documents need of the deployment, derived from them, and
 * what cannot be.
 *
 * @param needs what follows from it
 * @param errors fields that no deployment of ours can serve, each with the next step
 * @param fromConfigMap files that a ConfigMap must hold before the approver starts
 * @param fromSecret files that a Secret must hold before the approver starts
 * @param elsewhere what is to be seen to in other clusters, each with its field
 */
record DerivedNeeds(
    PolicyNeeds needs,
    List<String> errors,
    List<NamedFile> fromConfigMap,
    List<NamedFile> fromSecret,
    List<String> elsewhere) {
  private static final int HTTPS = 443;

  /** A file that a key of a ConfigMap or Secret can hold. */
  private static final Pattern FILE =
      Pattern.compile("(?!\\.\\.?/|.*/\\.\\.?/)[-._a-zA-Z0-9]+(/[-._a-zA-Z0-9]+)*");

  /**
   * A file that the policy names.
   *
   * @param field where in the policy
   * @param name the file's path below the directory of all
   */
  record NamedFile(String field, String name) {}

  /**
   * Of a policy, and of the issuers of identity documents under strict join.
   *
   * @param issuers of the file for {@code --attestation}; none without one
   */
  static DerivedNeeds of(PolicyConfig config, List<SignedIdentityDocument> issuers) {
    Derivation derivation = new Derivation();
    boolean dns = config.names().resolution() != Names.Resolution.OFF;
    List<InventorySource> sources = config.inventory().map(Inventory::sources).orElse(List.of());
    for (int i = 0; i < sources.size(); i++) {
      derivation.source("spec.inventory.sources[" + i + "].", sources.get(i));
    }
    for (int i = 0; i < issuers.size(); i++) {
      if (issuers.get(i).issuerKeys() instanceof IssuerKeys.Published published) {
        derivation.issuer("--attestation: issuers[" + i + "].", published);
      }
    }
    switch (config.renewal().authority()) {
      case KubeletAuthority.OfApiServer() -> {}
      case KubeletAuthority.File(String path) ->
          derivation.file(
              "spec.renewal.kubeletCertificateAuthority.file.path", path, derivation.files);
      case KubeletAuthority.ConfigMap(String namespace, String name, String key) ->
          derivation.configMaps.add(new PolicyNeeds.ConfigMapAccess(namespace, name));
    }
    PolicyNeeds needs =
        new PolicyNeeds(
            config.access().isPresent(),
            dns || derivation.dns,
            kubeletPort(config.renewal()),
            derivation.webhooks,
            derivation.configMaps,
            derivation.machines,
            names(derivation.files),
            names(derivation.secretFiles));
    return new DerivedNeeds(
        needs, derivation.errors, derivation.files, derivation.secretFiles, derivation.elsewhere);
  }

  private static OptionalInt kubeletPort(Renewal renewal) {
    boolean asks = renewal.resolveContested() || renewal.onChange() != Renewal.OnChange.IGNORE;
    return asks ? OptionalInt.of(renewal.kubeletPort()) : OptionalInt.empty();
  }

  private static List<String> names(List<NamedFile> files) {
    return files.stream().map(NamedFile::name).toList();
  }

  /** While the sources are gone through. */
  private static final class Derivation {
    private boolean dns;
    private final List<Destination> webhooks = new ArrayList<>();
    private final List<PolicyNeeds.ConfigMapAccess> configMaps = new ArrayList<>();
    private final List<PolicyNeeds.MachineAccess> machines = new ArrayList<>();
    private final List<NamedFile> files = new ArrayList<>();
    private final List<NamedFile> secretFiles = new ArrayList<>();
    private final List<String> errors = new ArrayList<>();
    private final List<String> elsewhere = new ArrayList<>();

    void source(String field, InventorySource source) {
      switch (source) {
        case InventorySource.File file -> file(field + "file.path", file.path(), files);
        case InventorySource.ConfigMap map ->
            configMaps.add(new PolicyNeeds.ConfigMapAccess(map.namespace(), map.configMap()));
        case InventorySource.Machines each -> machines(field + "machines.kubeconfig", each);
        case InventorySource.Webhook webhook -> webhook(field + "webhook.", webhook);
      }
    }

    private void machines(String field, InventorySource.Machines source) {
      if (source.kubeconfig().isEmpty()) {
        machines.add(new PolicyNeeds.MachineAccess(source.group(), source.namespace()));
        return;
      }
      dns = true;
      file(field, source.kubeconfig().get(), secretFiles);
      elsewhere.add(
          field
              + ": its user must be allowed to list machines."
              + source.group()
              + " in the cluster that it names"
              + source.namespace().map(namespace -> ", in namespace " + namespace).orElse("")
              + ", and that API server is reached at port 443 or 6443 only; for another port add a"
              + " rule to the NetworkPolicy");
    }

    private void webhook(String field, InventorySource.Webhook webhook) {
      file(field + "caFile", webhook.caFile(), files);
      webhook
          .clientCertificateFile()
          .ifPresent(path -> file(field + "clientCertificateFile", path, secretFiles));
      webhook.clientKeyFile().ifPresent(path -> file(field + "clientKeyFile", path, secretFiles));
      connection(field + "url", webhook.url());
    }

    void issuer(String field, IssuerKeys.Published published) {
      published.caFile().ifPresent(path -> file(field + "caFile", path, files));
      connection(field + "jwksURI", published.jwksUri());
    }

    private void connection(String field, String address) {
      URI url;
      try {
        url = URI.create(address);
      } catch (IllegalArgumentException e) {
        url = URI.create("");
      }
      if (url.getHost() == null) {
        errors.add(
            field
                + ": got \""
                + address
                + "\"; want a URL with a host, such as https://assets.example.com/node");
        return;
      }
      String host = url.getHost().replaceFirst("^\\[(.*)]$", "$1");
      int port = url.getPort() < 0 ? HTTPS : url.getPort();
      IpAddress.parse(host)
          .ifPresentOrElse(
              ip ->
                  webhooks.add(
                      new Destination.Address(ip + (host.contains(":") ? "/128" : "/32"), port)),
              () -> {
                dns = true;
                webhooks.add(named(host, port));
              });
    }

    /** {@code SERVICE.NAMESPACE.svc}, with the cluster's domain or without it. */
    private static Destination named(String host, int port) {
      String[] labels = host.split("\\.", -1);
      return labels.length >= 3 && labels[2].equals("svc")
          ? new Destination.ServiceOf(labels[1])
          : new Destination.Anywhere(port);
    }

    private void file(String field, String path, List<NamedFile> into) {
      String directory = ApproverFiles.DIRECTORY + "/";
      String name = path.startsWith(directory) ? path.substring(directory.length()) : "";
      if (!FILE.matcher(name).matches()) {
        errors.add(
            field
                + ": got \""
                + path
                + "\", which nothing would be mounted at; want a file below "
                + ApproverFiles.DIRECTORY
                + ", named with letters, digits, '-', '_' and '.'");
      } else if (ApproverFiles.RESERVED.contains(name)) {
        errors.add(
            field + ": got \"" + path + "\", which the approver has itself; want another name");
      } else {
        into.add(new NamedFile(field, name));
      }
    }
  }
}
