/**
 * Attestation: what a machine can show, beside a token, to prove which machine it is.
 *
 * <p><b>Threat.</b> A bootstrap token is a bearer secret. Between its theft and its first use
 * whoever holds it is the node it is bound to; only something the thief cannot copy helps there.
 *
 * <p><b>Refuses.</b> Evidence that is not signed by a configured issuer, is meant for another
 * audience, is out of its time, or names no node. What an issuer's document does not say (which key
 * is asked for, for example) it does not prove; see {@link
 * dev.countersign.policy.join.attestation.SignedIdentityDocument}. Keys that an issuer publishes
 * are looked up elsewhere; while they are not known, nothing is refused for them.
 */
@NullMarked
package dev.countersign.policy.join.attestation;

import org.jspecify.annotations.NullMarked;
