/**
 * Operating systems of machines, one class and one directory of units each: {@code kubelet.service}
 * of a system is a resource beside its class that reads from top to bottom.
 *
 * <p><b>Does not belong here.</b> What a platform adds ({@link dev.countersign.render.platform})
 * and what all machines have ({@link dev.countersign.render.node}).
 */
@NullMarked
package dev.countersign.render.os;

import org.jspecify.annotations.NullMarked;
