package dev.countersign.approver.controller;

import dev.countersign.approver.csr.CsrObject;
import dev.countersign.policy.decision.Decision;
import dev.countersign.policy.request.CsrSpec;
import dev.countersign.policy.request.SignerName;
import java.util.Optional;

/** Decides on requests for one signer and writes the verdicts. Thread-safe. */
public interface CsrHandler {
  /** Whose requests. */
  SignerName signer();

  /** Why a request is not for it to decide, if it is not; reads no bytes of the request. */
  Optional<Decision.Ground> groundToIgnore(CsrSpec csr);

  /**
   * Decides on a request and writes what follows from that. Calling it again for the same request
   * is harmless.
   */
  Result handle(CsrObject csr);
}
