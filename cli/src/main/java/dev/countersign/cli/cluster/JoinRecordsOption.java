package dev.countersign.cli.cluster;

import dev.countersign.cluster.connect.ClusterAccess;
import dev.countersign.cluster.token.JoinRecords;
import dev.countersign.cluster.token.TokenStore;
import dev.countersign.policy.join.BootstrapTokenGrant;
import java.security.SecureRandom;
import java.time.InstantSource;
import picocli.CommandLine.Option;

/** Where the records of strict join are, for commands that read or write them; a mixin. */
public final class JoinRecordsOption {
  @Option(
      names = "--join-namespace",
      paramLabel = "NAME",
      defaultValue = BootstrapTokenGrant.DEFAULT_NAMESPACE,
      description = "Where join grants are kept. Default: ${DEFAULT-VALUE}.")
  private String namespace = BootstrapTokenGrant.DEFAULT_NAMESPACE;

  /** Made by picocli. */
  public JoinRecordsOption() {}

  /** The namespace. */
  public String namespace() {
    return namespace;
  }

  /** The records of a cluster. */
  public JoinRecords records(ClusterAccess cluster) {
    return new JoinRecords(cluster.client(), namespace);
  }

  /** The bootstrap tokens of a cluster, with their records. */
  public TokenStore tokens(ClusterAccess cluster) {
    return new TokenStore(
        cluster.client(), records(cluster), new SecureRandom(), InstantSource.system());
  }
}
