package dev.countersign.render.approver;

import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What a policy asks of the approver's deployment beyond the base: rights, ways out of the pod, and
 * files. All of it follows from the policy alone.
 *
 * @param accessReview the right to create SubjectAccessReviews
 * @param dns a way to DNS servers
 * @param kubeletPort where kubelets are asked for their certificate, if they are
 * @param webhooks ways to inventory webhooks, and to the keys of attestation's issuers
 * @param configMaps ConfigMaps to be read
 * @param machines Machines to be listed
 * @param files files below {@value ApproverFiles#DIRECTORY} that ConfigMap {@value
 *     ApproverFiles#OBJECT} holds
 * @param secretFiles the same of the Secret of that name
 */
public record PolicyNeeds(
    boolean accessReview,
    boolean dns,
    OptionalInt kubeletPort,
    List<Destination> webhooks,
    List<ConfigMapAccess> configMaps,
    List<MachineAccess> machines,
    List<String> files,
    List<String> secretFiles) {
  private static final int KUBELET_PORT = 10250;

  /** Copies the lists and leaves out what stands in them twice. */
  public PolicyNeeds {
    Objects.requireNonNull(kubeletPort, "kubeletPort");
    webhooks = webhooks.stream().distinct().toList();
    configMaps = configMaps.stream().distinct().toList();
    machines = machines.stream().distinct().toList();
    secretFiles = secretFiles.stream().distinct().toList();
    List<String> secret = secretFiles;
    files = files.stream().distinct().filter(file -> !secret.contains(file)).toList();
  }

  /** Where a TCP connection goes, as far as a NetworkPolicy can say it. */
  public sealed interface Destination {
    /** A host whose addresses are not known before it is looked up. */
    record Anywhere(int port) implements Destination {}

    /**
     * One address.
     *
     * @param cidr the address with its full prefix length
     */
    record Address(String cidr, int port) implements Destination {
      /** Null-checks. */
      public Address {
        Objects.requireNonNull(cidr, "cidr");
      }
    }

    /**
     * A Service. Which port its Pods listen on is not known, so every one of its namespace is let
     * through.
     */
    record ServiceOf(String namespace) implements Destination {
      /** Null-checks. */
      public ServiceOf {
        Objects.requireNonNull(namespace, "namespace");
      }
    }
  }

  /** A ConfigMap to be read. */
  public record ConfigMapAccess(String namespace, String name) {
    /** Null-checks. */
    public ConfigMapAccess {
      Objects.requireNonNull(namespace, "namespace");
      Objects.requireNonNull(name, "name");
    }
  }

  /**
   * Machines to be listed.
   *
   * @param group their API group
   * @param namespace where they are; empty for all namespaces
   */
  public record MachineAccess(String group, Optional<String> namespace) {
    /** Null-checks. */
    public MachineAccess {
      Objects.requireNonNull(group, "group");
      Objects.requireNonNull(namespace, "namespace");
    }
  }

  /** What the built-in policy needs: it asks kubelets for their certificates in a contest. */
  public static PolicyNeeds ofDefaultPolicy() {
    return new PolicyNeeds(
        false,
        false,
        OptionalInt.of(KUBELET_PORT),
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        List.of());
  }
}
