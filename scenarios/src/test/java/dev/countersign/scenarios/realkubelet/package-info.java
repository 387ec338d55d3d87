/**
 * A real kubelet, from its bootstrap token to its renewed certificates. Threat: an approver that
 * satisfies what we think a kubelet does. Refuses nothing itself.
 */
@NullMarked
package dev.countersign.scenarios.realkubelet;

import org.jspecify.annotations.NullMarked;
