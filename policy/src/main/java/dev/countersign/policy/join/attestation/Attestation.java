package dev.countersign.policy.join.attestation;

import dev.countersign.policy.fact.Fact;
import java.time.Instant;

/**
 * One way in which a machine proves which machine it is. Implementations are pure and safe for use
 * by several threads.
 */
public interface Attestation {
  /**
   * The annotation of a CertificateSigningRequest that carries the evidence. It is written by the
   * requester, so it proves nothing by being there.
   */
  String ANNOTATION = "countersign.dev/attestation";

  /**
   * Verifies evidence.
   *
   * @param evidence what the annotation holds; attacker-controlled
   * @param at when the request that carries it was created
   * @param published where keys are looked up that an issuer publishes; asked only for evidence
   *     that would hold if its signature did
   * @return unknown where it takes keys that are not known
   */
  Fact<AttestationVerdict> verify(String evidence, Instant at, PublishedKeys published);
}
