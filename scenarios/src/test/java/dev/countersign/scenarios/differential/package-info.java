/**
 * Compares the policy with Kubernetes' own rules, request by request.
 *
 * <p><b>Threat.</b> An approval of what the signer then fails, or reads differently.
 *
 * <p><b>Refuses.</b> Any disagreement but that we are stricter, for a reason that is named.
 */
@NullMarked
package dev.countersign.scenarios.differential;

import org.jspecify.annotations.NullMarked;
