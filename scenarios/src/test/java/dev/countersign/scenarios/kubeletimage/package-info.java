/**
 * The real kubelet image, from Debian's real packages.
 *
 * <p>Threat: an image that builds, but in which a tool does not start, or that differs between two
 * builders. Refused: nothing here decides; it is measured.
 */
@NullMarked
package dev.countersign.scenarios.kubeletimage;

import org.jspecify.annotations.NullMarked;
