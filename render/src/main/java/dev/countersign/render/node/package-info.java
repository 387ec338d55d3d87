/**
 * Machines, from one model: units, files and users, written as Butane, Ignition or Container Linux
 * Config.
 *
 * <p><b>Threat.</b> Copies of a unit that drift apart, so that one platform keeps a mount writable
 * or a credential readable which the others closed.
 *
 * <p><b>Refuses.</b> Credentials in files that others may read, node-role labels set by kubelets,
 * and a way to delete any Node but one's own.
 */
@NullMarked
package dev.countersign.render.node;

import org.jspecify.annotations.NullMarked;
