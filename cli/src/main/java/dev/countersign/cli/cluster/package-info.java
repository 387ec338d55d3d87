/**
 * What the commands that talk to a cluster share: kubectl's flags, and the way its errors are told.
 *
 * <p><b>Threat.</b> A command that acts on another cluster than its user thinks; an error that
 * prints a credential.
 *
 * <p><b>Refuses.</b> Kubeconfigs and contexts that do not exist.
 */
@NullMarked
package dev.countersign.cli.cluster;

import org.jspecify.annotations.NullMarked;
