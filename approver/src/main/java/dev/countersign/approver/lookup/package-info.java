/**
 * Facts that cost a call over the network: forward DNS, inventories, the certificate that a kubelet
 * serves now. Looked up only where the policy wants them and nothing known defers the request.
 *
 * <p>Threat addressed: a lookup that does not answer, or is made not to answer by an attacker. Each
 * has a time limit, and what was not answered is unknown, which only defers.
 *
 * <p>Refused: answers that cannot be read in full, and servers whose certificate does not verify.
 */
@NullMarked
package dev.countersign.approver.lookup;

import org.jspecify.annotations.NullMarked;
