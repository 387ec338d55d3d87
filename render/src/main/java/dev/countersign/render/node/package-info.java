/**
 * Machines, from one model: units, files and users, written as Butane, Ignition or Container Linux
 * Config. Snippets of the operator's are read into the same model and merged by Ignition's rules.
 *
 * <p><b>Threat.</b> Copies of a unit that drift apart, so that one platform keeps a mount writable
 * or a credential readable which the others closed; a snippet that silently replaces a unit or a
 * file which the kubelet's identity rests on.
 *
 * <p><b>Refuses.</b> Credentials in files that others may read, node-role labels set by kubelets,
 * and a way to delete any Node but one's own.
 */
@NullMarked
package dev.countersign.render.node;

import org.jspecify.annotations.NullMarked;
