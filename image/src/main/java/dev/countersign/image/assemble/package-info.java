/**
 * From verified packages to layers: the file tree, what maintainer scripts would do, tar and gzip.
 *
 * <p>Threat: a build that depends on the machine, the clock or the locale, and archives with
 * hostile entries.
 *
 * <p>Refused: paths that leave the root, devices, file conflicts, libraries that cannot be found.
 */
@NullMarked
package dev.countersign.image.assemble;

import org.jspecify.annotations.NullMarked;
