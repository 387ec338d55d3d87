/** Tests of the approver's manifests. */
@NullMarked
package dev.countersign.render.approver;

import org.jspecify.annotations.NullMarked;
