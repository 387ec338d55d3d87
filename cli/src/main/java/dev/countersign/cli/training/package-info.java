/**
 * What the launcher and the approver's image run once to record the classes that a start needs (JEP
 * 514). Nothing here is called by a command.
 *
 * <p>Threat addressed: none; the pretended cluster listens on loopback and trusts nobody.
 *
 * <p>Refused: anything with an effect on the machine beyond a temporary folder.
 */
@NullMarked
package dev.countersign.cli.training;

import org.jspecify.annotations.NullMarked;
