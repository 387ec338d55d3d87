package dev.countersign.kube.credential;

import java.io.IOException;
import java.io.Serial;

/** Credentials that cannot be used, with a message that says what to do. */
final class CredentialProblem extends IOException {
  @Serial private static final long serialVersionUID = 1L;

  CredentialProblem(String message) {
    super(message);
  }

  CredentialProblem(String message, Throwable cause) {
    super(message, cause);
  }
}
