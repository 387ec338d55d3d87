package dev.countersign.cli.cluster;

import dev.countersign.cluster.address.AddressRecords;
import dev.countersign.cluster.connect.ClusterAccess;
import dev.countersign.common.command.CliException;
import java.time.InstantSource;
import java.util.Optional;
import java.util.SortedSet;

/** Finds the approver's records: where {@code -n} says, else where there are some. */
public final class RecordsNamespace {
  private RecordsNamespace() {}

  /** The records of one approver. */
  public static AddressRecords records(ClusterAccess cluster, Optional<String> namespace)
      throws CliException {
    return new AddressRecords(cluster.client(), name(cluster, namespace), InstantSource.system());
  }

  /** The namespace of the records. */
  public static String name(ClusterAccess cluster, Optional<String> namespace) throws CliException {
    if (namespace.isPresent()) {
      return namespace.get();
    }
    SortedSet<String> found = AddressRecords.namespaces(cluster.client());
    if (found.size() > 1) {
      throw CliException.usage(
          "-n: got nothing, and there are records of addresses in " + found + "; want one of them");
    }
    return found.first();
  }
}
