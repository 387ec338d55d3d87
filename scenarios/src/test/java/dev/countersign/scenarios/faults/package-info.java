/**
 * What happens around a running approver, each time in the middle of a storm of requests: processes
 * killed or stopped, connections cut or dead, an API server that refuses, clocks that differ, a
 * broken policy, a full disk.
 *
 * <p>Threat addressed: a fault that makes an approver forget a node's request, or approve what it
 * would not have approved without the fault.
 *
 * <p>Refused: none of its own.
 */
@NullMarked
package dev.countersign.scenarios.faults;

import org.jspecify.annotations.NullMarked;
