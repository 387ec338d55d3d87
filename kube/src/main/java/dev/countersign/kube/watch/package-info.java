/**
 * Following a collection of Kubernetes objects: a paginated list, then a watch from where it ended,
 * for ever.
 *
 * <p>Threat addressed: events lost without notice. A watch that has gone silent is given up, one
 * the server no longer remembers (410) leads to a new list, and a failing server is asked again
 * with growing, jittered pauses.
 *
 * <p>Refused: nothing is kept here; the caller's {@link
 * dev.countersign.kube.watch.ResourceEventHandler} decides what stays in memory.
 */
@NullMarked
package dev.countersign.kube.watch;

import org.jspecify.annotations.NullMarked;
