/**
 * From rendered files to running processes: flags are taken from the static manifests and etcd's
 * environment file as they are, and only ports and directories are moved.
 *
 * <p><b>Threat.</b> A control plane for tests that is set up otherwise than the one that is
 * rendered, so that tests pass and clusters do not work.
 *
 * <p><b>Refuses.</b> A manifest without a command, and flags that name a host path which is mapped
 * nowhere.
 */
@NullMarked
package dev.countersign.testbed.cluster;

import org.jspecify.annotations.NullMarked;
