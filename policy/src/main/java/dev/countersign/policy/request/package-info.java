/**
 * The CertificateSigningRequest object as the policy sees it: what the API server recorded about
 * the requestor, and the bytes that would be signed.
 *
 * <p><b>Threat.</b> All of it but the requestor's identity is chosen by the requestor.
 *
 * <p><b>Refuses.</b> Nothing: it is the checks that judge.
 */
@NullMarked
package dev.countersign.policy.request;

import org.jspecify.annotations.NullMarked;
