/**
 * Platforms of machines, one class each: how a machine gets its kubeconfig, its Node's name and
 * provider ID.
 *
 * <p><b>Threat.</b> A bootstrap token in user data that more than the machine can read; a machine
 * that names its Node as it likes.
 *
 * <p><b>Does not belong here.</b> Units, which are an operating system's.
 */
@NullMarked
package dev.countersign.render.platform;

import org.jspecify.annotations.NullMarked;
