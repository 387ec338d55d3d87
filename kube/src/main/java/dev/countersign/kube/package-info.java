/** The thin Kubernetes API client of the hot path. */
@NullMarked
package dev.countersign.kube;

import org.jspecify.annotations.NullMarked;
