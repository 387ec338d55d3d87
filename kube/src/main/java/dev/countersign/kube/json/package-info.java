/**
 * Reading and writing Kubernetes objects as JSON streams, keeping only the fields asked for.
 *
 * <p>Threat addressed: objects made large on purpose (annotations, images, managed fields) that
 * would fill the cache. What is not asked for is skipped without being turned into strings.
 *
 * <p>Refused: strings over 8 MiB, nesting deeper than 200, values of another type than expected.
 */
@NullMarked
package dev.countersign.kube.json;

import org.jspecify.annotations.NullMarked;
