package dev.countersign.kube.credential;

import java.util.Objects;

/** What became of reading credentials. */
public sealed interface CredentialsResult {
  /** They can be used. */
  record Usable(ClientCredentials credentials) implements CredentialsResult {
    /** Checks that there are credentials. */
    public Usable {
      Objects.requireNonNull(credentials);
    }
  }

  /**
   * They cannot be used.
   *
   * @param problem {@code path: got …; want …; next step}, without secrets
   */
  record Unusable(String problem) implements CredentialsResult {
    /** Checks that there is a problem. */
    public Unusable {
      Objects.requireNonNull(problem);
    }
  }
}
