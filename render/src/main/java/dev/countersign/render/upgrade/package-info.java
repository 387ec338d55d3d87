/**
 * What another version of Kubernetes changes in a rendered cluster, and in which order an operator
 * brings it to the machines.
 *
 * <p><b>Refuses.</b> Nothing: a plan warns of a step that Kubernetes or etcd does not support.
 *
 * <p><b>Does not belong here.</b> Anything that changes a machine: nobody but its operator does.
 */
@NullMarked
package dev.countersign.render.upgrade;

import org.jspecify.annotations.NullMarked;
