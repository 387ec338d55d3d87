/** A machine's Podman, with the rendered signature policy and an image that this program signed. */
@NullMarked
package dev.countersign.scenarios.signature;

import org.jspecify.annotations.NullMarked;
