/**
 * Where real Kubernetes comes from: the programs of a control plane, found, downloaded or built.
 *
 * <p>The order: {@code KUBEBUILDER_ASSETS}; what an earlier run left in the user's cache directory;
 * a checksummed download of upstream's release; a build of the Go modules that travel in this jar,
 * one for each release. The first that has every needed program is taken, and why the others were
 * not is told. Where downloads are off and there is Go, an earlier download is passed over: it
 * lacks our own programs.
 *
 * <p><b>Threat.</b> A program that is not what its name says: a download cut short or changed on
 * its way, a build interrupted half-way, a cache directory that someone else may write.
 *
 * <p><b>Refuses.</b> A download whose checksum differs from the one published beside it; a cache
 * entry that was not completed (entries appear by one rename); to build in two processes at once.
 */
@NullMarked
package dev.countersign.testbed.binaries;

import org.jspecify.annotations.NullMarked;
