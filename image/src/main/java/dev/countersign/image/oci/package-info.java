/**
 * The OCI image layout, its manifests and digests.
 *
 * <p>Threat: a layout with content of another digest than its name.
 *
 * <p>Refused: blobs that do not hash to their name, descriptors without content.
 */
@NullMarked
package dev.countersign.image.oci;

import org.jspecify.annotations.NullMarked;
