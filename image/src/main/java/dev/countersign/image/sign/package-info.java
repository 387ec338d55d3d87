/**
 * Signatures of images and attestations about them, in the formats that cosign writes and reads.
 *
 * <p>Threat: a registry, or whoever may write to it, serves another image, SBOM or provenance than
 * the one that was built.
 *
 * <p>Refused: signatures of other keys or about other images, what is not what was signed, keys of
 * other kinds than ECDSA P-256, private keys whose password is wrong.
 */
@NullMarked
package dev.countersign.image.sign;

import org.jspecify.annotations.NullMarked;
