/**
 * The one document an operator writes, {@code kind: ClusterSpec}, and how it is read.
 *
 * <p><b>Threat.</b> A field with a typing error that is silently ignored and leaves a cluster with
 * a default nobody chose; a value that ends up in a unit file or a manifest and means more there
 * than it said.
 *
 * <p><b>Refuses.</b> Unknown and duplicate fields, anchors and tags, values outside a closed form.
 * Every problem is reported at once, with its line, path, what was found and what must be there.
 */
@NullMarked
package dev.countersign.render.spec;

import org.jspecify.annotations.NullMarked;
