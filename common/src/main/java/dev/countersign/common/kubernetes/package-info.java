/**
 * The Kubernetes releases that countersign supports, and how their versions compare.
 *
 * <p>{@code releases.yaml} beside this package is the one place that lists them, with the versions
 * of etcd, CoreDNS, pause and flannel that belong to each.
 *
 * <p><b>Refuses.</b> Versions that are no release ({@code v1.2}, {@code v1.2.0-rc.1}).
 *
 * <p><b>Does not belong here.</b> What differs between releases: flags and fields are the business
 * of who writes them.
 */
@NullMarked
package dev.countersign.common.kubernetes;

import org.jspecify.annotations.NullMarked;
