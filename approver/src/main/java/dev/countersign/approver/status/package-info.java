/**
 * Verdicts and Events as API objects.
 *
 * <p>Threat addressed: overwriting what someone else has decided in the meantime (every write names
 * the resource version it is based on), and attacker-chosen text in conditions and Events.
 *
 * <p>Refused: changing anything of a request but its conditions.
 */
@NullMarked
package dev.countersign.approver.status;

import org.jspecify.annotations.NullMarked;
