/**
 * The group {@code csr}: requests for kubelets' serving certificates, and why they are decided as
 * they are.
 *
 * <p><b>Threat.</b> A person who approves by hand what the policy refused, without knowing why.
 *
 * <p><b>Refuses.</b> To approve against a violation in the request itself without {@code --force}.
 */
@NullMarked
package dev.countersign.cli.csr;

import org.jspecify.annotations.NullMarked;
